import type { WebSocket } from "@fastify/websocket";
import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod";
import { z } from "zod";
import type { Actor } from "../identity/actor.ts";
import type { Audit } from "../identity/audit.ts";
import { actorOf, allow, allowEveryRole } from "../identity/guard.ts";
import { asError, Fault } from "../kernel/faults.ts";
import type { Log } from "../kernel/log.ts";
import { text, type Text } from "../kernel/text.ts";
import { SECOND_MS } from "../kernel/time.ts";
import type { AiringId } from "../speakers/protocol.ts";
import { targetsOf, Where } from "./airing-wire.ts";
import { LINE_LOST, newMicrophoneBuffer, type LiveDesk, type LiveEnd, type LiveOrder } from "./live.ts";

interface LiveRoutesParts {
  readonly desk: LiveDesk;
  readonly audit: Audit;
  readonly log: Log;
  readonly newAiringId: () => AiringId;
  /** After a session that was on air: its recording may go to the library. */
  readonly onEnd: (order: LiveOrder, end: LiveEnd) => Promise<void>;
  /** Aborts when the daemon stops. */
  readonly signal: AbortSignal;
}

const Hello = z.strictObject({
  type: z.literal("hello"),
  title: z.string().trim().min(1).max(200).default("Phát trực tiếp"),
  ...Where,
});

const Goodbye = z.strictObject({ type: z.literal("end") });

const HELLO_WITHIN_MS = 5 * SECOND_MS;

/** A second of sound in one message is no longer live. */
const LARGEST_SOUND_BYTES = 32_000;

const State = z.object({
  airing: z.string(),
  title: z.string(),
  by: z.string(),
  startedAt: z.int(),
  until: z.int(),
  speakers: z.array(z.string()),
});

/**
 * The live microphone. `GET /live` becomes a WebSocket: first a JSON hello that says where it sounds, then binary messages
 * of mono s16le at 16 kHz (20 ms each suits), `{"type":"end"}` to finish; down come the events of a live session.
 */
export function liveRoutes(parts: LiveRoutesParts): FastifyPluginAsyncZod {
  const { desk, audit } = parts;
  return (app) => {
    app.get(
      "/live",
      {
        websocket: true,
        preHandler: allow("officer", "leader"),
        schema: { tags: ["live"], summary: "Speak live: a WebSocket from the microphone" },
      },
      (socket, request) => attend(socket, actorOf(request), parts),
    );
    app.get(
      "/live/current",
      {
        preHandler: allowEveryRole,
        schema: {
          tags: ["live"],
          summary: "The live sessions on air",
          response: { 200: z.array(State) },
        },
      },
      () => desk.current().map((state) => ({ ...state, speakers: [...state.speakers] })),
    );
    app.post(
      "/live/:id/stop",
      {
        preHandler: allow("officer", "leader"),
        schema: {
          tags: ["live"],
          summary: "End a live session of anyone",
          params: z.object({ id: z.string().min(1).max(96) }),
          response: { 204: z.null() },
        },
      },
      async (request, reply) => {
        const { id } = request.params;
        desk.stop(id);
        audit.record({ actor: actorOf(request), action: "live.stop", subject: id });
        return reply.code(204).send(null);
      },
    );
    return Promise.resolve();
  };
}

/** One socket from its hello to its end. */
function attend(socket: WebSocket, actor: Actor, parts: LiveRoutesParts): void {
  const closed = new AbortController();
  const sound = newMicrophoneBuffer();
  const say = (message: object): void => {
    if (socket.readyState === socket.OPEN) socket.send(JSON.stringify(message));
  };
  const refuse = (fault: Fault): void => {
    const { kind, field, said, hint } = fault;
    say({ type: "error", kind, field, said, hint });
    socket.close(POLICY_VIOLATION);
  };
  const waiting = setTimeout(() => refuse(noHello()), HELLO_WITHIN_MS);
  let session: Promise<void> | undefined;

  const onText = (words: string): void => {
    if (session !== undefined) {
      if (Goodbye.safeParse(parsed(words)).success) closed.abort();
      else refuse(notUnderstood());
      return;
    }
    clearTimeout(waiting);
    const hello = Hello.safeParse(parsed(words));
    if (!hello.success) {
      refuse(notUnderstood());
      return;
    }
    session = speak(hello.data).catch((error: unknown) => {
      if (error instanceof Fault) refuse(error);
      else {
        parts.log.error({ err: asError(error) }, "live session has failed");
        socket.close(INTERNAL_ERROR);
      }
    });
  };

  const speak = async ({ title, ...where }: z.infer<typeof Hello>): Promise<void> => {
    const microphone = { sound, closed: closed.signal, tell: say };
    const order: LiveOrder = {
      airing: parts.newAiringId(),
      title: title.normalize("NFC"),
      targets: targetsOf(where),
      by: actor.name,
      microphone,
    };
    const { airing: subject, targets } = order;
    parts.audit.record({ actor, action: "live.start", subject, details: { title: order.title, targets } });
    const end = await parts.desk.start(order, parts.signal);
    const { reason, said, durationMs } = end;
    parts.audit.record({ actor, action: "live.end", subject, details: { reason, durationMs } });
    say({ type: "ended", airing: subject, reason, said, durationMs });
    socket.close(NORMAL_END);
    await parts.onEnd(order, end);
  };

  socket.on("message", (data, isBinary) => {
    const bytes = Buffer.isBuffer(data) ? data : Buffer.alloc(0);
    if (!isBinary) onText(bytes.toString("utf8"));
    else if (bytes.length > LARGEST_SOUND_BYTES || bytes.length % 2 === 1) refuse(notUnderstood());
    else if (session !== undefined) sound.push(bytes);
  });
  socket.on("close", (code) => {
    clearTimeout(waiting);
    closed.abort(code === NORMAL_END || code === GOING_AWAY ? undefined : LINE_LOST);
  });
  socket.on("error", () => socket.terminate());
}

/** RFC 6455 §7.4.1. */
const NORMAL_END = 1_000;
const GOING_AWAY = 1_001;
const POLICY_VIOLATION = 1_008;
const INTERNAL_ERROR = 1_011;

function parsed(words: string): unknown {
  try {
    return JSON.parse(words);
  } catch {
    return undefined;
  }
}

const TRY_AGAIN: Text = text(
  "Reload the page and start the microphone again.",
  "Hãy tải lại trang và bật micro lại.",
);

function notUnderstood(): Fault {
  return new Fault(
    "invalid",
    text("The microphone sent something that can't be understood.", "Micro gửi dữ liệu không hợp lệ."),
    { hint: TRY_AGAIN },
  );
}

function noHello(): Fault {
  return new Fault(
    "timeout",
    text(
      "The microphone did not say where it should sound.",
      "Micro không cho biết cần phát tới đâu trong thời gian chờ.",
    ),
    { hint: TRY_AGAIN },
  );
}
