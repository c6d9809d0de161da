import type { Refusal } from "./rules/admission.ts";

/** Ends a connection for a reason of ours. Travels through the MQTT library as its error. */
export class Refused extends Error {
  override readonly name = "Refused";
  readonly refusal: Refusal;

  constructor(refusal: Refusal) {
    super(refusal);
    this.refusal = refusal;
  }
}

/** What aedes says when it turns someone away by itself; pinned by the tests of each limit. */
const LIBRARY_WORDS: readonly (readonly [words: string, refusal: Refusal])[] = [
  ["connect did not arrive in time", "no-connect"],
  ["topic has too many levels", "topic-depth"],
  ["Client queue limit reached", "impatient"],
  ["drain timeout", "slow"],
];

/** How the library or the operating system says that a connection is simply over. */
const JUST_GONE = ["keep alive timeout", "connection closed", "Premature close"];

/** Undefined when the connection was lost rather than refused. */
export function refusalOf(error: Error): Refusal | undefined {
  if (error instanceof Refused) return error.refusal;
  if ("syscall" in error || JUST_GONE.includes(error.message)) return undefined;
  return LIBRARY_WORDS.find(([words]) => error.message === words)?.[1] ?? "malformed";
}
