import { XMLParser } from "fast-xml-parser";

export type XmlNode = Readonly<Record<string, unknown>>;

/** WS-Security UsernameToken as it came (OASIS UsernameToken Profile 1.0). */
export interface UsernameToken {
  readonly user: string;
  readonly digest: string;
  readonly nonce: string;
  readonly created: string;
}

export interface SoapRequest {
  /** Local name of the first element of the body: `GetProfiles`. */
  readonly operation: string;
  readonly content: XmlNode;
  readonly token: UsernameToken | undefined;
}

/** The code and subcode of ONVIF Core §5.8.2. */
export class SoapFault extends Error {
  readonly subcode: string;
  readonly status: number;

  constructor(subcode: string, reason: string, status = 400) {
    super(reason);
    this.subcode = subcode;
    this.status = status;
  }
}

const parser = new XMLParser({
  removeNSPrefix: true,
  ignoreAttributes: false,
  attributeNamePrefix: "@",
  parseTagValue: false,
  parseAttributeValue: false,
});

/** Throws a SoapFault for what is not a SOAP request. */
export function parseRequest(body: string): SoapRequest {
  let parsed: unknown;
  try {
    parsed = parser.parse(body);
  } catch (error) {
    throw new SoapFault("ter:WellFormed", `not XML: ${String(error)}`);
  }
  const envelope = node(node(parsed)?.["Envelope"]);
  const content = node(envelope?.["Body"]);
  const operation = content && Object.keys(content).find((key) => !key.startsWith("@"));
  if (content === undefined || operation === undefined)
    throw new SoapFault("ter:WellFormed", "no SOAP body with a request");
  return {
    operation,
    content: node(content[operation]) ?? {},
    token: tokenOf(node(node(envelope?.["Header"])?.["Security"])),
  };
}

function tokenOf(security: XmlNode | undefined): UsernameToken | undefined {
  const token = node(security?.["UsernameToken"]);
  if (token === undefined) return undefined;
  return {
    user: textOf(token["Username"]),
    digest: textOf(token["Password"]),
    nonce: textOf(token["Nonce"]),
    created: textOf(token["Created"]),
  };
}

export function node(value: unknown): XmlNode | undefined {
  return typeof value === "object" && value !== null ? (value as XmlNode) : undefined;
}

/** Of an element with or without attributes; empty when it is not there. */
export function textOf(value: unknown): string {
  if (typeof value === "string") return value;
  const inner = node(value)?.["#text"];
  return typeof inner === "string" ? inner : "";
}

/** Text of the element below `content` along `path`. */
export function textAt(content: XmlNode, ...path: string[]): string {
  let at: unknown = content;
  for (const name of path) at = node(at)?.[name];
  return textOf(at);
}

const NAMESPACES = Object.entries({
  s: "http://www.w3.org/2003/05/soap-envelope",
  a: "http://www.w3.org/2005/08/addressing",
  tds: "http://www.onvif.org/ver10/device/wsdl",
  trt: "http://www.onvif.org/ver10/media/wsdl",
  tr2: "http://www.onvif.org/ver20/media/wsdl",
  tev: "http://www.onvif.org/ver10/events/wsdl",
  tptz: "http://www.onvif.org/ver20/ptz/wsdl",
  tt: "http://www.onvif.org/ver10/schema",
  ter: "http://www.onvif.org/ver10/error",
  tns1: "http://www.onvif.org/ver10/topics",
  wsnt: "http://docs.oasis-open.org/wsn/b-2",
  wstop: "http://docs.oasis-open.org/wsn/t-1",
  d: "http://schemas.xmlsoap.org/ws/2005/04/discovery",
  dn: "http://www.onvif.org/ver10/network/wsdl",
})
  .map(([prefix, uri]) => ` xmlns:${prefix}="${uri}"`)
  .join("");

export function envelope(body: string, header = ""): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n<s:Envelope${NAMESPACES}><s:Header>${header}</s:Header><s:Body>${body}</s:Body></s:Envelope>`;
}

export function faultEnvelope(fault: SoapFault): string {
  return envelope(
    `<s:Fault><s:Code><s:Value>s:Sender</s:Value><s:Subcode><s:Value>${fault.subcode}</s:Value></s:Subcode></s:Code>` +
      `<s:Reason><s:Text xml:lang="en">${escapeXml(fault.message)}</s:Text></s:Reason></s:Fault>`,
  );
}

export function escapeXml(text: string): string {
  return text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);
}
