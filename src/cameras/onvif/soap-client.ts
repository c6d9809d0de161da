import { Fault } from "../../kernel/faults.ts";
import type { Clock } from "../../kernel/clock.ts";
import { MINUTE_MS, SECOND_MS, type UptimeMs } from "../../kernel/time.ts";
import type { Credentials } from "../cameras.ts";
import { deviceTimeIn } from "../rules/device-time.ts";
import type { XmlNode } from "../rules/xml-node.ts";
import type { DeviceThread } from "./device-thread.ts";
import { DeviceFault } from "./faults.ts";
import type { HostGate } from "./host-gate.ts";
import type { SoapOrder, SoapOutcome } from "./messages.ts";

export interface SoapParts {
  readonly thread: DeviceThread;
  readonly clock: Clock;
  readonly gate: HostGate;
  readonly replyWithinMs?: number;
}

export interface DeviceAddress {
  readonly host: string;
  readonly port: number;
}

export interface Question {
  /** Path of the service at the host we reached; the host a camera names in its own addresses is never used. */
  readonly path: string;
  readonly action: string;
  readonly body: string;
  readonly header?: string;
  readonly replyWithinMs?: number;
  /** It only waits in the camera: many cameras behind one address must not queue up behind such questions. */
  readonly waits?: boolean;
}

export interface Answer {
  readonly xml: string;
  readonly answer: XmlNode;
}

/** One camera, asked with user and password. */
export interface SoapClient {
  readonly address: DeviceAddress;
  /** Throws a DeviceFault. */
  ask(question: Question, signal: AbortSignal): Promise<Answer>;
  /** The answer to GetSystemDateAndTime, which most cameras give to anybody. */
  askTime(signal: AbortSignal): Promise<Answer>;
}

const REPLY_WITHIN_MS = 8 * SECOND_MS;

/** A camera's clock may be set or fall back to 1970 at any time, and with it its opinion of our signatures. */
const OFFSET_GOOD_FOR_MS = 10 * MINUTE_MS;

/** Cameras take signatures that are some seconds off; asking again for less is a wasted wrong try. */
const OFFSET_TOLERANCE_MS = 2 * SECOND_MS;

export const DEVICE_SERVICE = "/onvif/device_service";

const TIME_QUESTION: Question = {
  path: DEVICE_SERVICE,
  action: "http://www.onvif.org/ver10/device/wsdl/GetSystemDateAndTime",
  body: '<GetSystemDateAndTime xmlns="http://www.onvif.org/ver10/device/wsdl"/>',
};

/** The least that a camera tells only to its users. */
export const IDENTITY_QUESTION: Question = {
  path: DEVICE_SERVICE,
  action: "http://www.onvif.org/ver10/device/wsdl/GetDeviceInformation",
  body: '<GetDeviceInformation xmlns="http://www.onvif.org/ver10/device/wsdl"/>',
};

interface SignIn {
  readonly credentials: Credentials;
  /** HTTP digest at once, for cameras that refuse signed XML. */
  readonly digestOnly: boolean;
}

export function openSoapClient(
  address: DeviceAddress,
  { credentials, digestOnly }: SignIn,
  { thread, clock, gate, replyWithinMs = REPLY_WITHIN_MS }: SoapParts,
): SoapClient {
  let sign: SoapOrder["sign"] = digestOnly ? "digest" : "wsse";
  let offsetMs = 0;
  let offsetReadAt: UptimeMs | undefined;
  /** It has taken these credentials before. */
  let proven = false;
  const at = `${address.host}:${address.port}`;

  const send = async (
    question: Question,
    how: SoapOrder["sign"],
    signal: AbortSignal,
  ): Promise<SoapOutcome> => {
    const place = question.waits === true ? undefined : await gate.enter(address.host, signal);
    try {
      return await thread.soap(
        {
          ...address,
          ...credentials,
          header: "",
          replyWithinMs,
          ...question,
          sign: credentials.user === "" ? "none" : how,
          createdAt: new Date(clock.now() + offsetMs).toISOString(),
        },
        signal,
      );
    } finally {
      place?.[Symbol.dispose]();
    }
  };
  const askTime = async (signal: AbortSignal): Promise<Answer> => {
    const open = await send(TIME_QUESTION, "none", signal);
    const outcome =
      !open.ok && open.trouble === "wrong-password" ? await send(TIME_QUESTION, sign, signal) : open;
    if (outcome.ok) return outcome;
    throw new DeviceFault(outcome.trouble, at, outcome.detail);
  };
  /** Returns by how much it was off. */
  const readOffset = async (signal: AbortSignal): Promise<number> => {
    const { answer } = await askTime(signal);
    offsetReadAt = clock.uptime();
    const told = deviceTimeIn(answer)?.at;
    const fresh = told === undefined ? 0 : told - clock.now();
    const changedMs = Math.abs(fresh - offsetMs);
    offsetMs = fresh;
    return changedMs;
  };
  const freshOffset = async (signal: AbortSignal): Promise<void> => {
    if (offsetReadAt !== undefined && clock.uptime() - offsetReadAt < OFFSET_GOOD_FOR_MS) return;
    await readOffset(signal);
  };
  const again = async (question: Question, signal: AbortSignal): Promise<SoapOutcome | undefined> => {
    if (sign !== "wsse") return undefined;
    if ((await readOffset(signal)) > OFFSET_TOLERANCE_MS) {
      const outcome = await send(question, "wsse", signal);
      if (outcome.ok || outcome.trouble !== "wrong-password") return outcome;
    }
    if (proven) return undefined;
    const outcome = await send(question, "digest", signal);
    if (outcome.ok) sign = "digest";
    return outcome;
  };
  /** Refused after it worked: the password was changed, or the user may not do just this. */
  const stillProven = async (signal: AbortSignal): Promise<boolean> => {
    proven = (await send(IDENTITY_QUESTION, sign, signal)).ok;
    return proven;
  };
  return {
    address,
    askTime,
    ask: async (question, signal) => {
      if (sign === "wsse") await freshOffset(signal).catch(onlyIfClockIsSecret);
      let outcome = await send(question, sign, signal);
      if (!outcome.ok && outcome.trouble === "wrong-password")
        outcome = (await again(question, signal)) ?? outcome;
      if (outcome.ok) {
        proven = true;
        return outcome;
      }
      const notAllowed = outcome.trouble === "wrong-password" && proven && (await stillProven(signal));
      throw new DeviceFault(notAllowed ? "not-allowed" : outcome.trouble, at, outcome.detail);
    },
  };
}

/** A camera that tells its time to nobody may still take signatures of our time. */
function onlyIfClockIsSecret(error: unknown): void {
  if (error instanceof Fault && error.kind === "rejected") return;
  throw error;
}
