import { SECOND_MS } from "../../kernel/time.ts";
import { text, type Text } from "../../kernel/text.ts";

/** What is known of one speaker before an airing. */
export interface Readiness {
  readonly speaker: string;
  readonly name: string;
  readonly presence: "online" | "offline" | "unknown";
  /** Takes orders and keeps files; a radio box does not. */
  readonly keepsFiles: boolean;
  /** Files of the airing it says it lacks. */
  readonly missingFiles: number;
  readonly hasPlan: boolean;
  readonly clockOffsetMs: number | undefined;
}

type Repair = "prefetch" | "plan" | "time";

interface Problem {
  readonly speaker: string;
  readonly sentence: Text;
  /** What the hall does about it by itself. */
  readonly repair: Repair | undefined;
}

/** Speakers 100 m apart differ by 0.3 s anyway; a second is heard as an echo. */
const CLOCK_WITHIN_MS = SECOND_MS;

/** What would keep an airing from sounding on these speakers. Nothing: it is ready. */
export function problemsOf(speakers: readonly Readiness[]): Problem[] {
  return speakers.flatMap((speaker): Problem[] => {
    const problem = problemOf(speaker);
    return problem === undefined ? [] : [problem];
  });
}

function problemOf({
  speaker,
  name,
  presence,
  keepsFiles,
  missingFiles,
  hasPlan,
  clockOffsetMs,
}: Readiness): Problem | undefined {
  if (presence !== "online") {
    return {
      speaker,
      sentence: text(`${name} is not connected`, `${name} không kết nối`),
      repair: undefined,
    };
  }
  if (!keepsFiles) return undefined;
  if (missingFiles > 0) {
    return {
      speaker,
      sentence: text(
        `${name} still lacks ${missingFiles} audio files`,
        `${name} còn thiếu ${missingFiles} tệp âm thanh`,
      ),
      repair: "prefetch",
    };
  }
  if (!hasPlan) {
    return { speaker, sentence: text(`${name} has an old plan`, `${name} còn giữ lịch cũ`), repair: "plan" };
  }
  if (clockOffsetMs !== undefined && Math.abs(clockOffsetMs) > CLOCK_WITHIN_MS) {
    const seconds = Math.round(clockOffsetMs / SECOND_MS);
    return {
      speaker,
      sentence: text(
        `the clock of ${name} is off by ${seconds} s`,
        `đồng hồ của ${name} lệch ${seconds} giây`,
      ),
      repair: "time",
    };
  }
  return undefined;
}
