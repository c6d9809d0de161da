/**
 * The thread in which cameras are spoken to. What a broken or hostile device sends is parsed here, by the library and by
 * us: at worst it ends or blocks this thread, which the other side notices and replaces.
 */
import { parentPort } from "node:worker_threads";
import { asError } from "../../kernel/faults.ts";
import type { ThreadAnswer, ThreadAsk } from "./messages.ts";
import { soapCall } from "./soap-call.ts";
import { probe } from "./ws-discovery.ts";

const port = parentPort;
const running = new Map<number, AbortController>();
const answer = (words: ThreadAnswer): void => port?.postMessage(words);

async function work(ask: Exclude<ThreadAsk, { type: "cancel" }>, signal: AbortSignal): Promise<void> {
  const { id } = ask;
  if (ask.type === "soap") {
    answer({ type: "soap", id, outcome: await soapCall(ask.order, signal) });
    return;
  }
  const [found, error] = await probe(ask.order, signal).then(
    (devices) => [devices, null] as const,
    (cause: unknown) => [[], asError(cause).message] as const,
  );
  answer({ type: "probe", id, found, error });
}

port?.on("message", (ask: ThreadAsk) => {
  if (ask.type === "cancel") {
    running.get(ask.id)?.abort();
    return;
  }
  const stop = new AbortController();
  running.set(ask.id, stop);
  void work(ask, stop.signal).finally(() => running.delete(ask.id));
});
