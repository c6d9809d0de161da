import { text, type Text } from "../../kernel/text.ts";
import { HOUR_MS, MINUTE_MS, SECOND_MS, type EpochMs } from "../../kernel/time.ts";
import type { Completeness, Gap, GapCause, RecordingState } from "./model.ts";
import { isIntended } from "./recording-watch.ts";

const CAUSE_WORDS: Record<GapCause, Text> = {
  "camera-offline": text("camera not connected", "mất kết nối"),
  credentials: text("the camera refuses the password", "camera từ chối mật khẩu"),
  "stream-gone": text("the stream is gone", "luồng hình không còn"),
  stalled: text("the picture stood still", "hình ngừng chuyển"),
  "controller-down": text("the controller was not running", "bộ điều khiển không chạy"),
  "disk-full": text("the disk was full", "ổ đĩa đầy"),
  "clock-step": text("the clock was set", "đồng hồ bị chỉnh"),
  "privacy-pause": text("paused for privacy", "tạm dừng vì riêng tư"),
  disabled: text("switched off", "đã tắt"),
  "stream-changed": text("the picture changed its form", "luồng hình thay đổi"),
  unknown: text("cause unknown", "chưa rõ nguyên nhân"),
};

/** Why a stretch is missing, in a few words. */
export function causeWords(cause: GapCause): Text {
  return CAUSE_WORDS[cause];
}

const STATE_WORDS: Record<RecordingState, Text> = {
  starting: text("Connecting", "Đang kết nối"),
  recording: text("Recording", "Đang ghi"),
  stalled: text("The picture stands still", "Hình ngừng chuyển"),
  offline: text("Not connected", "Mất kết nối"),
  "wrong-password": text("The camera refuses the password", "Camera từ chối mật khẩu"),
  "stream-gone": text("The stream is not there any more", "Luồng hình không còn"),
  "disk-full": text("Not recorded: the disk is full", "Không ghi được: ổ đĩa đầy"),
  paused: text("Paused for privacy", "Tạm dừng vì riêng tư"),
  disabled: text("Switched off", "Đã tắt"),
};

export function stateWords(state: RecordingState): Text {
  return STATE_WORDS[state];
}

/** “3 phút 04 giây”; the two largest units that say something. */
export function durationWords(ms: number): Text {
  const seconds = Math.round(ms / SECOND_MS) % 60;
  const wholeMs = Math.round(ms / SECOND_MS) * SECOND_MS;
  const hours = Math.floor(wholeMs / HOUR_MS);
  const minutes = Math.floor((wholeMs % HOUR_MS) / MINUTE_MS);
  const two = (count: number): string => String(count).padStart(2, "0");
  if (hours > 0) return text(`${hours} h ${two(minutes)} min`, `${hours} giờ ${two(minutes)} phút`);
  if (minutes > 0) return text(`${minutes} min ${two(seconds)} s`, `${minutes} phút ${two(seconds)} giây`);
  return text(`${seconds} s`, `${seconds} giây`);
}

/** Of 100, to a tenth; never rounded up to whole. Null when nothing was expected. */
export function percentOf({ recordedMs, expectedMs }: Completeness): number | null {
  if (expectedMs <= 0) return null;
  // A second of seams and rounding in a day is no gap.
  if (expectedMs - recordedMs < SECOND_MS) return 100;
  return Math.min(99.9, Math.round((recordedMs / expectedMs) * 1_000) / 10);
}

/** “99,8 %, 1 khoảng trống 3 phút 04 giây, mất kết nối”; several gaps name their causes by length. */
export function completenessWords(completeness: Completeness, now: EpochMs): Text {
  const { span, gaps, erased = [] } = completeness;
  const lengthOf = ({ from, to }: Gap): number =>
    Math.max(0, Math.min(to ?? now, span.to, now) - Math.max(from, span.from));
  const paused = gaps.filter(({ cause }) => isIntended(cause));
  const missing = gaps.filter(({ cause }) => !isIntended(cause));
  const en: string[] = [];
  const vi: string[] = [];
  const percent = percentOf(completeness);
  if (percent === null) {
    en.push("nothing to record");
    vi.push("không có giờ cần ghi");
  } else {
    en.push(`${percent} %`);
    vi.push(`${String(percent).replace(".", ",")} %`);
  }
  if (missing.length > 0) {
    const total = durationWords(missing.reduce((sum, gap) => sum + lengthOf(gap), 0));
    en.push(`${missing.length} ${missing.length === 1 ? "gap" : "gaps"} ${total.en}`);
    vi.push(`${missing.length} khoảng trống ${total.vi}`);
    for (const cause of causesByLength(missing, lengthOf)) {
      en.push(causeWords(cause).en);
      vi.push(causeWords(cause).vi);
    }
  }
  if (paused.length > 0) {
    const total = durationWords(paused.reduce((sum, gap) => sum + lengthOf(gap), 0));
    en.push(`not recorded on purpose ${total.en}`);
    vi.push(`chủ động không ghi ${total.vi}`);
  }
  if (erased.length > 0) {
    const total = durationWords(erased.reduce((sum, { from, to }) => sum + to - from, 0));
    en.push(`deleted on request ${total.en}`);
    vi.push(`đã xóa theo yêu cầu ${total.vi}`);
  }
  return text(en.join(", "), vi.join(", "));
}

const CAUSES_NAMED = 2;

function causesByLength(gaps: readonly Gap[], lengthOf: (gap: Gap) => number): readonly GapCause[] {
  const lengths = new Map<GapCause, number>();
  for (const gap of gaps) lengths.set(gap.cause, (lengths.get(gap.cause) ?? 0) + lengthOf(gap));
  return [...lengths]
    .sort((a, b) => b[1] - a[1])
    .slice(0, CAUSES_NAMED)
    .map(([cause]) => cause);
}
