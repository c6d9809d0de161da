import { request as httpsRequest } from "node:https";
import type { IncomingMessage } from "node:http";
import { json } from "node:stream/consumers";
import { z } from "zod";
import { readCliAccess } from "../identity/cli-access.ts";
import { asError, Fault, type FaultKind } from "../kernel/faults.ts";
import { text, type Lang } from "../kernel/text.ts";

/** The running daemon, as the command line reaches it. Every failure is a Fault in the words of the daemon. */
export interface Api {
  readonly url: string;
  readonly caPem: string;
  get<T>(path: string, schema: z.ZodType<T>): Promise<T>;
  send<T>(
    method: "POST" | "PUT" | "PATCH" | "DELETE",
    path: string,
    ask: { body?: object; schema: z.ZodType<T> },
  ): Promise<T>;
  /** The answer's bytes, for what is no JSON. */
  stream(method: "GET" | "POST", path: string): Promise<IncomingMessage>;
}

/** Speaking a long text may take the machine a while. */
const ANSWER_WITHIN_MS = 120_000;

const Refusal = z.object({
  kind: z.string(),
  message: z.string(),
  hint: z.string().nullish(),
  field: z.string().nullish(),
});

const KINDS: readonly FaultKind[] = [
  "unavailable",
  "timeout",
  "rejected",
  "not-found",
  "conflict",
  "corrupt",
  "invalid",
];

export async function openApi(dataDir: string, lang: Lang): Promise<Api> {
  const { url, token, caPem } = await readCliAccess(dataDir);
  const ask = async (method: string, path: string, body?: object): Promise<IncomingMessage> => {
    const sent = body === undefined ? undefined : JSON.stringify(body);
    const response = await answered(new URL(path, url), {
      method,
      ca: caPem,
      sent,
      headers: {
        authorization: `Bearer ${token}`,
        "accept-language": lang,
        ...(sent !== undefined && {
          "content-type": "application/json",
          "content-length": Buffer.byteLength(sent),
        }),
      },
    });
    if ((response.statusCode ?? 500) >= 400) throw await refusal(response);
    return response;
  };
  const parsed = async <T>(response: IncomingMessage, schema: z.ZodType<T>): Promise<T> => {
    const answer = response.statusCode === 204 ? undefined : await json(response);
    if (response.statusCode === 204) response.resume();
    const result = schema.safeParse(answer);
    if (!result.success) throw strangeAnswer(result.error);
    return result.data;
  };
  return {
    url,
    caPem,
    get: async (path, schema) => parsed(await ask("GET", path), schema),
    send: async (method, path, { body, schema }) => parsed(await ask(method, path, body), schema),
    stream: ask,
  };
}

interface Ask {
  readonly method: string;
  readonly ca: string;
  readonly headers: Readonly<Record<string, string | number>>;
  readonly sent: string | undefined;
}

function answered(url: URL, { sent, ...options }: Ask): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const request = httpsRequest(url, { ...options, agent: false }, resolve);
    request.setTimeout(ANSWER_WITHIN_MS, () => request.destroy(new Error("no answer in time")));
    request.on("error", (error) => reject(notReached(url.origin, error)));
    request.end(sent);
  });
}

async function refusal(response: IncomingMessage): Promise<Fault> {
  const answer: unknown = await json(response).catch(() => undefined);
  const said = Refusal.safeParse(answer);
  if (!said.success) return strangeAnswer(new Error(`status ${response.statusCode ?? 0}`));
  const { kind, message, hint, field } = said.data;
  return new Fault(KINDS.find((known) => known === kind) ?? "corrupt", text(message, message), {
    ...(typeof hint === "string" && { hint: text(hint, hint) }),
    ...(typeof field === "string" && { field }),
  });
}

function notReached(origin: string, cause: Error): Fault {
  return new Fault(
    "unavailable",
    text(
      `tienglang does not answer at ${origin}: ${cause.message}.`,
      `tienglang không trả lời tại ${origin}: ${cause.message}.`,
    ),
    {
      cause,
      hint: text(
        "It has probably ended; start it (systemctl start tienglang, or scripts/run) and see its log (journalctl -u tienglang).",
        "Có lẽ chương trình đã dừng; hãy khởi động (systemctl start tienglang, hoặc scripts/run) và xem nhật ký (journalctl -u tienglang).",
      ),
    },
  );
}

function strangeAnswer(cause: Error): Fault {
  return new Fault(
    "corrupt",
    text(
      "The answer of the running tienglang is not understood.",
      "Không hiểu câu trả lời của tienglang đang chạy.",
    ),
    {
      cause: asError(cause),
      hint: text(
        "Is it another version than this command? Restart it.",
        "Có thể khác phiên bản với lệnh này; hãy khởi động lại.",
      ),
    },
  );
}
