import "reflect-metadata";
import { webcrypto } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as x509 from "@peculiar/x509";
import { runProcess } from "../../../src/media/process.ts";
import { findMediaTools } from "../../../src/media/tools.ts";
import { openAudioServer, type AudioServer } from "../../../src/broadcast/streams/audio-server.ts";
import type { RadioBox } from "../../../src/broadcast/streams/box-feeds.ts";
import type { Streams } from "../../../src/broadcast/streams/streams.ts";
import { systemClock } from "../../../src/kernel/clock.ts";
import { RecordingLog } from "../../support/recording-log.ts";

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

/** MP3 as the library keeps it: a tone that rises from `hz`, so that no two places in it are alike. */
export async function toneMp3(order: { hz: number; durationMs: number; kbps?: number }): Promise<Buffer> {
  const { hz, durationMs, kbps = 64 } = order;
  const rate = kbps >= 64 ? 44_100 : 24_000;
  const source = `aevalsrc=0.5*sin(2*PI*(${hz}*t+20*t*t)):s=${rate}:d=${durationMs / 1_000}`;
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

/** A plain player: asks once, keeps all that comes. */
export class Player implements Disposable {
  readonly socket: Socket;
  private received = Buffer.alloc(0);
  private readonly pieces: Buffer[] = [];
  closed = false;

  constructor(port: number, path: string, headers: Readonly<Record<string, string>> = {}) {
    this.socket = connect(port, "127.0.0.1");
    this.socket.on("data", (piece) => this.pieces.push(piece as Buffer));
    this.socket.on("error", () => this.socket.destroy());
    this.socket.on("close", () => (this.closed = true));
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
    this.socket.write(`GET ${path} HTTP/1.0\r\n${lines.join("")}\r\n`);
  }

  get all(): Buffer {
    this.received = Buffer.concat([this.received, ...this.pieces.splice(0)]);
    return this.received;
  }

  get head(): string {
    return this.all.toString("utf8", 0, this.all.indexOf("\r\n\r\n") + 4);
  }

  get body(): Buffer {
    const at = this.all.indexOf("\r\n\r\n");
    return at === -1 ? Buffer.alloc(0) : this.all.subarray(at + 4);
  }

  [Symbol.dispose](): void {
    this.socket.destroy();
  }
}

export interface Hall extends AsyncDisposable {
  readonly server: AudioServer;
  readonly streams: Streams;
  readonly certPem: string;
  readonly tlsUrl: string;
  readonly plainPort: number;
  readonly boxes: RadioBox[];
  readonly files: Map<string, string>;
  readonly reports: string[];
}

/** A running audio server. Speaker `loa-1` has the secret `s3cret`. */
export async function openHall(more: Partial<Parameters<typeof openAudioServer>[0]> = {}): Promise<Hall> {
  const certificate = await selfSigned();
  const boxes: RadioBox[] = [];
  const files = new Map<string, string>();
  const reports: string[] = [];
  const server = await openAudioServer(
    { host: "127.0.0.1", tlsPort: 0, plainPort: 0, certificate, ...more },
    {
      clock: systemClock,
      log: new RecordingLog(),
      authenticate: (id, secret) => id.startsWith("loa-") && secret === "s3cret",
      pathOf: (sha256) => files.get(sha256),
      boxes: () => boxes,
      reportBox: (speaker, { connected }) => reports.push(`${speaker} ${connected ? "here" : "gone"}`),
    },
  );
  const stopping = new AbortController();
  const running = server.run(stopping.signal);
  return {
    server,
    streams: server.streams,
    certPem: certificate.certPem,
    tlsUrl: `https://127.0.0.1:${server.tlsPort}`,
    plainPort: server.plainPort ?? 0,
    boxes,
    files,
    reports,
    async [Symbol.asyncDispose]() {
      stopping.abort();
      await running;
      await server[Symbol.asyncDispose]();
    },
  };
}
