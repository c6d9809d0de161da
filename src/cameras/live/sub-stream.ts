import { isStopped, type Clock } from "../../kernel/clock.ts";
import type { Log } from "../../kernel/log.ts";
import { backoffMs } from "../../kernel/supervise.ts";
import { MINUTE_MS, SECOND_MS } from "../../kernel/time.ts";
import { isWrongTag, type capture, type CaptureSpec } from "../../media/capture.ts";
import type { LiveSink } from "../recordings.ts";

interface SubStreamParts {
  readonly clock: Clock;
  readonly log: Log;
  readonly random: () => number;
  readonly capture: typeof capture;
  readonly sink: LiveSink;
  /** Asked before each start; undefined: there is nothing to pull, or it may not be shown now. */
  readonly source: () => CaptureSpec | undefined;
}

/** A stream that is pulled only while somebody watches it, once however many watch. */
export interface SubStream extends AsyncDisposable {
  acquire(): Disposable;
  /** The address has changed, or it may no longer be shown: begins anew with what `source` says now. */
  restart(): void;
}

/** Somebody who turns a page comes back within this; a camera's session is dear. */
const LINGER_MS = 15 * SECOND_MS;
const FRAGMENT_MS = 250;
const BACKOFF = { firstMs: SECOND_MS, longestMs: 15 * SECOND_MS, healthyAfterMs: MINUTE_MS };

export function openSubStream(parts: SubStreamParts): SubStream {
  const { clock } = parts;
  const stop = new AbortController();
  let users = 0;
  let turn = new AbortController();
  let pulling: { readonly end: AbortController; readonly done: Promise<void> } | undefined;
  let lingering = new AbortController();

  const start = (): void => {
    lingering.abort();
    if (pulling !== undefined || stop.signal.aborted) return;
    const end = new AbortController();
    const before = ending;
    const done = before.then(() =>
      keepPulling(
        parts,
        () => (turn = new AbortController()).signal,
        AbortSignal.any([end.signal, stop.signal]),
      ),
    );
    pulling = { end, done };
  };
  /** The last one has to be gone before the next begins: one session with the camera, never two. */
  let ending = Promise.resolve();
  const linger = async (): Promise<void> => {
    const waiting = (lingering = new AbortController());
    if (!(await clock.sleep(LINGER_MS, waiting.signal)) || users > 0 || pulling === undefined) return;
    pulling.end.abort();
    ending = pulling.done;
    pulling = undefined;
  };
  return {
    acquire: () => {
      users += 1;
      start();
      let released = false;
      return {
        [Symbol.dispose]: () => {
          if (released) return;
          released = true;
          users -= 1;
          if (users === 0) void linger();
        },
      };
    },
    restart: () => turn.abort(),
    [Symbol.asyncDispose]: async () => {
      stop.abort();
      lingering.abort();
      await Promise.all([ending, pulling?.done]);
    },
  };
}

async function keepPulling(
  { clock, log, random, capture, sink, source }: SubStreamParts,
  newTurn: () => AbortSignal,
  signal: AbortSignal,
): Promise<void> {
  let failures = 0;
  let isPlainTag = false;
  while (!isStopped(signal)) {
    const spec = source();
    if (spec === undefined) {
      failures = 0;
      await clock.sleep(SECOND_MS, signal);
      continue;
    }
    const turn = newTurn();
    const startedAt = clock.uptime();
    sink.begin();
    const { code, lastLines } = await capture(
      { ...spec, ...(isPlainTag && { codec: "other" as const }), live: { fragmentMs: FRAGMENT_MS } },
      { onLive: (bytes) => sink.push(bytes) },
      AbortSignal.any([signal, turn]),
    );
    sink.end();
    if (turn.aborted || isStopped(signal)) continue;
    isPlainTag ||= isWrongTag(lastLines);
    if (clock.uptime() - startedAt >= BACKOFF.healthyAfterMs) failures = 0;
    if (failures === 0) log.info({ code, words: lastLines.slice(-3) }, "second stream ended; trying again");
    await clock.sleep(backoffMs(failures, BACKOFF, random()), signal);
    failures += 1;
  }
}
