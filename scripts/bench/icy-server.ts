/** Our audio server for the bench: as many radio boxes as asked, on one programme that comes on stdin. Prints its port. */
import { openAudioServer } from "../../src/broadcast/streams/audio-server.ts";
import type { RadioBox } from "../../src/broadcast/streams/box-feeds.ts";
import { systemClock } from "../../src/kernel/clock.ts";
import { openPinoLog } from "../../src/kernel/pino-log.ts";
import { selfSigned } from "../../tests/broadcast/streams/support.ts";

const [count = "1000", kind = "live"] = process.argv.slice(2);
const boxes = Array.from({ length: Number(count) }, (_, index): RadioBox => ({
  speaker: `box-${index}`,
  name: `Box ${index}`,
  streamToken: `token-${index}`,
  format: { kbps: 64, sampleRateHz: 44_100 },
  idle: "silence",
  httpVersion: "1.0",
  icyMetadata: true,
}));
const stopping = new AbortController();
await using server = await openAudioServer(
  { host: "127.0.0.1", tlsPort: 0, plainPort: 0, certificate: await selfSigned() },
  {
    clock: systemClock,
    log: openPinoLog("warn"),
    authenticate: () => false,
    pathOf: () => undefined,
    boxes: () => boxes,
    reportBox: () => undefined,
  },
);
const running = server.run(stopping.signal);
const programme = server.streams.open({ airing: "bench", title: "Bench", kbps: 64, live: kind === "live" });
for (const { speaker } of boxes) server.streams.assignBox(speaker, programme);
process.once("SIGTERM", () => stopping.abort());
process.stdin.on("data", (piece: Buffer) => programme.push(piece));
process.stdin.on("end", () => stopping.abort());
console.log(server.plainPort);
await running;
process.stdin.destroy();
