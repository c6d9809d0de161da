import { createHash } from "node:crypto";
import { Fault } from "../kernel/faults.ts";
import { text, type Text } from "../kernel/text.ts";
import type { EpochMs } from "../kernel/time.ts";
import { mayAct, type Actor } from "../identity/actor.ts";
import { sealedWords, type Approval, type Outcome, type Signature, type Sounding } from "./rules/approval.ts";

/** What an approval is bound to: SHA-256 of what would sound, hex. */
export function sealOf(sounding: Sounding): string {
  return createHash("sha256").update(sealedWords(sounding)).digest("hex");
}

export function signed(actor: Actor, at: EpochMs): Signature {
  return { by: actor.id, name: actor.name, at };
}

/** The next state, or the refusal as a Fault. */
export function accepted(outcome: Outcome): Approval {
  if (outcome.type === "moved") return outcome.to;
  throw new Fault(outcome.kind, outcome.why, { hint: outcome.hint });
}

/** The routes ask this too; here it holds for whoever calls from inside the program. */
export function mustBeLeader(actor: Actor): void {
  if (mayAct(actor, ["leader"])) return;
  throw new Fault(
    "rejected",
    text("Only a leader may approve or return a bulletin.", "Chỉ lãnh đạo được duyệt hoặc trả lại bản tin."),
    { hint: text("Ask a leader.", "Hãy nhờ lãnh đạo xã.") },
  );
}

/** Refuses a change made on an older version than the stored one: nothing another person wrote is lost. */
export function mustBeCurrent(
  what: { readonly version: number; readonly changed: Signature; readonly named: Text },
  seenVersion: number,
  say: (at: EpochMs) => Text,
): void {
  if (what.version === seenVersion) return;
  const when = say(what.changed.at);
  throw new Fault(
    "conflict",
    text(
      `${what.named.en} was changed by ${what.changed.name} at ${when.en}, after you opened it.`,
      `${what.named.vi} đã được ${what.changed.name} sửa lúc ${when.vi}, sau khi bạn mở.`,
    ),
    {
      field: "version",
      hint: text(
        "Reload to see that change, then make yours again; nothing has been saved.",
        "Hãy tải lại để xem thay đổi đó rồi sửa lại; thay đổi của bạn chưa được lưu.",
      ),
    },
  );
}

/** Writes instants for people in the commune's time: `17:05 ngày 24/11/2026`. */
export function sayingInstants(timeZone: string): (at: EpochMs) => Text {
  const format = new Intl.DateTimeFormat("en-GB", {
    timeZone,
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
  });
  return (at) => {
    const parts = new Map(format.formatToParts(at).map(({ type, value }) => [type, value]));
    const part = (name: Intl.DateTimeFormatPartTypes): string => parts.get(name) ?? "";
    const clock = `${part("hour")}:${part("minute")}`;
    return text(
      `${clock} on ${part("year")}-${part("month")}-${part("day")}`,
      `${clock} ngày ${part("day")}/${part("month")}/${part("year")}`,
    );
  };
}
