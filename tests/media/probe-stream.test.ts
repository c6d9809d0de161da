import { createServer, type AddressInfo } from "node:net";
import { once } from "node:events";
import { afterAll, beforeAll, expect, test } from "vitest";
import { probeStream } from "../../src/media/probe-stream.ts";
import { findMediaTools } from "../../src/media/tools.ts";
import { openRtspServer, type RtspServer } from "../support/rtsp-server.ts";

const never = new AbortController().signal;
const tools = findMediaTools();
let server: RtspServer;

beforeAll(async () => {
  server = await openRtspServer({ auth: "digest", password: "p@ss/w:ord é" });
}, 60_000);
afterAll(() => server[Symbol.asyncDispose]());

const look = (url: string, transport: "tcp" | "udp" = "tcp") => probeStream(tools, { url, transport }, never);

test.each(["tcp", "udp"] as const)(
  "a stream is what it is, over %s, with any password",
  async (transport) => {
    expect(await look(server.urlWithPassword("sub"), transport)).toEqual({
      ok: true,
      codec: "h264",
      widthPx: 640,
      heightPx: 360,
      fps: 10,
    });
  },
);

test("H.265 is told from H.264", async () => {
  expect(await look(server.urlWithPassword("h265"))).toMatchObject({ ok: true, codec: "h265", widthPx: 640 });
});

test.each<[string, () => string, string]>([
  ["a wrong password", () => server.url("sub").replace("://", "://admin:wrong@"), "wrong-password"],
  ["no password", () => server.url("sub"), "wrong-password"],
  ["a path that is not there", () => server.urlWithPassword("sub").replace("/sub", "/nowhere"), "not-found"],
  ["a port where nobody listens", () => "rtsp://127.0.0.1:9/x", "port-closed"],
])("%s is told apart", async (_name, url, trouble) => {
  expect(await look(url())).toMatchObject({ ok: false, trouble });
});

test("a peer that takes the connection and says nothing is silent, and the password is not told", async () => {
  const mute = createServer((socket) => socket.resume()).listen(0, "127.0.0.1");
  await once(mute, "listening");
  const { port } = mute.address() as AddressInfo;
  const seen = await look(`rtsp://admin:S3cret@127.0.0.1:${port}/x`);
  expect(seen).toMatchObject({ ok: false, trouble: "silent" });
  expect(JSON.stringify(seen)).not.toContain("S3cret");
  await new Promise((resolve) => mute.close(resolve));
});

test("a missing ffprobe is said", async () => {
  const gone = probeStream(
    { ffprobe: "/nowhere/ffprobe" },
    { url: "rtsp://127.0.0.1:9/x", transport: "tcp" },
    never,
  );
  await expect(gone).rejects.toMatchObject({ kind: "unavailable" });
});
