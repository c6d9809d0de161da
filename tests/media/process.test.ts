import { describe, expect, test } from "vitest";
import { runProcess, streamProcess } from "../../src/media/process.ts";

const never = new AbortController().signal;
const node = (script: string): { command: string; args: string[] } => ({
  command: process.execPath,
  args: ["-e", script],
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function* chunks(...texts: string[]): AsyncGenerator<Uint8Array> {
  for (const piece of texts) {
    await Promise.resolve();
    yield Buffer.from(piece);
  }
}

describe("running a program", () => {
  test("feeds its input and collects its output", async () => {
    const { stdout } = await runProcess(
      { command: "tr", args: ["a-z", "A-Z"], input: chunks("xin ", "chao") },
      never,
    );
    expect(stdout.toString()).toBe("XIN CHAO");
  });

  test("a missing program is named, with the remedy", async () => {
    await expect(runProcess({ command: "no-such-program", args: [] }, never)).rejects.toMatchObject({
      kind: "unavailable",
      said: { vi: "Chưa cài chương trình no-such-program." },
    });
  });

  test("a failure carries the program's last words", async () => {
    const failing = runProcess(node("console.error('disk on fire'); process.exitCode = 3"), never);
    await expect(failing).rejects.toThrow(/code 3: disk on fire/);
  });

  test("a program that closes its input early is no failure by itself", async () => {
    async function* endless(): AsyncGenerator<Uint8Array> {
      for (;;) {
        await Promise.resolve();
        yield Buffer.alloc(65_536);
      }
    }
    const { stdout } = await runProcess({ command: "head", args: ["-c", "10"], input: endless() }, never);
    expect(stdout).toHaveLength(10);
  });

  test.each([
    [
      "abort",
      async (stream: AsyncGenerator<Uint8Array, void, void>, stop: AbortController) => {
        const more = stream.next();
        stop.abort(new Error("told to stop"));
        await expect(more).rejects.toThrow("told to stop");
      },
    ],
    [
      "the consumer leaving",
      async (stream: AsyncGenerator<Uint8Array, void, void>) => {
        await stream.return();
      },
    ],
  ])("a stubborn program is gone after %s", async (_name, leave) => {
    const stop = new AbortController();
    const stubborn = node(
      "process.on('SIGTERM', () => {}); console.log(process.pid); setInterval(() => {}, 1000)",
    );
    const stream = streamProcess(stubborn, stop.signal);
    const first = await stream.next();
    const pid = Number(Buffer.from(first.value ?? []).toString());
    expect(isAlive(pid)).toBe(true);
    await leave(stream, stop);
    expect(isAlive(pid)).toBe(false);
  });

  test("an input that gives nothing more does not keep a stopped program", async () => {
    async function* stuck(): AsyncGenerator<Uint8Array> {
      yield Buffer.from("first\n");
      await new Promise(() => undefined);
    }
    const stop = new AbortController();
    const stream = streamProcess({ command: "cat", args: [], input: stuck() }, stop.signal);
    expect((await stream.next()).value).toHaveLength(6);
    const more = stream.next();
    stop.abort(new Error("told to stop"));
    await expect(more).rejects.toThrow("told to stop");
  });

  test("an input that fails ends the program and is told", async () => {
    async function* failing(): AsyncGenerator<Uint8Array> {
      yield await Promise.resolve(Buffer.from("first\n"));
      throw new Error("the sender has gone");
    }
    await expect(runProcess({ command: "cat", args: [], input: failing() }, never)).rejects.toThrow(
      "the sender has gone",
    );
  });

  test("nothing is started when it was stopped before", async () => {
    const stop = new AbortController();
    stop.abort(new Error("too late"));
    await expect(runProcess(node(""), stop.signal)).rejects.toThrow("too late");
  });
});
