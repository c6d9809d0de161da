import { isStopped, type Clock } from "../kernel/clock.ts";
import { DAY_MS, MINUTE_MS, type UptimeMs } from "../kernel/time.ts";
import type { SpeakerLink } from "../speakers/link.ts";
import type { AudioPart, HamletId, SpeakerId } from "../speakers/protocol.ts";
import { covering } from "./playout-orders.ts";

interface ReadySoundsParts {
  readonly link: Pick<SpeakerLink, "send">;
  readonly speakers: () => readonly { readonly id: SpeakerId; readonly hamlet: HamletId }[];
  readonly sounds: readonly AudioPart[];
  readonly clock: Clock;
}

/**
 * Every speaker holds the chimes before anyone needs them: an emergency begins with one and can't wait for a download.
 * New speakers are told within a minute, all of them again each day.
 */
export async function keepSoundsReady(
  { link, speakers, sounds, clock }: ReadySoundsParts,
  signal: AbortSignal,
): Promise<void> {
  const toldAt = new Map<SpeakerId, UptimeMs>();
  while (!isStopped(signal)) {
    const now = clock.uptime();
    const known = speakers();
    const due = known.filter(({ id }) => now - (toldAt.get(id) ?? -DAY_MS) >= DAY_MS).map(({ id }) => id);
    for (const target of due.length === 0 ? [] : covering(due, known)) {
      link.send(target, { kind: "prefetch", parts: [...sounds] }, { ttlMs: DAY_MS });
    }
    for (const id of due) toldAt.set(id, now);
    await clock.sleep(MINUTE_MS, signal);
  }
}
