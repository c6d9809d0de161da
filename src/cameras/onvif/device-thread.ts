import { Worker } from "node:worker_threads";
import { isStopped } from "../../kernel/clock.ts";
import { asError, Fault } from "../../kernel/faults.ts";
import type { Log } from "../../kernel/log.ts";
import { text } from "../../kernel/text.ts";
import { SECOND_MS } from "../../kernel/time.ts";
import type { Found, ProbeOrder, SoapOrder, SoapOutcome, ThreadAnswer, ThreadAsk } from "./messages.ts";

/** Speaks to devices in a thread of its own: none of them can end or block the daemon. */
export interface DeviceThread extends AsyncDisposable {
  /** Throws only the signal's reason; everything a camera can do is an outcome. */
  soap(order: SoapOrder, signal: AbortSignal): Promise<SoapOutcome>;
  /** Throws Fault("unavailable") when no socket can be opened. */
  probe(order: ProbeOrder, signal: AbortSignal): Promise<readonly Found[]>;
}

/** Past the thread's own deadline: it hangs, and is replaced. */
const PATIENCE_MS = 5 * SECOND_MS;
const HEAP_MB = 96;

type Settle = (answer: ThreadAnswer | undefined) => void;

export function openDeviceThread({ log }: { readonly log: Log }): DeviceThread {
  let worker: Worker | undefined;
  let lastId = 0;
  const waiting = new Map<number, Settle>();

  const drop = async (gone: Worker, why: string): Promise<void> => {
    if (worker !== gone) return;
    worker = undefined;
    log.warn({ why }, "camera thread ended; a new one starts with the next question");
    const settles = [...waiting.values()];
    waiting.clear();
    for (const settle of settles) settle(undefined);
    await gone.terminate();
  };
  const start = (): Worker => {
    const started = new Worker(new URL("./device-worker.ts", import.meta.url), {
      name: "cameras",
      resourceLimits: { maxOldGenerationSizeMb: HEAP_MB },
    });
    started.on("message", (answer: ThreadAnswer) => waiting.get(answer.id)?.(answer));
    started.on("error", (error) => void drop(started, asError(error).message));
    started.on("exit", (code) => void drop(started, `exit ${code}`));
    return started;
  };
  const ask = async (
    make: (id: number) => ThreadAsk,
    withinMs: number,
    signal: AbortSignal,
  ): Promise<ThreadAnswer | undefined> => {
    signal.throwIfAborted();
    const to = (worker ??= start());
    const id = (lastId += 1);
    const { promise, resolve } = Promise.withResolvers<ThreadAnswer | undefined>();
    waiting.set(id, resolve);
    const hanging = setTimeout(() => void drop(to, "hangs"), withinMs + PATIENCE_MS);
    const cancel = (): void => to.postMessage({ type: "cancel", id } satisfies ThreadAsk);
    signal.addEventListener("abort", cancel, { once: true });
    to.postMessage(make(id));
    const answer = await promise;
    clearTimeout(hanging);
    signal.removeEventListener("abort", cancel);
    waiting.delete(id);
    if (isStopped(signal)) throw asError(signal.reason);
    return answer;
  };
  return {
    soap: async (order, signal) => {
      const answer = await ask((id) => ({ type: "soap", id, order }), order.replyWithinMs, signal);
      if (answer?.type === "soap") return answer.outcome;
      return { ok: false, trouble: "garbage", detail: "its answer broke the thread that read it" };
    },
    probe: async (order, signal) => {
      const answer = await ask((id) => ({ type: "probe", id, order }), order.forMs, signal);
      if (answer?.type === "probe" && answer.error === null) return answer.found;
      throw cannotProbe(answer?.type === "probe" ? answer.error : null);
    },
    [Symbol.asyncDispose]: async () => {
      const gone = worker;
      worker = undefined;
      for (const settle of waiting.values()) settle(undefined);
      waiting.clear();
      await gone?.terminate();
    },
  };
}

function cannotProbe(cause: string | null): Fault {
  return new Fault(
    "unavailable",
    text("The network can't be searched for cameras.", "Không tìm được camera trên mạng."),
    {
      cause: new Error(cause ?? "the thread ended"),
      hint: text(
        "Is the network cable in? Or name the camera: tienglang camera add ADDRESS.",
        "Kiểm tra cáp mạng, hoặc nhập thẳng địa chỉ camera: tienglang camera add ĐỊA-CHỈ.",
      ),
    },
  );
}
