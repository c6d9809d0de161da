import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";

export type MessageKind =
  "state" | "health" | "receipt" | "ack" | "time" | "envelope" | "order" | "plan" | "receipt-ack" | "beat";

const FOLDER = join(import.meta.dirname, "../../firmware-profiles/protocol");

const ajv = new Ajv2020({ strict: true, allErrors: true });
// The pattern beside it says the same.
ajv.addFormat("base64", true);

const validators = new Map<MessageKind, ValidateFunction>();

/** What the published JSON Schema says of a message; empty when it is right. */
export function schemaErrors(kind: MessageKind, message: unknown): string {
  let validate = validators.get(kind);
  if (validate === undefined) {
    const schema = JSON.parse(readFileSync(join(FOLDER, `${kind}.schema.json`), "utf8")) as object;
    validate = ajv.compile(schema);
    validators.set(kind, validate);
  }
  return validate(message) ? "" : ajv.errorsText(validate.errors);
}

/** Throws when real traffic does not fit the published schema. */
export function mustFit(kind: MessageKind, message: unknown): void {
  const errors = schemaErrors(kind, message);
  if (errors !== "") throw new Error(`traffic does not fit ${kind}.schema.json: ${errors}`);
}
