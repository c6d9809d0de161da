import type { EpochMs } from "../kernel/time.ts";
import type { Ingested } from "../media/ingest.ts";
import type { AudioFile } from "../speakers/protocol.ts";
import type { Audio } from "./library-store.ts";

interface AudioDraft {
  readonly id: string;
  readonly createdAt: EpochMs;
  readonly described: Pick<Audio, "name" | "origin" | "by" | "speech">;
  readonly ingested: Ingested;
  /** Where the ingested files are now, canonical first. */
  readonly files: readonly AudioFile[];
}

/** The row of what was ingested and kept. */
export function audioOf({ id, createdAt, described, ingested, files }: AudioDraft): Audio {
  const [canonical] = files;
  if (canonical === undefined) throw new Error("an audio needs a file");
  const { before, after } = ingested;
  return {
    ...described,
    id,
    createdAt,
    durationMs: ingested.durationMs,
    sha256: canonical.sha256,
    files,
    loudness: {
      beforeLufs: before.integratedLufs,
      beforePeakDbtp: before.peakDbtp,
      afterLufs: after.integratedLufs,
      afterPeakDbtp: after.peakDbtp,
    },
    trimmedHeadMs: ingested.trimmedHeadMs,
    trimmedTailMs: ingested.trimmedTailMs,
  };
}
