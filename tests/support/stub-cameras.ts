import { readFile } from "node:fs/promises";
import type { WebSocket } from "@fastify/websocket";
import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod";
import { z } from "zod";
import { retimeFragment } from "../../src/cameras/rules/mp4-fragment.ts";
import { readInit, type Mp4Init } from "../../src/cameras/rules/mp4-init.ts";
import { newMp4Splitter } from "../../src/cameras/rules/mp4.ts";
import { allow } from "../../src/identity/guard.ts";
import { Fault } from "../../src/kernel/faults.ts";
import { text } from "../../src/kernel/text.ts";
import type { MadeFiles } from "./made-files.ts";

/** A picture is a tenth of a second, a fragment half a second, a group of pictures one second. */
export const PICTURE_MS = 100;
const FRAGMENT_MS = 500;
const FRAGMENTS_PER_GROUP = 2;
const SECONDS = 24;
/** Each picture's number in eight columns, white for one, black for zero, lowest bit left. */
const NUMBERED = "geq=lum='if(mod(floor(N/pow(2,floor(X/40))),2),235,16)':cb=128:cr=128";

/** Real pictures, each with its number in it. */
export interface Footage {
  readonly init: Uint8Array;
  readonly facts: Mp4Init;
  readonly fragments: readonly Uint8Array[];
  /** The same as MPEG-1 in an MPEG transport stream. */
  readonly mpeg1: Uint8Array;
  readonly jpeg: Uint8Array;
}

export async function makeFootage(files: MadeFiles): Promise<Footage> {
  const source = ["-f", "lavfi", "-i", `color=black:s=320x180:r=10,${NUMBERED}`, "-t", String(SECONDS)];
  const mp4 = await files.make(
    "footage.mp4",
    ...[...source, "-pix_fmt", "yuv420p", "-c:v", "libx264", "-preset", "ultrafast", "-tune", "zerolatency"],
    ...["-g", "10", "-movflags", "+empty_moov+default_base_moof+frag_keyframe", "-frag_duration", "500000"],
  );
  const ts = await files.make(
    "footage.ts",
    ...[...source, "-c:v", "mpeg1video", "-r", "25", "-b:v", "400k", "-bf", "0", "-f", "mpegts"],
  );
  const jpeg = await files.make("footage.jpg", ...source, "-frames:v", "1");
  const [init, ...fragments] = newMp4Splitter()
    .push(await readFile(mp4))
    .map(({ bytes }) => bytes);
  const facts = init === undefined ? undefined : readInit(init);
  if (init === undefined || facts === undefined) throw new Error("ffmpeg made no init segment");
  return { init, facts, fragments, mpeg1: await readFile(ts), jpeg: await readFile(jpeg) };
}

interface Words {
  readonly vi: string;
  readonly en: string;
}

interface Run {
  readonly from: number;
  readonly to: number;
}

/** What one camera is and has. */
export interface StubCamera {
  readonly id: string;
  readonly name: string;
  state: "recording" | "offline" | "paused" | "wrong-password";
  said: Words;
  picture: { verdict: "ok" | "black" | "frozen"; since: number | null; said: Words };
  maySee: boolean;
  ptz: boolean;
  /** What the stream says it is; the bytes are H.264 whatever this says. */
  codec: string | undefined;
  /** Sent instead of pictures. */
  refusal: { kind: string; said: Words; hint: Words | null } | undefined;
  runs: Run[];
}

const RECORDING = { vi: "Đang ghi từ 08:00.", en: "Recording since 08:00." };

export function stubCamera(id: string, name: string, runs: Run[] = []): StubCamera {
  return {
    id,
    name,
    state: "recording",
    said: RECORDING,
    picture: { verdict: "ok", since: null, said: { vi: "Hình tốt.", en: "Good." } },
    maySee: true,
    ptz: false,
    codec: undefined,
    refusal: undefined,
    runs,
  };
}

interface StubClip {
  readonly id: string;
  readonly camera: string;
  readonly reason: string;
  readonly requested: Run;
  state: "waiting" | "making" | "ready" | "failed";
}

/** Stands in for the cameras' routes; the pictures are real. */
export interface StubCameras {
  readonly cameras: StubCamera[];
  readonly clips: StubClip[];
  readonly orders: { readonly url: string; readonly body: unknown }[];
  /** Live lines that are open now: camera, stream and kind. */
  readonly lines: () => readonly string[];
  /** When each picture of the live stream was sent, by its number; a number comes again after 24 s. */
  readonly sentAt: ReadonlyMap<number, number>;
  /** Breaks every live line. */
  dropLines(): void;
  /** Sends no picture any more, as a camera that is away. */
  away: boolean;
  readonly routes: FastifyPluginAsyncZod;
}

const GAP = { vi: "mất kết nối", en: "the camera was away" };

export function openStubCameras(footage: Footage): StubCameras {
  const { facts, fragments } = footage;
  const lines = new Map<WebSocket, string>();
  const sentAt = new Map<number, number>();
  const stub = {
    cameras: [] as StubCamera[],
    clips: [] as StubClip[],
    orders: [] as { url: string; body: unknown }[],
    lines: () => [...lines.values()],
    sentAt,
    away: false,
    dropLines: () => {
      for (const socket of lines.keys()) socket.terminate();
    },
  };
  const find = (id: string): StubCamera => {
    const camera = stub.cameras.find((each) => each.id === id);
    if (camera === undefined) throw new Error(`no such camera: ${id}`);
    return camera;
  };
  const fragmentAt = (n: number, atMs: number): Uint8Array => {
    const bytes = fragments[n % fragments.length];
    const moved = bytes && retimeFragment(bytes, facts, (track) => (atMs * track.timescale) / 1_000);
    if (moved === undefined) throw new Error("the footage can't be retimed");
    return moved;
  };
  const show = (socket: WebSocket, camera: StubCamera): void => {
    const { codec, refusal } = camera;
    if (refusal !== undefined) {
      socket.send(JSON.stringify({ type: "error", ...refusal }));
      socket.close(1008);
      return;
    }
    const { widthPx, heightPx } = facts.video;
    socket.send(JSON.stringify({ type: "init", codec: codec ?? facts.codecs, widthPx, heightPx }));
    socket.send(piece(1, footage.init));
    let n = 0;
    const send = (): void => {
      if (stub.away) return;
      const perFragment = FRAGMENT_MS / PICTURE_MS;
      const first = (n % fragments.length) * perFragment;
      for (let picture = 0; picture < perFragment; picture++) sentAt.set(first + picture, Date.now());
      socket.send(piece(n % FRAGMENTS_PER_GROUP === 0 ? 2 : 3, fragmentAt(n, n * FRAGMENT_MS)));
      n += 1;
    };
    // A joiner gets the running group of pictures at once.
    for (let early = 0; early < FRAGMENTS_PER_GROUP; early++) send();
    every(socket, FRAGMENT_MS, send);
  };
  const showMpeg1 = (socket: WebSocket): void => {
    const bytesPerSecond = Math.ceil(footage.mpeg1.length / SECONDS / 188) * 188;
    let offset = 0;
    every(socket, 1_000, () => {
      socket.send(footage.mpeg1.subarray(offset, offset + bytesPerSecond));
      offset = (offset + bytesPerSecond) % footage.mpeg1.length;
    });
  };

  const routes: FastifyPluginAsyncZod = (app) => {
    const one = z.object({ id: z.string() });
    const described = {
      preHandler: allow("officer", "leader", "technician", "viewer"),
      schema: {
        tags: ["test"],
        summary: "Stands in for the cameras",
        params: one.partial(),
        response: { 200: z.any() },
      },
    };
    app.get("/cameras", described, () => ({ cameras: stub.cameras.map(viewOf) }));
    app.get("/cameras/:id/live", { ...described, websocket: true }, (socket, request) => {
      const { stream, as } = request.query as { stream: string; as: string };
      const { id = "" } = request.params;
      lines.set(socket, `${id} ${stream} ${as}`);
      socket.on("close", () => lines.delete(socket));
      if (as === "mpeg1") showMpeg1(socket);
      else show(socket, find(id));
    });
    app.get("/cameras/:id/timeline", described, (request) => {
      const { runs } = find(request.params.id ?? "");
      return timelineOf(runs, facts.codecs, stub.clips);
    });
    app.get("/cameras/:id/playback", described, async (request, reply) => {
      const { from, to, origin } = request.query as { from: string; to: string; origin: string };
      const run = find(request.params.id ?? "").runs.find(
        (each) => Number(from) >= each.from - 1_000 && Number(from) < each.to,
      );
      if (run === undefined) throw new Fault("not-found", text("Nothing there.", "Không có hình."));
      const groupMs = FRAGMENTS_PER_GROUP * FRAGMENT_MS;
      const first = Math.floor(Math.max(0, Number(from) - run.from) / groupMs) * FRAGMENTS_PER_GROUP;
      const end = Math.min(Number(to), run.to);
      const parts: Uint8Array[] = [footage.init];
      for (let n = first; run.from + n * FRAGMENT_MS < end; n++) {
        parts.push(fragmentAt(n, run.from + n * FRAGMENT_MS - Number(origin)));
      }
      return reply.header("x-codec", facts.codecs).type("video/mp4").send(Buffer.concat(parts));
    });
    app.get("/cameras/:id/thumbnail", described, (_request, reply) =>
      reply.type("image/jpeg").send(Buffer.from(footage.jpeg)),
    );
    app.get("/cameras/:id/ptz/presets", described, () => ({ presets: [{ token: "1", name: "Quầy 1" }] }));
    app.post("/cameras/:id/ptz", described, (request) => {
      stub.orders.push({ url: request.url, body: request.body });
      return {};
    });
    app.post("/clips", described, (request) => {
      const body = request.body as { camera: string; reason: string; from?: number; to?: number };
      stub.orders.push({ url: request.url, body });
      const requested = { from: body.from ?? Date.now() - 300_000, to: body.to ?? Date.now() };
      const { camera, reason } = body;
      const clip: StubClip = { id: `c${stub.clips.length + 1}`, camera, reason, requested, state: "making" };
      stub.clips.push(clip);
      return clipView(clip);
    });
    app.get("/clips/:id", described, (request) => {
      const clip = stub.clips.find(({ id }) => id === request.params.id);
      if (clip === undefined) throw new Error("no such clip");
      return clipView(clip);
    });
    app.get("/clips/:id/video", described, (_request, reply) =>
      reply.type("video/mp4").send(Buffer.concat([footage.init, ...fragments])),
    );
    return Promise.resolve();
  };
  return Object.assign(stub, { routes });
}

/** The number that a picture's eight columns write, given each column's brightness. */
export function numberOf(columns: readonly number[]): number {
  return columns.reduce((sum, bright, bit) => sum + (bright > 128 ? 2 ** bit : 0), 0);
}

function piece(kind: 1 | 2 | 3, bytes: Uint8Array): Buffer {
  const head = Buffer.alloc(9);
  head.writeUInt8(kind, 0);
  head.writeDoubleBE(Date.now(), 1);
  return Buffer.concat([head, bytes]);
}

function every(socket: WebSocket, periodMs: number, work: () => void): void {
  const timer = setInterval(work, periodMs);
  socket.on("close", () => clearInterval(timer));
}

function viewOf({ id, name, state, said, picture, maySee, ptz }: StubCamera): object {
  return {
    id,
    name,
    place: "Bộ phận Một cửa",
    enabled: true,
    purpose: "Giữ trật tự nơi tiếp dân.",
    retentionDays: 15,
    pausedUntil: null,
    status: { state, since: 0, said, kbps: 400, fps: 10 },
    picture,
    today: { percent: 99.8, gaps: 1, said: { vi: "99,8 %, 1 khoảng trống 3 phút 04 giây", en: "99.8 %" } },
    maySee,
    ptz,
  };
}

function timelineOf(runs: readonly Run[], codec: string, clips: readonly StubClip[]): object {
  const gaps = runs.slice(1).map(({ from }, index) => ({
    from: runs[index]?.to ?? from,
    to: from,
    cause: "camera-offline",
    said: GAP,
  }));
  return {
    oldestAt: runs[0]?.from ?? null,
    runs: runs.map((run) => ({ ...run, codec })),
    gaps,
    erased: [],
    events: runs.map(({ from }, id) => ({
      id,
      at: from + 2_000,
      endAt: from + 4_000,
      kind: "motion",
      topic: "t",
    })),
    clips: clips.map(({ id, requested, reason, state }) => ({ id, ...requested, reason, state })),
    holds: runs.slice(0, 1).map(({ from }) => ({ from, to: from + 10_000, case: "12/2026" })),
  };
}

function clipView({ id, camera, reason, requested, state }: StubClip): object {
  return {
    id,
    camera,
    reason,
    requested,
    delivered: state === "ready" ? requested : null,
    state,
    failure: null,
  };
}
