import { createHash, randomBytes } from "node:crypto";
import { Agent, type ClientRequestArgs } from "node:http";
import { connect, type Socket, type NetConnectOpts } from "node:net";
import onvif from "onvif";
import { asError } from "../../kernel/faults.ts";
import type { SoapOrder, SoapOutcome, Trouble } from "./messages.ts";
import { readSoap } from "./xml.ts";

/** The largest honest answers (profiles of a multi-sensor camera) have some 100 kB. */
const ANSWER_LIMIT_BYTES = 1_048_576;

/** The parts of the library that carry a question as we wrote it; its own reading of answers is not used. */
interface CamRequest {
  readonly url: object;
  readonly action: string;
  readonly body: string;
  readonly replyTimeout: number;
}
interface CamInside {
  _request(request: CamRequest, callback: (error: Error | null, ...rest: unknown[]) => void): void;
  _envelopeHeader(open: true): string;
  _envelopeFooter(): string;
}

/**
 * The library's camera with a signature that holds: it hashes passwords by their low bytes, so a Vietnamese one never
 * fits, takes its nonce from Math.random, and remembers the camera's clock of its first question for ever.
 */
class SignedCam extends onvif.Cam {
  private readonly order: SoapOrder;

  constructor(order: SoapOrder) {
    super({
      hostname: order.host,
      port: order.port,
      username: order.user,
      password: order.password,
      useWSSecurity: order.sign === "wsse",
      autoconnect: false,
      timeout: order.replyWithinMs,
    });
    this.order = order;
  }

  _passwordDigest(): { passdigest: string; nonce: string; timestamp: string } {
    const nonce = randomBytes(16);
    const timestamp = this.order.createdAt;
    const passdigest = createHash("sha1")
      .update(nonce)
      .update(timestamp, "utf8")
      .update(this.order.password, "utf8")
      .digest("base64");
    return { passdigest, nonce: nonce.toString("base64"), timestamp };
  }
}

/** Connections of one call: they count what comes, and none outlives the call. */
class CountingAgent extends Agent {
  private readonly onTooMuch: () => void;
  private receivedBytes = 0;

  constructor(onTooMuch: () => void) {
    super({ keepAlive: false });
    this.onTooMuch = onTooMuch;
  }

  override createConnection(options: ClientRequestArgs): Socket {
    const socket = connect(options as NetConnectOpts);
    socket.on("data", (piece: Buffer) => {
      this.receivedBytes += piece.length;
      if (this.receivedBytes <= ANSWER_LIMIT_BYTES) return;
      this.onTooMuch();
      socket.destroy();
    });
    return socket;
  }
}

/**
 * Asks once, at most twice over the line (a camera may ask for HTTP digest first). Settles once, in time, whatever the
 * camera does: never, twice, endlessly, half.
 */
export function soapCall(order: SoapOrder, signal: AbortSignal): Promise<SoapOutcome> {
  const { promise, resolve } = Promise.withResolvers<SoapOutcome>();
  const failed = (trouble: Trouble, detail: string): void => resolve({ ok: false, trouble, detail });
  const agent = new CountingAgent(() => failed("oversized", `more than ${ANSWER_LIMIT_BYTES} bytes`));
  const deadline = setTimeout(() => failed("silent", `${order.replyWithinMs} ms`), order.replyWithinMs);
  const stop = (): void => failed("closed", "stopped");
  signal.addEventListener("abort", stop, { once: true });
  if (signal.aborted) stop();
  try {
    ask(order, agent, resolve);
  } catch (error) {
    failed("garbage", asError(error).message);
  }
  return promise.finally(() => {
    clearTimeout(deadline);
    signal.removeEventListener("abort", stop);
    agent.destroy();
  });
}

function ask(order: SoapOrder, agent: Agent, settle: (outcome: SoapOutcome) => void): void {
  const cam = new SignedCam(order);
  const inside = cam as unknown as CamInside;
  const { host, port, path, header, action, replyWithinMs } = order;
  const body = inside._envelopeHeader(true) + header + BODY_BEGINS + order.body + inside._envelopeFooter();
  // The answer is taken as it came; the library's parser, which loses zeros and time zones, runs after that in vain.
  cam.on("rawResponse", (xml: string, status: number) => settle(outcomeOf(xml, status)));
  inside._request(
    {
      url: { hostname: host, port, path, agent, timeout: replyWithinMs },
      action,
      body,
      replyTimeout: replyWithinMs,
    },
    (error) => {
      if (error !== null) settle({ ok: false, trouble: troubleOf(error), detail: error.message });
    },
  );
}

const BODY_BEGINS =
  '</s:Header><s:Body xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:xsd="http://www.w3.org/2001/XMLSchema">';

/** Names of SOAP faults by which cameras say that user, password or time stamp do not fit. */
const UNAUTHORISED =
  /NotAuthori[sz]ed|FailedAuthentication|FailedCheck|InvalidSecurity|SecurityTokenUnavailable/i;

function outcomeOf(xml: string, status: number): SoapOutcome {
  const failed = (trouble: Trouble, detail: string): SoapOutcome => ({ ok: false, trouble, detail });
  const reading = readSoap(xml);
  if (reading.type === "answer" && status < 300) {
    return { ok: true, xml, answer: reading.answer, name: reading.name };
  }
  if (reading.type === "fault") {
    const said = `${reading.codes.join(" ")}: ${reading.reason}`;
    const unauthorised =
      UNAUTHORISED.test(said) || /not authori[sz]ed/i.test(reading.reason) || status === 401;
    return failed(unauthorised ? "wrong-password" : "refused", said);
  }
  if (status === 401 || status === 403) return failed("wrong-password", `HTTP ${status}`);
  if (status >= 300) return failed("not-onvif", `HTTP ${status}`);
  return failed("garbage", `no SOAP in ${xml.length} characters`);
}

const BY_CODE: Readonly<Record<string, Trouble>> = {
  ECONNREFUSED: "port-closed",
  EHOSTUNREACH: "unreachable",
  ENETUNREACH: "unreachable",
  ENETDOWN: "unreachable",
  EHOSTDOWN: "unreachable",
  ENOTFOUND: "unreachable",
  EAI_AGAIN: "unreachable",
  EACCES: "unreachable",
  EPERM: "unreachable",
  ETIMEDOUT: "silent",
  ECONNRESET: "closed",
  EPIPE: "closed",
};

function troubleOf(error: Error): Trouble {
  const code = "code" in error && typeof error.code === "string" ? error.code : "";
  if (code.startsWith("HPE_")) return "not-onvif";
  if (error.message.includes("Digest authentication")) return "wrong-password";
  if (error.message === "Network timeout") return "silent";
  return BY_CODE[code] ?? "garbage";
}
