import type { Log } from "../kernel/log.ts";
import type { Text } from "../kernel/text.ts";
import { MINUTE_MS, SECOND_MS, type EpochMs } from "../kernel/time.ts";
import type { SpeakerLink } from "../speakers/link.ts";
import type { AudioPart, SpeakerId } from "../speakers/protocol.ts";
import { spanOf, type Share } from "./rules/due.ts";
import { problemsOf } from "./rules/preflight.ts";

/** The newest check of one airing that is still to come. */
export interface Check {
  readonly airing: string;
  readonly minutesAhead: number;
  readonly checkedAt: EpochMs;
  readonly problems: readonly { readonly speaker: string; readonly sentence: Text }[];
}

export interface Preflight {
  /** Looks at every airing whose moment has come: 30, 10 and 2 minutes ahead, each once. */
  check(shares: ReadonlyMap<string, readonly Share[]>, now: EpochMs): void;
  checkOf(airing: string): Check | undefined;
}

interface PreflightParts {
  readonly link: Pick<SpeakerLink, "send" | "status">;
  readonly speakerOf: (id: SpeakerId) => { readonly name: string; readonly keepsFiles: boolean } | undefined;
  /** The files of an airing; empty for streams. */
  readonly partsOf: (airing: string) => readonly AudioPart[];
  readonly log: Log;
  readonly announce: (check: Check) => void;
}

const MOMENTS_MINUTES = [2, 10, 30];
/** What was put on the calendar just now is on its way to the speakers; it is looked at when it should have arrived. */
const ON_ITS_WAY_MS = 15 * SECOND_MS;

export function openPreflight(parts: PreflightParts): Preflight {
  const { link, log } = parts;
  const checks = new Map<string, Check>();
  const seenAt = new Map<string, EpochMs>();

  const check = (airing: string, minutesAhead: number, shares: readonly Share[], now: EpochMs): void => {
    const audio = parts.partsOf(airing);
    const shas = new Set(audio.flatMap(({ files }) => files.map(({ sha256 }) => sha256)));
    const readiness = shares.flatMap(({ speaker }) => {
      const known = parts.speakerOf(speaker as SpeakerId);
      if (known === undefined) return [];
      const { presence, state, planVersion, planVersionHeld } = link.status(speaker as SpeakerId);
      return {
        speaker,
        ...known,
        presence,
        missingFiles: state?.missing.filter((sha) => shas.has(sha)).length ?? 0,
        hasPlan: planVersionHeld === planVersion,
        clockOffsetMs: state?.clockOffsetMs,
      };
    });
    const problems = problemsOf(readiness);
    for (const { speaker, repair } of problems) {
      const to = { type: "speakers", speakers: [speaker as SpeakerId] } as const;
      const how = { ttlMs: minutesAhead * MINUTE_MS };
      if (repair === "prefetch") link.send(to, { kind: "prefetch", parts: [...audio] }, how);
      if (repair === "plan")
        link.send(to, { kind: "plan", version: link.status(speaker as SpeakerId).planVersion }, how);
      if (repair === "time") link.send(to, { kind: "time" }, how);
    }
    const result = { airing, minutesAhead, checkedAt: now, problems };
    checks.set(airing, result);
    if (problems.length > 0)
      log.warn({ airing, minutesAhead, speakers: problems.length }, "loudspeakers are not ready");
    parts.announce(result);
  };

  return {
    check: (shares, now) => {
      for (const id of seenAt.keys()) {
        if (shares.has(id)) continue;
        seenAt.delete(id);
        checks.delete(id);
      }
      for (const [airing, list] of shares) {
        const aheadMs = spanOf(list).at - now;
        if (aheadMs <= 0) {
          checks.delete(airing);
          continue;
        }
        const knownForMs = now - (seenAt.get(airing) ?? now);
        if (!seenAt.has(airing)) seenAt.set(airing, now);
        if (knownForMs < ON_ITS_WAY_MS) continue;
        const moment = MOMENTS_MINUTES.find((minutes) => aheadMs <= minutes * MINUTE_MS);
        if (moment !== undefined && checks.get(airing)?.minutesAhead !== moment)
          check(airing, moment, list, now);
      }
    },
    checkOf: (airing) => checks.get(airing),
  };
}
