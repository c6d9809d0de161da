import type { FastifyReply } from "fastify";
import { Fault } from "../kernel/faults.ts";
import { text } from "../kernel/text.ts";

/**
 * Aborts when the caller leaves before the answer: nobody waits for the work any more. The request's own signal would
 * abort with the last byte of its body.
 */
export function untilGone(reply: FastifyReply): AbortSignal {
  const gone = new AbortController();
  reply.raw.once("close", () =>
    gone.abort(new Fault("rejected", text("The caller has left.", "Người gửi đã ngắt kết nối."))),
  );
  return gone.signal;
}
