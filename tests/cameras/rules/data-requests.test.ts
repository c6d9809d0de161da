import { expect, test } from "vitest";
import { DEFAULT_HOLIDAYS } from "../../../src/broadcast/rules/holidays.ts";
import { localZone } from "../../../src/broadcast/rules/local-time.ts";
import {
  mayStep,
  showsOthers,
  standingOf,
  termsOf,
  type RequestCourse,
  type RequestKind,
  type RequestState,
} from "../../../src/cameras/rules/data-requests.ts";
import { epochMs, type EpochMs } from "../../../src/kernel/time.ts";

const zone = localZone("Asia/Ho_Chi_Minh");
const calendar = { zone, holidays: DEFAULT_HOLIDAYS };

function local(words: string): EpochMs {
  return epochMs(Date.parse(`${words.replace(" ", "T")}:00+07:00`));
}

function shown(at: EpochMs): string {
  return new Date(at + 7 * 3_600_000).toISOString().slice(0, 16).replace("T", " ");
}

test.each<[string, RequestKind, string, readonly [string, string]]>([
  ["on a Monday", "view", "2026-11-23 09:00", ["2026-11-26 00:00", "2026-12-04 00:00"]],
  ["in the last minute of a day", "copy", "2026-11-23 23:59", ["2026-11-26 00:00", "2026-12-04 00:00"]],
  [
    "on a Thursday, before a weekend",
    "restrict",
    "2026-11-26 10:00",
    ["2026-12-01 00:00", "2026-12-12 00:00"],
  ],
  ["on a Saturday", "object", "2026-11-28 10:00", ["2026-12-02 00:00", "2026-12-14 00:00"]],
  ["on the eve of 30 April", "delete", "2026-04-29 10:00", ["2026-05-06 00:00", "2026-05-20 00:00"]],
  ["before Tết", "delete", "2026-02-13 10:00", ["2026-02-25 00:00", "2026-03-06 00:00"]],
])("deadlines of a request received %s", (_name, kind, receivedAt, expected) => {
  const terms = termsOf(kind, local(receivedAt), calendar);
  expect([shown(terms.acknowledgeBy), shown(terms.answerBy)]).toEqual(expected);
});

const COURSE: RequestCourse = {
  state: "received",
  acknowledgeBy: local("2026-11-26 00:00"),
  answerBy: local("2026-12-04 00:00"),
  acknowledgedAt: null,
  endedAt: null,
};

test.each<[Partial<RequestCourse>, string, boolean, string]>([
  [{}, "2026-11-23 09:00", false, "xác nhận đã nhận chậm nhất ngày 25/11/2026, còn 2 ngày"],
  [{}, "2026-11-25 23:59", false, "phải xác nhận đã nhận trong hôm nay (25/11/2026)"],
  [{}, "2026-11-26 00:00", true, "quá hạn: phải xác nhận đã nhận chậm nhất ngày 25/11/2026"],
  [{ state: "acknowledged" }, "2026-12-03 23:59", false, "phải trả lời trong hôm nay (03/12/2026)"],
  [{ state: "acknowledged" }, "2026-12-04 00:00", true, "quá hạn: phải trả lời chậm nhất ngày 03/12/2026"],
  [
    { state: "answered", endedAt: local("2026-12-03 16:00") },
    "2027-01-01 00:00",
    false,
    "đã trả lời đúng hạn",
  ],
  [
    { state: "answered", endedAt: local("2026-12-04 00:00") },
    "2027-01-01 00:00",
    true,
    "đã trả lời, trễ hạn",
  ],
  [
    { state: "withdrawn", endedAt: local("2026-12-09 00:00") },
    "2027-01-01 00:00",
    false,
    "người yêu cầu đã rút",
  ],
])("%j at %s stands late=%s: %s", (course, now, late, said) => {
  const standing = standingOf({ ...COURSE, ...course }, local(now), zone);
  expect([standing.late, standing.said.vi]).toEqual([late, said]);
});

test.each<[RequestState, string]>([
  ["received", "acknowledge answer withdraw"],
  ["acknowledged", "answer withdraw"],
  ["answered", ""],
  ["withdrawn", ""],
])("of a request that is %s one may: %s", (state, expected) => {
  const steps = (["acknowledge", "answer", "withdraw"] as const).filter((step) => mayStep(state, step));
  expect(steps.join(" ")).toBe(expected);
});

test("only pictures that are handed over may show others", () => {
  expect(showsOthers("copy", "granted")).toBe(true);
  expect(showsOthers("view", "partly")).toBe(true);
  expect(showsOthers("copy", "refused")).toBe(false);
  expect(showsOthers("delete", "granted")).toBe(false);
});
