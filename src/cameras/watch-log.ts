import { randomUUID } from "node:crypto";
import type { Actor } from "../identity/actor.ts";
import type { Audit } from "../identity/audit.ts";
import type { Clock } from "../kernel/clock.ts";
import { MINUTE_MS } from "../kernel/time.ts";
import type { CameraId, Span, StreamRole } from "./rules/model.ts";
import { covers, joined } from "./rules/spans.ts";

/** Writes into the audit trail who watched what, and for how long. Disposing ends what is still being watched. */
export interface WatchLog extends Disposable {
  /** Live watching begins; disposing what this returns notes its end with its seconds. */
  live(camera: CameraId, actor: Actor, stream: StreamRole): Disposable;
  /** Recordings of this span were handed to someone. Told for each piece; noted once in ten minutes. */
  playedBack(camera: CameraId, actor: Actor, span: Span): void;
  /** Marks of the live watches that go on. */
  ongoing(): ReadonlySet<string>;
}

/** A player asks for a few minutes at a time; one entry serves all it asks for in this time. */
export const PLAYBACK_WINDOW_MS = 10 * MINUTE_MS;
/** Pieces that a player fetched one after the other overlap or touch; what lies nearer than this was watched as one. */
const JOIN_WITHIN_MS = 2_000;

interface PlaybackWindow {
  readonly watch: string;
  readonly actor: Actor;
  readonly camera: CameraId;
  readonly noted: readonly Span[];
  seen: readonly Span[];
}

export function openWatchLog({ audit, clock }: { audit: Audit; clock: Clock }): WatchLog {
  const stop = new AbortController();
  const watching = new Map<string, () => void>();
  const windows = new Map<string, PlaybackWindow>();

  const note = (window: PlaybackWindow): void => {
    const { camera, actor, watch, seen } = window;
    const from = Math.min(...seen.map((span) => span.from));
    const to = Math.max(...seen.map((span) => span.to));
    audit.record({
      actor,
      action: "camera.playback",
      subject: camera,
      details: { watch, from, to, spans: seen },
    });
  };
  const close = (key: string, window: PlaybackWindow): void => {
    if (windows.get(key) !== window) return;
    windows.delete(key);
    // The first entry told of the first piece at once, so that a crash can't hide who looked.
    if (!covers(window.noted, window.seen)) note(window);
  };

  return {
    live: (camera, actor, stream) => {
      const watch = randomUUID();
      const startedAt = clock.uptime();
      audit.record({ actor, action: "camera.watch-start", subject: camera, details: { watch, stream } });
      const end = (): void => {
        if (!watching.delete(watch)) return;
        const seconds = Math.round((clock.uptime() - startedAt) / 1_000);
        audit.record({ actor, action: "camera.watch", subject: camera, details: { watch, stream, seconds } });
      };
      watching.set(watch, end);
      return { [Symbol.dispose]: end };
    },
    playedBack: (camera, actor, span) => {
      const key = `${actor.id}\n${camera}`;
      const open = windows.get(key);
      if (open !== undefined) {
        open.seen = joined([...open.seen, span], JOIN_WITHIN_MS);
        return;
      }
      const window: PlaybackWindow = { watch: randomUUID(), actor, camera, noted: [span], seen: [span] };
      windows.set(key, window);
      note(window);
      void clock.sleep(PLAYBACK_WINDOW_MS, stop.signal).then(() => close(key, window));
    },
    ongoing: () => new Set(watching.keys()),
    [Symbol.dispose]: () => {
      stop.abort();
      for (const end of [...watching.values()]) end();
      for (const [key, window] of [...windows]) close(key, window);
    },
  };
}
