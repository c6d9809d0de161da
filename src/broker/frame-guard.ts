import type { Client } from "aedes";
import { Refused } from "./refused.ts";
import type { Refusal } from "./rules/admission.ts";

/** The part of mqtt-packet 9's parser that is held here. Its version is pinned, and a test sends an oversized packet. */
interface PacketParser {
  readonly packet: { readonly cmd: string; readonly length: number };
  _parseLength(): boolean;
  _emitError(error: Error): false;
}

/**
 * Asks about each packet as soon as its kind and length are known, before its body is read: the library itself would
 * collect whatever length a stranger announces (up to 256 MB, MQTT 3.1.1 §2.2.3). A refusal ends the connection.
 */
export function guardFrames(
  client: Client,
  judge: (kind: string, lengthBytes: number) => Refusal | undefined,
): void {
  const { _parser: parser } = client as unknown as { readonly _parser?: PacketParser };
  if (typeof parser?._parseLength !== "function") throw new Error("the packet parser has changed its shape");
  const parseLength = parser._parseLength.bind(parser);
  parser._parseLength = () => {
    if (!parseLength()) return false;
    const refusal = judge(parser.packet.cmd, parser.packet.length);
    return refusal === undefined ? true : parser._emitError(new Refused(refusal));
  };
}
