import type { FastifyReply } from "fastify";
import { Fault } from "../../kernel/faults.ts";
import { text } from "../../kernel/text.ts";

/** Aborts when the caller leaves before the answer. The request's own end is no sign: it ends with its last byte. */
export function untilGone(reply: FastifyReply): AbortSignal {
  const gone = new AbortController();
  reply.raw.once("close", () =>
    gone.abort(new Fault("rejected", text("The caller has left.", "Người gửi đã ngắt kết nối."))),
  );
  return gone.signal;
}
