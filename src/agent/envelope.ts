import { verify, type KeyObject } from "node:crypto";
import type { z } from "zod";
import { asError } from "../kernel/faults.ts";
import { Envelope } from "../speakers/protocol.ts";

type Opened<T> =
  | { readonly type: "good"; readonly content: T }
  | { readonly type: "bad"; readonly why: "malformed" | "forged"; readonly detail: string };

/** More than the longest `signed` a hall may send, escaped as JSON. */
const LARGEST_ENVELOPE_BYTES = 600_000;

/** Checks the signature over the very bytes that were sent, then what they say. */
export function openEnvelope<T>(payload: Uint8Array, schema: z.ZodType<T>, hallKey: KeyObject): Opened<T> {
  if (payload.byteLength > LARGEST_ENVELOPE_BYTES) return malformed(`${payload.byteLength} bytes`);
  const envelope = Envelope.safeParse(parsedJson(payload));
  if (!envelope.success) return malformed(envelope.error.message);
  const { signed, signature } = envelope.data;
  if (!verify(null, Buffer.from(signed, "utf8"), hallKey, Buffer.from(signature, "base64")))
    return { type: "bad", why: "forged", detail: "the signature is not the hall's" };
  const content = schema.safeParse(parsedJson(Buffer.from(signed, "utf8")));
  return content.success ? { type: "good", content: content.data } : malformed(content.error.message);
}

function malformed(detail: string): Opened<never> {
  return { type: "bad", why: "malformed", detail };
}

/** Undefined for what is not JSON; no schema of ours accepts that. */
export function parsedJson(payload: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(payload).toString("utf8"));
  } catch (error) {
    if (asError(error) instanceof SyntaxError) return undefined;
    throw error;
  }
}
