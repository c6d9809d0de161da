import { MINUTE_MS } from "../kernel/time.ts";
import type { LogLevel } from "./messages.ts";
import type { Refusal } from "./rules/admission.ts";

/** A device that was turned away is "back" when it has stayed for so long: flapping is one line, not two a second. */
const BACK_AFTER_MS = MINUTE_MS;
/** Strangers can invent any number of addresses; the counts go on when the notes are full. */
const MAX_NOTES = 1_000;

interface Note {
  readonly refusal: Refusal;
  admittedAt: number | undefined;
}

/** Either a device we know or the address of someone we don't. */
export type Subject = { readonly device: string } | { readonly address: string };

type Say = (level: LogLevel, fields: Readonly<Record<string, unknown>>, message: string) => void;

/** Says once that someone is being turned away and why, and once that a device is back. */
export class RefusalNotes {
  private readonly notes = new Map<string, Note>();
  private readonly say: Say;

  constructor(say: Say) {
    this.say = say;
  }

  refused(subject: Subject, refusal: Refusal, fields: Readonly<Record<string, unknown>>): void {
    const key = keyOf(subject);
    const known = this.notes.get(key);
    if (known?.refusal === refusal) {
      known.admittedAt = undefined;
      return;
    }
    if (known === undefined && this.notes.size >= MAX_NOTES) return;
    this.notes.set(key, { refusal, admittedAt: undefined });
    this.say("warn", { ...subject, ...fields, reason: refusal }, "refused; counting from here on");
  }

  admitted(device: string, nowMs: number): void {
    const note = this.notes.get(keyOf({ device }));
    if (note !== undefined) note.admittedAt ??= nowMs;
  }

  /** To be called now and then. */
  sweep(nowMs: number): void {
    for (const [key, note] of this.notes) {
      if (note.admittedAt === undefined || nowMs - note.admittedAt < BACK_AFTER_MS) continue;
      this.notes.delete(key);
      this.say("info", { subject: key, reason: note.refusal }, "no longer refused");
    }
  }
}

function keyOf(subject: Subject): string {
  return "device" in subject ? `device ${subject.device}` : `address ${subject.address}`;
}
