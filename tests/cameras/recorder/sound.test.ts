import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { composePackage } from "../../../src/cameras/evidence/package.ts";
import { runProcess } from "../../../src/media/process.ts";
import { openRtspServer, type RtspServer } from "../../support/rtsp-server.ts";
import { until } from "../../support/until.ts";
import { openEvidenceHouse } from "../evidence/evidence-house.ts";
import { cameraAt, GATE, openDesk, segmentsOf } from "./support.ts";

const PATIENTLY = { patienceMs: 120_000, everyMs: 50 };
const LONG = { timeout: 180_000 };

let server: RtspServer;

beforeAll(async () => {
  server = await openRtspServer();
});

afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

/** `video h264` and so on, by an independent reader. */
async function streamsOf(file: string): Promise<string[]> {
  const { stdout } = await runProcess(
    {
      command: "ffprobe",
      args: ["-v", "error", "-show_entries", "stream=codec_type,codec_name", "-of", "csv=p=0", file],
    },
    AbortSignal.timeout(60_000),
  );
  return stdout
    .toString("utf8")
    .trim()
    .split("\n")
    .map((line) => line.split(",").reverse().join(" "))
    .sort();
}

interface Listened extends AsyncDisposable {
  readonly url: string;
  /** Tracks that were set up, by the last part of their address, in order of their names. */
  tracks(): readonly string[];
}

/** Stands between a client and the server and notes what the client asks for. */
async function listenIn(mount: "voice"): Promise<Listened> {
  const tracks = new Set<string>();
  const lines: Socket[] = [];
  const proxy = createServer((client) => {
    const beyond = connect(server.port, "127.0.0.1");
    lines.push(client, beyond);
    client.on("data", (bytes: Buffer) => {
      for (const [, track = ""] of bytes.toString("latin1").matchAll(/SETUP \S*\/(\S+) RTSP/g))
        tracks.add(track);
    });
    for (const line of [client, beyond]) line.on("error", () => line.destroy());
    client.pipe(beyond).pipe(client);
  });
  proxy.listen(0, "127.0.0.1");
  await once(proxy, "listening");
  return {
    url: `rtsp://127.0.0.1:${(proxy.address() as AddressInfo).port}/${mount}`,
    tracks: () => [...tracks].sort(),
    [Symbol.asyncDispose]: async () => {
      for (const line of lines) line.destroy();
      proxy.close();
      await once(proxy, "close");
    },
  };
}

test("without leave the sound is not even asked for, and no file has any", LONG, async () => {
  await using line = await listenIn("voice");
  await using desk = await openDesk({ cameras: [cameraAt(line.url, { audio: false })] });
  await until("a file", () => segmentsOf(desk).length >= 1, PATIENTLY);
  expect(line.tracks()).toEqual(["stream=0"]);
  for (const segment of segmentsOf(desk)) {
    expect(await streamsOf(desk.recorder.pathOf(segment))).toEqual(["video h264"]);
  }
});

test("with leave it is in the ring, in the clip and in the evidence package", LONG, async () => {
  using house = openEvidenceHouse();
  await using line = await listenIn("voice");
  await using desk = await openDesk({
    cameras: [cameraAt(line.url, { audio: true })],
    parts: { ledger: house.ledger },
  });
  await until("two files", () => segmentsOf(desk).length >= 2, PATIENTLY);
  expect(line.tracks()).toEqual(["stream=0", "stream=1"]);
  const [first, second] = segmentsOf(desk);
  if (first === undefined || second === undefined) throw new Error("nothing is recorded");
  const order = house.packageOrder(0, 0);
  const entries = await composePackage(
    { ...order, camera: { ...order.camera, id: GATE }, span: { from: first.startAt, to: second.startAt } },
    { ...house.packageParts, recordings: desk.recorder },
    AbortSignal.timeout(60_000),
  );
  const files = entries.flatMap(({ name, content }) => ("path" in content ? [{ name, ...content }] : []));
  expect(files.map(({ name }) => name.replace(/-.*/, ""))).toEqual(["clip.mp4", "segments/0001"]);
  for (const { path } of files) expect(await streamsOf(path)).toEqual(["audio aac", "video h264"]);
});
