import type { Lang, Text } from "./text.ts";

/** What the caller can do about it; a new kind is added only when some caller must react differently. */
export type FaultKind =
  "unavailable" | "timeout" | "rejected" | "not-found" | "conflict" | "corrupt" | "invalid";

export interface FaultDetails {
  /** Name of the input field at fault, as the caller wrote it (`slot.startsAt`). */
  readonly field?: string;
  /** What the person should do now, imperative. */
  readonly hint?: Text;
  readonly cause?: unknown;
}

/** An expected failure that crosses a feature's boundary. Bugs stay plain errors and end the process. */
export class Fault extends Error {
  override readonly name = "Fault";
  readonly kind: FaultKind;
  readonly said: Text;
  readonly hint: Text | undefined;
  readonly field: string | undefined;

  /** A plain string is for messages that only logs and technicians read (English in both languages). */
  constructor(kind: FaultKind, message: Text | string, details: FaultDetails = {}) {
    const said = typeof message === "string" ? { en: message, vi: message } : message;
    super(said.en, details.cause === undefined ? undefined : { cause: details.cause });
    this.kind = kind;
    this.said = said;
    this.hint = details.hint;
    this.field = details.field;
  }

  /** Message and hint as one paragraph. */
  in(lang: Lang): string {
    return this.hint === undefined ? this.said[lang] : `${this.said[lang]} ${this.hint[lang]}`;
  }
}

/** sysexits(3), the convention of the CLI. A broken configuration file exits 78 instead of 64. */
export const EXIT_CODE: Record<FaultKind, number> = {
  unavailable: 69,
  timeout: 75,
  rejected: 77,
  "not-found": 66,
  conflict: 73,
  corrupt: 65,
  invalid: 64,
};

/** The exit code of a configuration that can't be used (sysexits EX_CONFIG). */
export const EXIT_CONFIG = 78;

export function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}
