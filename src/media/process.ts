import { spawn, type ChildProcess, type ChildProcessByStdio } from "node:child_process";
import { once } from "node:events";
import { accessSync, constants } from "node:fs";
import type { Readable, Writable } from "node:stream";
import { isStopped } from "../kernel/clock.ts";
import { asError, Fault } from "../kernel/faults.ts";

export interface ProcessSpec {
  readonly command: string;
  readonly args: readonly string[];
  /** Fed to stdin as fast as the program takes it; without it stdin is closed. */
  readonly input?: AsyncIterable<Uint8Array>;
  readonly env?: Readonly<Record<string, string>>;
  /** Lines of stderr as they come (progress); the last of them explain a failure in any case. */
  readonly onStderr?: (line: string) => void;
}

interface Finished {
  readonly stdout: Buffer;
  readonly stderr: string;
}

/** SIGTERM first; a program that has not gone by then is killed. */
const KILL_AFTER_MS = 2_000;
const STDERR_KEPT_CHARS = 4_000;

/** Runs to the end and collects stdout. Throws a Fault when the program is missing or fails, with its last words. */
export async function runProcess(spec: ProcessSpec, signal: AbortSignal): Promise<Finished> {
  const chunks: Uint8Array[] = [];
  let stderr = "";
  const noting: ProcessSpec = {
    ...spec,
    onStderr: (line) => {
      stderr = (stderr + line + "\n").slice(-65_536);
      spec.onStderr?.(line);
    },
  };
  for await (const chunk of streamProcess(noting, signal)) chunks.push(chunk);
  return { stdout: Buffer.concat(chunks), stderr };
}

/**
 * Yields stdout as it comes. However the consumer leaves (end, break, throw, abort), the program is gone when the
 * generator has ended. The only place of the house that starts programs.
 */
export async function* streamProcess(
  spec: ProcessSpec,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array, void, void> {
  signal.throwIfAborted();
  const child = spawn(spec.command, spec.args, {
    stdio: ["pipe", "pipe", "pipe"],
    // Its own group: Ctrl-C in a terminal reaches us alone, and we end the program in order.
    detached: true,
    env: { ...process.env, ...spec.env },
  });
  const ended = endOf(child);
  const lastWords = collectStderr(child.stderr, spec.onStderr);
  const stop = (): void => terminate(child);
  signal.addEventListener("abort", stop, { once: true });
  let inputFailure: Error | undefined;
  const feeding = feed(child.stdin, spec.input, signal).catch((failure: unknown) => {
    inputFailure = asError(failure);
    terminate(child);
  });
  try {
    for await (const chunk of child.stdout) yield chunk as Uint8Array;
    const { code, killedBy, error } = await ended;
    await feeding;
    if (inputFailure !== undefined) throw inputFailure;
    if (error !== undefined) throw notStarted(spec.command, error);
    if (code !== 0) {
      throw new Fault(
        "corrupt",
        `${spec.command} ended with ${killedBy ?? `code ${code ?? -1}`}: ${lastWords()}`,
      );
    }
    signal.throwIfAborted();
  } catch (failure) {
    // Ending the program makes its pipes fail in several ways; why it was ended is what counts.
    throw isStopped(signal) ? asError(signal.reason) : (inputFailure ?? failure);
  } finally {
    signal.removeEventListener("abort", stop);
    terminate(child);
    await ended;
    await feeding;
  }
}

/** A program that runs for long and speaks on several pipes at once. */
export interface PipedSpec {
  readonly command: string;
  readonly args: readonly string[];
  /** One taker for each of fd 1, 2, 3 …; undefined closes that one. Each pipe is read at once: a full one stops the program. */
  readonly outputs: readonly (((bytes: Uint8Array) => void) | undefined)[];
  /** From the signal's SIGTERM to SIGKILL. */
  readonly graceMs: number;
  readonly onStart?: (pid: number) => void;
}

export interface PipedEnd {
  readonly code: number | null;
  readonly killedBy: string | null;
  /** Why it never ran. */
  readonly notStarted: Fault | undefined;
}

/**
 * Runs until the program ends or the signal ends it, and tells how; never throws. Where the system has setpriv(1) the
 * kernel kills the program when this process dies, however it dies.
 */
export async function runPiped(spec: PipedSpec, signal: AbortSignal): Promise<PipedEnd> {
  if (signal.aborted) return { code: null, killedBy: null, notStarted: undefined };
  const leash = findSetpriv();
  const [command, args] =
    leash === undefined
      ? [spec.command, spec.args]
      : [leash, ["--pdeathsig", "KILL", "--", spec.command, ...spec.args]];
  const child = spawn(command, args, {
    stdio: ["ignore", ...spec.outputs.map((take) => (take === undefined ? "ignore" : "pipe"))],
    detached: true,
  });
  const ended = endOf(child);
  spec.outputs.forEach((take, index) => {
    if (take !== undefined) child.stdio[index + 1]?.on("data", take);
  });
  if (child.pid !== undefined) spec.onStart?.(child.pid);
  const stop = (): void => void stopWithin(child, spec.graceMs);
  signal.addEventListener("abort", stop, { once: true });
  const { code, killedBy, error } = await ended;
  signal.removeEventListener("abort", stop);
  // setpriv, like a shell, ends with 127 when it can't find what it is to run.
  const missing = leash !== undefined && code === 127;
  const failure = missing ? Object.assign(new Error("not found"), { code: "ENOENT" }) : error;
  return {
    code,
    killedBy,
    notStarted: failure === undefined ? undefined : notStarted(spec.command, failure),
  };
}

let setpriv: string | undefined | null = null;

function findSetpriv(): string | undefined {
  if (setpriv !== null) return setpriv;
  setpriv = ["/usr/bin/setpriv", "/bin/setpriv"].find((file) => {
    try {
      accessSync(file, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
  return setpriv;
}

function notStarted(command: string, error: Error): Fault {
  const missing = "code" in error && error.code === "ENOENT";
  return new Fault(
    "unavailable",
    missing
      ? { en: `The program ${command} is not installed.`, vi: `Chưa cài chương trình ${command}.` }
      : {
          en: `The program ${command} can't be started: ${error.message}.`,
          vi: `Không chạy được chương trình ${command}: ${error.message}.`,
        },
    {
      cause: error,
      hint: {
        en: `Install it (apt-get install ${command.split("/").at(-1) ?? command}) or name it in the configuration (media section).`,
        vi: `Hãy cài đặt (apt-get install ${command.split("/").at(-1) ?? command}) hoặc khai báo trong cấu hình (mục media).`,
      },
    },
  );
}

type Child = ChildProcessByStdio<Writable, Readable, Readable>;
type AnyChild = Pick<ChildProcess, "pid" | "exitCode" | "signalCode" | "kill" | "once">;

interface End {
  readonly code: number | null;
  readonly killedBy: string | null;
  readonly error: Error | undefined;
}

function endOf(child: Pick<ChildProcess, "pid" | "once">): Promise<End> {
  return new Promise((resolve) => {
    let error: Error | undefined;
    child.once("error", (cause) => {
      error = cause;
      // A program that never started emits no 'close' on some platforms.
      if (child.pid === undefined) resolve({ code: null, killedBy: null, error });
    });
    child.once("close", (code, killedBy) => resolve({ code, killedBy, error }));
  });
}

function stopWithin(child: AnyChild, graceMs: number): boolean {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return false;
  child.kill("SIGTERM");
  const timer = setTimeout(() => child.kill("SIGKILL"), graceMs);
  child.once("close", () => clearTimeout(timer));
  return true;
}

function terminate(child: Child): void {
  if (!stopWithin(child, KILL_AFTER_MS)) return;
  // Nobody reads any more: without this a full pipe would keep the program from ending.
  child.stdout.destroy();
}

function collectStderr(stderr: Readable, onLine: ((line: string) => void) | undefined): () => string {
  let kept = "";
  let partial = "";
  stderr.setEncoding("utf8");
  stderr.on("data", (piece: string) => {
    kept = (kept + piece).slice(-STDERR_KEPT_CHARS);
    if (onLine === undefined) return;
    const lines = (partial + piece).split(/[\r\n]+/);
    partial = lines.pop() ?? "";
    lines.forEach(onLine);
  });
  stderr.on("end", () => {
    if (partial !== "" && onLine !== undefined) onLine(partial);
  });
  return () => kept.trim().split("\n").slice(-6).join(" | ");
}

/**
 * A program that closes its input early says so with its exit code; the broken pipe itself is no news. An input that
 * has nothing to give is not waited for once the program is gone.
 */
async function feed(
  stdin: Writable,
  input: AsyncIterable<Uint8Array> | undefined,
  signal: AbortSignal,
): Promise<void> {
  let open = true;
  stdin.on("error", () => {
    open = false;
  });
  const closed = new Promise<undefined>((resolve) => {
    stdin.once("close", () => {
      open = false;
      resolve(undefined);
    });
  });
  const stillOpen = (): boolean => open && !isStopped(signal);
  const pieces = input?.[Symbol.asyncIterator]();
  try {
    while (pieces !== undefined && stillOpen()) {
      const next = await Promise.race([pieces.next(), closed]);
      if (next === undefined || next.done === true) break;
      if (stillOpen() && !stdin.write(next.value)) {
        await Promise.race([once(stdin, "drain"), closed]).catch(() => undefined);
      }
    }
  } finally {
    stdin.end();
    // Not awaited: a generator that waits for its next piece returns when that comes, which may be never.
    void pieces?.return?.().catch(() => undefined);
  }
}
