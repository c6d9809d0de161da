import "reflect-metadata";
import { webcrypto } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as x509 from "@peculiar/x509";
import { runProcess } from "../../../src/media/process.ts";
import { findMediaTools } from "../../../src/media/tools.ts";
import type { RadioBox } from "../../../src/broadcast/streams/box-feeds.ts";

export const tools = findMediaTools();
export const never = new AbortController().signal;

/** A throwaway certificate for localhost and 127.0.0.1. */
export async function selfSigned(): Promise<{ certPem: string; keyPem: string }> {
  const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: "CN=localhost",
    keys,
    signingAlgorithm: algorithm,
    extensions: [
      new x509.SubjectAlternativeNameExtension([
        { type: "dns", value: "localhost" },
        { type: "ip", value: "127.0.0.1" },
      ]),
    ],
  });
  const der = Buffer.from(await webcrypto.subtle.exportKey("pkcs8", keys.privateKey));
  return { certPem: certificate.toString("pem"), keyPem: x509.PemConverter.encode(der, "PRIVATE KEY") };
}

/** MP3 as the library keeps it: a tone, or with 0 Hz silence. */
export async function toneMp3(order: { hz: number; durationMs: number; kbps?: number }): Promise<Buffer> {
  const { hz, durationMs, kbps = 64 } = order;
  const rate = kbps >= 64 ? 44_100 : 24_000;
  const source = `aevalsrc=0.5*sin(2*PI*${hz}*t):s=${rate}:d=${durationMs / 1_000}`;
  const encode = [
    "-c:a",
    "libmp3lame",
    "-b:a",
    `${kbps}k`,
    "-reservoir",
    "0",
    "-write_xing",
    "0",
    "-id3v2_version",
    "0",
  ];
  const args = [
    "-hide_banner",
    "-loglevel",
    "error",
    "-f",
    "lavfi",
    "-i",
    source,
    ...encode,
    "-f",
    "mp3",
    "pipe:1",
  ];
  return (await runProcess({ command: tools.ffmpeg, args }, never)).stdout;
}

/** What a decoder makes of it; fails when it finds anything to complain about. */
export async function decoded(mp3: Uint8Array, rateHz = 44_100): Promise<Int16Array> {
  async function* input(): AsyncGenerator<Uint8Array> {
    yield await Promise.resolve(mp3);
  }
  const args = [
    "-hide_banner",
    "-loglevel",
    "error",
    "-xerror",
    "-f",
    "mp3",
    "-i",
    "pipe:0",
    "-ar",
    `${rateHz}`,
  ];
  const { stdout, stderr } = await runProcess(
    { command: tools.ffmpeg, args: [...args, "-ac", "1", "-f", "s16le", "pipe:1"], input: input() },
    never,
  );
  if (stderr.trim() !== "") throw new Error(`the decoder complains: ${stderr}`);
  return new Int16Array(
    stdout.buffer.slice(stdout.byteOffset, stdout.byteOffset + stdout.length - (stdout.length % 2)),
  );
}

export function loudest(samples: Int16Array): number {
  return samples.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);
}

export async function tempDir(): Promise<AsyncDisposable & { path: string }> {
  const path = await mkdtemp(join(tmpdir(), "tienglang-streams-"));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

export function box(speaker: string, more: Partial<RadioBox> = {}): RadioBox {
  return {
    speaker,
    name: `Loa ${speaker}`,
    streamToken: `token-of-${speaker}`,
    format: { kbps: 64, sampleRateHz: 44_100 },
    idle: "silence",
    httpVersion: "1.0",
    icyMetadata: true,
    ...more,
  };
}

/** Polls until true: for what another process or the kernel has to do first. */
export async function until(condition: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const deadlineAt = performance.now() + 20_000;
  while (!(await condition())) {
    if (performance.now() > deadlineAt) throw new Error(`did not happen in 20 s: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
