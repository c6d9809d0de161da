import { randomBytes } from "node:crypto";
import type { FastifyError, FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import { LoginNeeded } from "../identity/guard.ts";
import { TooManyAttempts } from "../identity/login-limit.ts";
import { asError, Fault, type FaultKind } from "../kernel/faults.ts";
import type { Log } from "../kernel/log.ts";
import { text, type Lang, type Text } from "../kernel/text.ts";
import { fieldName, langFrom, wordsFor } from "./rules/issue-words.ts";

/** What every refused request is answered with. */
export const ErrorAnswer = z
  .object({
    kind: z
      .enum(["unavailable", "timeout", "rejected", "not-found", "conflict", "corrupt", "invalid", "bug"])
      .describe("What the caller can do; `bug`: nothing, it is ours"),
    message: z.string().describe("What went wrong, in the caller's language"),
    hint: z.string().nullable().describe("What to do now"),
    field: z.string().nullable().describe("The input at fault"),
  })
  .describe("A refusal, in words");
type ErrorAnswer = z.infer<typeof ErrorAnswer>;

const STATUS: Record<FaultKind, number> = {
  invalid: 400,
  rejected: 403,
  "not-found": 404,
  conflict: 409,
  corrupt: 422,
  unavailable: 503,
  timeout: 504,
};

/** Too many requests of any kind from one address. */
export class TooManyRequests extends Fault {
  readonly retryAfterSec: number;

  constructor(retryAfterSec: number) {
    super("rejected", text("Too many requests.", "Gửi quá nhiều yêu cầu."), {
      hint: text(`Try again in ${retryAfterSec} s.`, `Hãy thử lại sau ${retryAfterSec} giây.`),
    });
    this.retryAfterSec = retryAfterSec;
  }
}

/** The address is right, the method is not. */
export class MethodNotAllowed extends Fault {
  constructor(method: string, path: string) {
    super("invalid", text(`${path} does not take ${method}.`, `Địa chỉ ${path} không nhận lệnh ${method}.`));
  }
}

function langOf(request: FastifyRequest): Lang {
  const query = request.query as Readonly<Record<string, unknown>> | undefined;
  return langFrom(query?.["lang"], request.headers["accept-language"]);
}

export function answerFault(fault: Fault, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  if (fault instanceof TooManyAttempts || fault instanceof TooManyRequests) {
    void reply.header("retry-after", fault.retryAfterSec);
  }
  void reply.code(statusOf(fault));
  return send(reply, fault.kind, fault, langOf(request));
}

function statusOf(fault: Fault): number {
  if (fault instanceof TooManyAttempts || fault instanceof TooManyRequests) return 429;
  if (fault instanceof MethodNotAllowed) return 405;
  if (fault instanceof LoginNeeded) return 401;
  return STATUS[fault.kind];
}

/** The panel's one place where failures become answers. Bugs are logged with their stack and answered without it. */
export function answerError(log: Log) {
  return (error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    if (error instanceof Fault) return answerFault(error, request, reply);
    const refusal = refusalOf(error as FastifyError, request);
    if (refusal !== undefined) {
      void reply.code(refusal.status);
      return send(reply, "invalid", refusal.fault, langOf(request));
    }
    const incident = randomBytes(4).toString("hex");
    log.error(
      { err: asError(error), incident, method: request.method, route: request.routeOptions.url },
      "request failed",
    );
    void reply.code(500);
    return send(reply, "bug", ourBug(incident), langOf(request));
  };
}

function send(reply: FastifyReply, kind: ErrorAnswer["kind"], fault: Fault, lang: Lang): FastifyReply {
  const answer: ErrorAnswer = {
    kind,
    message: fault.said[lang],
    hint: fault.hint?.[lang] ?? null,
    field: fault.field ?? null,
  };
  // Plain JSON, whatever a route's schema expected to answer.
  return reply
    .type("application/json; charset=utf-8")
    .header("cache-control", "no-store")
    .serializer((payload: unknown) => JSON.stringify(payload))
    .send(answer);
}

interface Refusal {
  readonly status: number;
  readonly fault: Fault;
}

/** What fastify itself refuses, by its error codes (fastify.dev/docs/latest/Reference/Errors). */
const REFUSALS: Record<string, readonly [number, Text, Text?]> = {
  FST_ERR_CTP_BODY_TOO_LARGE: [
    413,
    text("The request is too large.", "Dữ liệu gửi lên quá lớn."),
    text(
      "Send less at a time; audio files go to the library.",
      "Hãy gửi ít hơn; tệp âm thanh thì tải lên mục Thư viện.",
    ),
  ],
  FST_REQ_FILE_TOO_LARGE: [413, text("The file is too large.", "Tệp quá lớn.")],
  FST_ERR_CTP_INVALID_MEDIA_TYPE: [
    415,
    text("This kind of content is not understood here.", "Không hiểu kiểu dữ liệu này."),
    text("Send JSON (content-type: application/json).", "Hãy gửi JSON (content-type: application/json)."),
  ],
  FST_ERR_CTP_INVALID_JSON_BODY: [
    400,
    text("The body is not valid JSON.", "Nội dung không phải JSON hợp lệ."),
  ],
  FST_ERR_CTP_EMPTY_JSON_BODY: [400, text("The body is empty.", "Nội dung gửi lên trống.")],
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: [400, text("The request was cut off.", "Yêu cầu bị đứt giữa chừng.")],
  FST_ERR_BAD_URL: [400, text("The address is not well formed.", "Địa chỉ không đúng dạng.")],
};

function refusalOf(error: FastifyError, request: FastifyRequest): Refusal | undefined {
  if (error.validation !== undefined) return { status: 400, fault: invalidInput(error, request) };
  const known = REFUSALS[error.code];
  if (known !== undefined) {
    const [status, said, hint] = known;
    return { status, fault: new Fault("invalid", said, hint === undefined ? {} : { hint }) };
  }
  const status = error.statusCode ?? 500;
  if (status < 400 || status >= 500) return undefined;
  return {
    status,
    fault: new Fault("invalid", text("The request can't be used.", "Yêu cầu không dùng được.")),
  };
}

/** More would not be read. */
const MAX_SENTENCES = 4;

function invalidInput(error: FastifyError, request: FastifyRequest): Fault {
  const part = {
    body: request.body,
    querystring: request.query,
    params: request.params,
    headers: request.headers,
  };
  const input: unknown = part[error.validationContext ?? "body"];
  const found = (error.validation ?? []).map((problem) => {
    const path = problem.instancePath
      .split("/")
      .slice(1)
      .filter((step) => step !== "")
      .map(asStep);
    const issue = {
      ...problem.params,
      code: problem.keyword,
      missing: at(input, path) === undefined,
      message: problem.message ?? "",
    };
    const field = fieldName(path);
    const words = wordsFor(issue);
    return {
      field,
      said: field === "" ? bodyIs(words) : text(`"${field}" ${words.en}.`, `Trường "${field}" ${words.vi}.`),
    };
  });
  const first = found.find(({ field }) => field !== "")?.field;
  const join = (lang: Lang): string =>
    found
      .slice(0, MAX_SENTENCES)
      .map(({ said }) => said[lang])
      .join(" ");
  return new Fault("invalid", text(join("en"), join("vi")), first === undefined ? {} : { field: first });
}

function bodyIs({ en, vi }: Text): Text {
  return text(`The request ${en}.`, `Yêu cầu ${vi}.`);
}

function asStep(step: string): string | number {
  return /^\d+$/.test(step) ? Number(step) : step;
}

function at(input: unknown, path: readonly (string | number)[]): unknown {
  return path.reduce<unknown>(
    (value, step) =>
      typeof value === "object" && value !== null
        ? (value as Record<string | number, unknown>)[step]
        : undefined,
    input,
  );
}

function ourBug(incident: string): Fault {
  return new Fault(
    "corrupt",
    text(
      `Something went wrong inside tienglang (incident ${incident}).`,
      `Có lỗi bên trong chương trình (mã ${incident}).`,
    ),
    {
      hint: text(
        "Try again; when it comes back, give the technician this number: the log explains it.",
        "Hãy thử lại; nếu vẫn lỗi, báo mã này cho kỹ thuật viên để tra nhật ký.",
      ),
    },
  );
}
