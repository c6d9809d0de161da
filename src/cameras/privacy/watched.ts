import { setImmediate } from "node:timers/promises";
import { localZone } from "../../broadcast/rules/local-time.ts";
import type { Audit, AuditEntry } from "../../identity/audit.ts";
import { DAY_MS, type EpochMs } from "../../kernel/time.ts";
import type { CameraId, Span } from "../rules/model.ts";
import { watchedIn, type Watched } from "../rules/watched.ts";
import type { WatchLog } from "../watch-log.ts";

interface WatchedParts {
  readonly audit: Pick<Audit, "read">;
  readonly watchLog: Pick<WatchLog, "ongoing">;
  readonly timeZone: string;
}

/** Both ends of a long watch lie within this of what is asked for; it also bridges a stepped clock. */
const MARGIN_MS = DAY_MS;
const PAGE = 1_000;

/** Who looked at a camera in this time, newest first, as the audit trail has it. */
export async function whoWatched(
  camera: CameraId,
  span: Span,
  { audit, watchLog, timeZone }: WatchedParts,
): Promise<Watched[]> {
  const notes: AuditEntry[] = [];
  const since = span.from - MARGIN_MS;
  let beforeSeq = firstSeqFrom(audit, span.to + MARGIN_MS);
  for (;;) {
    const page = audit.read({ beforeSeq, limit: PAGE });
    const last = page.at(-1);
    if (last === undefined) break;
    notes.push(...page.filter(({ at }) => at >= since));
    if (last.at < since) break;
    beforeSeq = last.seq;
    // A month of a busy commune is many pages; requests in between must not wait for all of them.
    await setImmediate();
  }
  return watchedIn(notes.reverse(), {
    camera,
    span,
    ongoing: watchLog.ongoing(),
    zone: localZone(timeZone),
  });
}

/** The first number at or after the instant. Numbers have no holes, so the trail can be halved. */
function firstSeqFrom(audit: Pick<Audit, "read">, at: number): number {
  const newest = audit.read({ limit: 1 })[0];
  if (newest === undefined || newest.at < at) return Number.MAX_SAFE_INTEGER;
  let [low, high] = [1, newest.seq];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const found: EpochMs | undefined = audit.read({ beforeSeq: middle + 1, limit: 1 })[0]?.at;
    if (found !== undefined && found < at) low = middle + 1;
    else high = middle;
  }
  return low;
}
