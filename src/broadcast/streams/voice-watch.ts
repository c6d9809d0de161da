import { SECOND_MS } from "../../kernel/time.ts";
import { FLOOR_DBFS, levelDbfs } from "./pcm.ts";

interface VoiceLimits {
  readonly silentAfterMs: number;
  readonly silentBelowDbfs: number;
  /** A line that gives nothing for this long is lost. */
  readonly gapMs: number;
}

type VoiceEvent =
  | { readonly type: "level"; readonly dbfs: number }
  | { readonly type: "silence"; readonly secondsLeft: number };

interface Heard {
  readonly pcm: Buffer;
  /** The line gave less than this. */
  readonly missing: boolean;
  readonly tickMs: number;
}

const LEVEL_EVERY_MS = 100;
const SILENCE_WARNING_SEC = 15;

/** Notices a voice that stays away and a line that gives nothing. */
export class VoiceWatch {
  private readonly limits: VoiceLimits;
  private silentMs = 0;
  private missingMs = 0;
  private sinceLevelMs = 0;
  private loudestDbfs = FLOOR_DBFS;

  constructor(limits: VoiceLimits) {
    this.limits = limits;
  }

  hear(
    { pcm, missing, tickMs }: Heard,
    tell: (event: VoiceEvent) => void,
  ): "line-lost" | "silent" | undefined {
    const { silentAfterMs, silentBelowDbfs, gapMs } = this.limits;
    const dbfs = levelDbfs(pcm);
    this.missingMs = missing ? this.missingMs + tickMs : 0;
    this.silentMs = dbfs < silentBelowDbfs ? this.silentMs + tickMs : 0;
    this.showLevel(dbfs, tickMs, tell);
    const leftMs = silentAfterMs - this.silentMs;
    if (leftMs > 0 && leftMs <= SILENCE_WARNING_SEC * SECOND_MS && leftMs % SECOND_MS === 0) {
      tell({ type: "silence", secondsLeft: leftMs / SECOND_MS });
    }
    if (this.missingMs > gapMs) return "line-lost";
    return leftMs <= 0 ? "silent" : undefined;
  }

  private showLevel(dbfs: number, tickMs: number, tell: (event: VoiceEvent) => void): void {
    this.loudestDbfs = Math.max(this.loudestDbfs, dbfs);
    this.sinceLevelMs += tickMs;
    if (this.sinceLevelMs < LEVEL_EVERY_MS) return;
    tell({ type: "level", dbfs: Math.round(this.loudestDbfs * 10) / 10 });
    this.sinceLevelMs = 0;
    this.loudestDbfs = FLOOR_DBFS;
  }
}
