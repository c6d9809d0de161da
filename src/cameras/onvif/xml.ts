import { XMLParser } from "fast-xml-parser";
import { first, nodes, textAt, type XmlNode } from "../rules/xml-node.ts";

/** Prefixes dropped, attributes as `@name`, every value the string that was sent: “5.10” stays “5.10”. */
const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: "@",
  removeNSPrefix: true,
  parseTagValue: false,
  parseAttributeValue: false,
  trimValues: true,
  // Numeric references, too: the parser counts them to HTML.
  htmlEntities: true,
});

/** Undefined for what is no XML. SOAP forbids document types, and so do we: they only serve attacks. */
export function parseXml(xml: string): XmlNode | undefined {
  if (/<!DOCTYPE|<!ENTITY/i.test(xml)) return undefined;
  try {
    return parser.parse(xml) as XmlNode;
  } catch {
    // Not well formed, or nested too deeply for the stack.
    return undefined;
  }
}

export type SoapReading =
  | { readonly type: "answer"; readonly name: string; readonly answer: XmlNode }
  | { readonly type: "fault"; readonly codes: readonly string[]; readonly reason: string }
  | { readonly type: "none" };

/** What a SOAP envelope carries. */
export function readSoap(xml: string): SoapReading {
  const body = first(parseXml(xml), "Envelope", "Body");
  if (body === undefined || typeof body === "string" || Array.isArray(body)) return { type: "none" };
  const children = Object.entries(body).filter(([name]) => !name.startsWith("@") && name !== "#text");
  const [name, answer] = children[0] ?? [];
  if (name === undefined || answer === undefined) return { type: "none" };
  if (name !== "Fault") return { type: "answer", name, answer };
  const codes = [
    textAt(answer, "Code", "Value"),
    textAt(answer, "Code", "Subcode", "Value"),
    textAt(answer, "Code", "Subcode", "Subcode", "Value"),
    textAt(answer, "faultcode"),
    ...Object.keys(Object.assign({}, ...nodes(answer, "Detail")) as object),
  ].filter((code) => code !== "" && !code.startsWith("@") && code !== "#text");
  const reason =
    textAt(answer, "Reason", "Text") || textAt(answer, "faultstring") || textAt(answer, "Detail", "Text");
  return {
    type: "fault",
    codes: codes.map((code) => code.replace(/^.*:/u, "")),
    reason: reason.slice(0, 300),
  };
}
