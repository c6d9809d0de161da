import { expect, test } from "vitest";
import { synthesizeChime } from "../../src/media/chime.ts";
import { encodeLive } from "../../src/media/encode-live.ts";
import { pcmBytes } from "../../src/media/speech-pcm.ts";
import { findMediaTools } from "../../src/media/tools.ts";

const tools = findMediaTools();
const sound = pcmBytes(synthesizeChime("opening"));

interface Gate {
  readonly opened: Promise<void>;
  open(): void;
}

function gate(): Gate {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  return { opened: promise, open: () => resolve(undefined) };
}

/** Two seconds of sound, then nothing more until the gate opens. */
async function* microphone(until: Promise<void>): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < 88_200 * 2; at += 1_764) yield sound.subarray(at % 176_400, (at % 176_400) + 1_764);
  await until;
}

test.each([
  [64, 0x50],
  [32, 0x44],
])("sound comes out at %i kbit/s while the microphone is still open", async (kbps, header) => {
  const closing = gate();
  const order = { sampleRateHz: 44_100, channels: 1, kbps, input: microphone(closing.opened) } as const;
  let bytes = Buffer.alloc(0);
  for await (const chunk of encodeLive(tools, order, new AbortController().signal)) {
    bytes = Buffer.concat([bytes, chunk]);
    // Most of two seconds must have left before the input ends.
    if (bytes.length > (kbps * 1_000 * 1.5) / 8) closing.open();
  }
  expect(bytes[0]).toBe(0xff);
  expect((bytes[2] ?? 0) & 0xfc).toBe(header);
  expect((bytes.length * 8) / kbps).toBeGreaterThan(1_950);
});

test("ends with its signal", async () => {
  const stop = new AbortController();
  const order = { sampleRateHz: 44_100, channels: 1, kbps: 64, input: microphone(gate().opened) } as const;
  const encoding = encodeLive(tools, order, stop.signal);
  await encoding.next();
  stop.abort(new Error("closed"));
  await expect(
    (async () => {
      for await (const chunk of encoding) expect(chunk.length).toBeGreaterThan(0);
    })(),
  ).rejects.toThrow("closed");
});
