import { createServer } from "node:net";
import { expect, test } from "vitest";
import { answersRtsp, waitForCamera } from "../../../src/cameras/recorder/knock.ts";
import { FakeClock } from "../../support/fake-clock.ts";

const never = new AbortController().signal;

async function waited(answers: readonly boolean[]): Promise<number> {
  const clock = new FakeClock();
  const startedAt = clock.uptime();
  let asked = 0;
  let doneAt: number | undefined;
  const waiting = waitForCamera(
    30_000,
    { clock, answers: () => Promise.resolve(answers[Math.min(asked++, answers.length - 1)] ?? false) },
    never,
  ).then(() => {
    doneAt = clock.uptime();
  });
  for (let second = 0; second < 40 && doneAt === undefined; second += 1) await clock.advance(1_000);
  await waiting;
  return (doneAt ?? 0) - startedAt;
}

test.each([
  ["never answers: the whole wait", [false], 30_000],
  ["answers all along: it is not the network, so the whole wait", [true], 30_000],
  ["comes back: at once", [false, false, false, true], 6_000],
  ["goes and comes back", [true, false, true], 4_000],
])("a camera that %s", async (_name, answers, expected) => {
  expect(await waited(answers)).toBe(expected);
});

async function answering(reply: string | undefined): Promise<boolean> {
  const server = createServer((socket) => {
    socket.on("error", () => undefined);
    if (reply === undefined) socket.destroy();
    else socket.on("data", () => socket.end(reply));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" ? (address?.port ?? 0) : 0;
  try {
    return await answersRtsp(`rtsp://user:pass@127.0.0.1:${port}/x`, never);
  } finally {
    server.close();
  }
}

test.each([
  ["a camera", "RTSP/1.0 200 OK\r\n\r\n", true],
  ["a camera that wants a password for everything", "RTSP/1.0 401 Unauthorized\r\n\r\n", true],
  ["a web server", "HTTP/1.1 400 Bad Request\r\n\r\n", false],
  ["one that hangs up", undefined, false],
])("%s", async (_name, reply, expected) => expect(await answering(reply)).toBe(expected));

test("a closed port does not answer", async () => {
  expect(await answersRtsp("rtsp://127.0.0.1:1/x", never)).toBe(false);
});
