import { createHash, randomBytes } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { SoapFault, type SoapRequest, type UsernameToken } from "./soap.ts";
import { deviceNow, type DeviceState } from "./device-state.ts";

/** ONVIF Core §5.9.4, access class PRE_AUTH, as far as the device knows them. */
const OPEN_TO_ALL = ["GetSystemDateAndTime", "GetServices", "GetCapabilities", "GetHostname"];
/** Cameras refuse a UsernameToken made by a clock too far from theirs. */
const CLOCK_TOLERANCE_MS = 5 * 60_000;
const REALM = "camera";

export type DeviceAuth = "wsse" | "digest" | "both";

/** Asks for HTTP digest (RFC 7616, MD5): the status line and the header of the refusal. */
export class DigestNeeded extends Error {
  readonly header = `Digest realm="${REALM}", qop="auth", nonce="${randomBytes(12).toString("hex")}", algorithm=MD5`;
}

/** Passes, or throws what the device answers instead. */
export function checkLogin(
  state: DeviceState,
  auth: DeviceAuth,
  http: Pick<IncomingMessage, "headers" | "method">,
  request: SoapRequest,
): void {
  if (OPEN_TO_ALL.includes(request.operation)) return;
  const offered = http.headers.authorization;
  if (auth !== "wsse" && offered?.startsWith("Digest ") === true) {
    if (isRightDigest(state, offered, http.method ?? "POST")) return;
    throw new DigestNeeded();
  }
  if (auth !== "digest" && request.token !== undefined) {
    if (isRightToken(state, request.token)) return;
    throw new SoapFault("ter:NotAuthorized", "Sender not authorized");
  }
  if (auth === "wsse") throw new SoapFault("ter:NotAuthorized", "Sender not authorized");
  throw new DigestNeeded();
}

function isRightToken(state: DeviceState, token: UsernameToken): boolean {
  const madeAt = Date.parse(token.created);
  if (!(Math.abs(madeAt - deviceNow(state)) <= CLOCK_TOLERANCE_MS)) return false;
  const digest = createHash("sha1")
    .update(Buffer.from(token.nonce, "base64"))
    .update(token.created)
    .update(state.password)
    .digest("base64");
  return !state.faults.refusesEverybody && token.user === state.user && token.digest === digest;
}

/** For things that are fetched, too: the snapshot. */
export function isRightDigest(state: DeviceState, header: string, method: string): boolean {
  const said = new Map(
    [...header.matchAll(/(\w+)=(?:"([^"]*)"|([^\s,]+))/g)].map(([, name = "", quoted, plain]) => [
      name,
      quoted ?? plain ?? "",
    ]),
  );
  const part = (name: string): string => said.get(name) ?? "";
  const md5 = (text: string): string => createHash("md5").update(text).digest("hex");
  const ha1 = md5(`${state.user}:${REALM}:${state.password}`);
  const ha2 = md5(`${method}:${part("uri")}`);
  const middle =
    part("qop") === "" ? part("nonce") : [part("nonce"), part("nc"), part("cnonce"), part("qop")].join(":");
  const right = md5(`${ha1}:${middle}:${ha2}`);
  return !state.faults.refusesEverybody && part("username") === state.user && part("response") === right;
}
