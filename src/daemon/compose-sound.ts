import { createReadStream } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { openLiveDesk, type LiveDesk, type LiveEnd, type LiveOrder } from "../broadcast/live.ts";
import type { Library } from "../broadcast/library.ts";
import type { Playout } from "../broadcast/playout.ts";
import type { Relays } from "../broadcast/playout-orders.ts";
import { openRelays, RELAY_RATE_HZ } from "../broadcast/relay.ts";
import type { Zone } from "../broadcast/rules/model.ts";
import { reaches } from "../broadcast/rules/resolve.ts";
import type { Streams } from "../broadcast/streams/streams.ts";
import type { AiringStore } from "../broadcast/airings-store.ts";
import type { Clock } from "../kernel/clock.ts";
import type { Log } from "../kernel/log.ts";
import { MINUTE_MS } from "../kernel/time.ts";
import { synthesizeChime } from "../media/chime.ts";
import { decodeFile } from "../media/decode.ts";
import { encodeLive } from "../media/encode-live.ts";
import { pullAudio } from "../media/pull.ts";
import type { MediaTools } from "../media/tools.ts";
import type { Config } from "./config.ts";

interface SoundParts {
  readonly config: Config;
  readonly clock: Clock;
  readonly log: Log;
  readonly tools: MediaTools;
  readonly library: Library;
  readonly streams: () => Streams;
  readonly notify: (event: { readonly type: string; readonly [field: string]: unknown }) => void;
}

/** As recordings: a radio box that changes its sample rate within a stream may lose its place. */
const STREAM_KBPS = 64;

export function composeRelays({
  config,
  clock,
  log,
  tools,
  library,
  streams,
  notify,
}: SoundParts): Relays & AsyncDisposable {
  return openRelays({
    clock,
    log: log.child({ service: "relay" }),
    streams,
    pull: (address, signal) => pullAudio(tools, { address, sampleRateHz: RELAY_RATE_HZ }, signal),
    decode: (path, signal) => bytesOf(decodeFile(tools, path, 0, signal)),
    encode: (order, signal) => encodeLive(tools, { ...order, channels: 1 }, signal),
    chime: synthesizeChime("closing"),
    fileOf: (audioId) => {
      const file = library.get(audioId)?.files[0];
      return file && library.pathOf(file.sha256);
    },
    onStep: (step) => notify({ ...step, type: "relay" }),
    kbps: STREAM_KBPS,
    recordingsDir: join(config.dataDir, "relay"),
  });
}

interface LiveDeskParts extends SoundParts {
  readonly playout: Pick<Playout, "begin" | "end">;
  readonly airings: AiringStore;
  readonly zones: () => readonly Zone[];
}

export function composeLiveDesk(parts: LiveDeskParts): LiveDesk {
  const { config, clock, log, tools, streams, playout, airings, zones } = parts;
  return openLiveDesk({
    clock,
    log: log.child({ service: "live" }),
    streams: { open: (order) => streams().open(order) },
    encode: (order, signal) => encodeLive(tools, { ...order, channels: 1 }, signal),
    chime: synthesizeChime("opening"),
    begin: ({ airing, ...thing }) => {
      playout.begin({ ...thing, id: airing, kind: "live" });
      return {
        // A stop-all has ended it already.
        end: (reason) => {
          if (airings.get(airing)?.state === "airing")
            playout.end(airing, reason === "stopped" ? "stopped" : "itself");
        },
      };
    },
    reach: (targets) =>
      zones()
        .filter((zone) => reaches(targets, zone))
        .map(({ speaker }) => speaker),
    recordingsDir: join(config.dataDir, "live"),
    kbps: STREAM_KBPS,
    limits: { longestMs: config.broadcast.liveMinutes * MINUTE_MS },
  });
}

/** What was said live is kept in the library; too short to be kept is no loss, and said in the log of the session. */
export async function keepRecording(
  { order, end }: { order: LiveOrder; end: LiveEnd },
  library: Pick<Library, "addUpload">,
  signal: AbortSignal,
): Promise<void> {
  if (end.recording === undefined) return;
  const { path } = end.recording;
  await library.addUpload(createReadStream(path), { name: order.title, by: order.by }, { signal });
  await rm(path, { force: true });
}

async function* bytesOf(samples: AsyncIterable<Int16Array>): AsyncGenerator<Uint8Array, void, void> {
  for await (const { buffer, byteOffset, byteLength } of samples)
    yield new Uint8Array(buffer, byteOffset, byteLength);
}
