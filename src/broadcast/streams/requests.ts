import { createHash, timingSafeEqual } from "node:crypto";
import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { sendAudioFile, type AudioFilePlace } from "./audio-files.ts";
import type { RadioBox } from "./box-feeds.ts";
import { META_EVERY_BYTES, streamHead } from "./icy.ts";
import { Listener } from "./listener.ts";
import { REFUSAL, refuse } from "./refusals.ts";
import type { Streams } from "./streams.ts";

export interface BoxReport {
  readonly connected: boolean;
  readonly address: string;
  /** On this connection, acknowledged or underway. */
  readonly deliveredBytes: number;
}

export interface RequestParts {
  readonly streams: Streams;
  /** Whether this is the secret of that native speaker. */
  readonly authenticate: (id: string, secret: string) => boolean | Promise<boolean>;
  /** Where the library keeps an audio file. */
  readonly pathOf: (sha256: string) => string | undefined;
  /** The radio boxes of the registry, as they are now. */
  readonly boxes: () => readonly RadioBox[];
  /** A radio box came, went, or is still there (every 15 s). */
  readonly reportBox: (speaker: string, report: BoxReport) => void;
  /** Something that should not happen did: the server's `run` ends with it. */
  readonly fail: (error: unknown) => void;
  /** More connections are open than may be. */
  readonly isFull: () => boolean;
}

interface Asked {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

type Handler = (asked: Asked) => Promise<void>;

/** A speaker resumes with one and prefetches with another; more is a fault of its program. */
const DOWNLOADS_PER_SPEAKER = 4;

/** Connections whose answer is an endless stream. */
const streaming = new WeakSet<Socket>();

/** What native speakers may ask: files of the library and programmes on air. */
export function answerNatives(parts: RequestParts): RequestListener {
  const downloads = new Map<string, number>();
  return answering(parts, async (asked) => {
    const [place, name = ""] = pathParts(asked.request);
    if ((place !== "audio" && place !== "stream") || name === "") {
      refuse(asked.response, REFUSAL.noSuchPath);
      return;
    }
    const speaker = await whoAsks(asked.request, parts);
    if (speaker === undefined) refuse(asked.response, REFUSAL.credentials);
    else if (place === "stream") streamTo(speaker, name, asked, parts);
    else await download(speaker, placeOf(name, parts), asked, downloads);
  });
}

/** What radio boxes may ask: their own address, and nothing else. */
export function answerBoxes(parts: RequestParts): RequestListener {
  return answering(parts, (asked) => {
    const [place, token = ""] = pathParts(asked.request);
    if (place === "icy") playTo(boxWith(token, parts.boxes()), asked, parts);
    else refuse(asked.response, REFUSAL.noSuchPath);
    return Promise.resolve();
  });
}

/** What holds for every request, whoever asks. */
function answering(parts: RequestParts, handler: Handler): RequestListener {
  return (request, response) => {
    const { socket, headers, method } = request;
    if (streaming.has(socket)) {
      // A request behind an endless answer would be answered into the sound.
      socket.destroy();
    } else if (parts.isFull()) refuse(response, REFUSAL.full);
    else if (method !== "GET" && method !== "HEAD") refuse(response, REFUSAL.method);
    else if (Number(headers["content-length"] ?? 0) > 0 || headers["transfer-encoding"] !== undefined) {
      refuse(response, REFUSAL.body);
    } else {
      handler({ request, response }).catch((error: unknown) => {
        socket.destroy();
        parts.fail(error);
      });
    }
  };
}

async function whoAsks(request: IncomingMessage, parts: RequestParts): Promise<string | undefined> {
  const [, encoded = ""] =
    /^Basic ([A-Za-z0-9+/]{4,400}={0,2})$/i.exec(request.headers.authorization ?? "") ?? [];
  const credentials = Buffer.from(encoded, "base64").toString("utf8");
  const colon = credentials.indexOf(":");
  if (colon <= 0) return undefined;
  const id = credentials.slice(0, colon);
  return (await parts.authenticate(id, credentials.slice(colon + 1))) ? id : undefined;
}

function placeOf(sha256: string, parts: RequestParts): AudioFilePlace | undefined {
  const path = /^[0-9a-f]{64}$/.test(sha256) ? parts.pathOf(sha256) : undefined;
  return path === undefined ? undefined : { sha256, path };
}

async function download(
  speaker: string,
  file: AudioFilePlace | undefined,
  { request, response }: Asked,
  downloads: Map<string, number>,
): Promise<void> {
  const running = downloads.get(speaker) ?? 0;
  if (file === undefined) refuse(response, REFUSAL.noAudio);
  else if (running >= DOWNLOADS_PER_SPEAKER) refuse(response, REFUSAL.tooManyDownloads);
  else {
    downloads.set(speaker, running + 1);
    try {
      await sendAudioFile(request, response, file);
    } finally {
      const left = (downloads.get(speaker) ?? 1) - 1;
      if (left > 0) downloads.set(speaker, left);
      else downloads.delete(speaker);
    }
  }
}

function streamTo(speaker: string, id: string, asked: Asked, { streams }: RequestParts): void {
  const programme = streams.programme(id);
  if (programme === undefined) {
    refuse(asked.response, REFUSAL.noProgramme);
    return;
  }
  const { title: name, kbps } = programme;
  const listener = openStream(asked, { speaker, name, kbps, httpVersion: "1.0", icyMetadata: true });
  if (listener !== undefined) streams.connectNative(programme, listener);
}

function playTo(box: RadioBox | undefined, asked: Asked, { streams, reportBox }: RequestParts): void {
  if (box === undefined) {
    refuse(asked.response, REFUSAL.unknownBox);
    return;
  }
  const { speaker, name, format, httpVersion, icyMetadata } = box;
  if (!streams.feeds.wants(box)) {
    refuse(asked.response, REFUSAL.nothingNow);
    return;
  }
  const listener = openStream(asked, { speaker, name, kbps: format.kbps, httpVersion, icyMetadata });
  if (listener === undefined) return;
  streams.connectBox(box, listener);
  const { socket } = listener;
  const address = socket.remoteAddress ?? "";
  reportBox(speaker, { connected: true, address, deliveredBytes: socket.bytesWritten });
  socket.once("close", () => {
    const replaced = streams.feeds.isConnected(speaker);
    if (!replaced) reportBox(speaker, { connected: false, address, deliveredBytes: socket.bytesWritten });
  });
}

interface StreamOrder {
  readonly speaker: string;
  readonly name: string;
  readonly kbps: number;
  readonly httpVersion: "1.0" | "1.1";
  readonly icyMetadata: boolean;
}

/** Sends the head and takes the connection over from the HTTP server; undefined when only the head was asked for. */
function openStream({ request }: Asked, order: StreamOrder): Listener | undefined {
  const { socket, headers, method } = request;
  const wantsMeta = headers["icy-metadata"] === "1" && order.icyMetadata;
  const metaEveryBytes = wantsMeta ? META_EVERY_BYTES : undefined;
  streaming.add(socket);
  socket.setNoDelay(true);
  socket.setTimeout(0);
  socket.write(streamHead({ ...order, metaEveryBytes }));
  if (method !== "HEAD") return new Listener({ speaker: order.speaker, socket, wantsMeta });
  socket.end();
  return undefined;
}

/** Compares with every box, in time that tells nothing of how much of a token was right. */
function boxWith(token: string, boxes: readonly RadioBox[]): RadioBox | undefined {
  const asked = digest(token);
  let found: RadioBox | undefined;
  for (const box of boxes) if (timingSafeEqual(ownDigest(box.streamToken), asked)) found = box;
  return found;
}

/** A thousand boxes that all come back after a power cut would be a million hashes. */
const ownDigests = new Map<string, Buffer>();
const KEPT_DIGESTS = 5_000;

function ownDigest(token: string): Buffer {
  const known = ownDigests.get(token);
  if (known !== undefined) return known;
  if (ownDigests.size >= KEPT_DIGESTS) ownDigests.clear();
  const fresh = digest(token);
  ownDigests.set(token, fresh);
  return fresh;
}

function digest(token: string): Buffer {
  return createHash("sha256").update(token).digest();
}

/** `/a/b?c` is a and b; anything longer or stranger is no address of ours. */
function pathParts(request: IncomingMessage): string[] {
  const [path = ""] = (request.url ?? "").split("?");
  return /^(?:\/[A-Za-z0-9._-]{1,128}){1,2}$/.test(path) ? path.slice(1).split("/") : [];
}
