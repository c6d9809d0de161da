import { describe, expect, test } from "vitest";
import { text } from "../../../src/kernel/text.ts";
import { DAY_MS, epochMs } from "../../../src/kernel/time.ts";
import {
  afterEdit,
  approve,
  barAt,
  sealedWords,
  sendBack,
  submit,
  type Approval,
  type ApprovalPolicy,
  type Outcome,
  type Signature,
  type Sounding,
} from "../../../src/broadcast/rules/approval.ts";
import type { BulletinClass } from "../../../src/broadcast/rules/model.ts";

const policy: ApprovalPolicy = { authorMayApprove: false, countersignWithinMs: DAY_MS };
const at = (ms: number): Signature["at"] => epochMs(ms);
const lan = (ms: number): Signature => ({ by: "lan", name: "Lan", at: at(ms) });
const minh = (ms: number): Signature => ({ by: "minh", name: "Minh", at: at(ms) });
const say = (instant: number): ReturnType<typeof text> => text(`t${instant}`, `t${instant}`);

const draft: Approval = { step: "draft" };
const lost: Approval = { step: "draft", lost: text("Approval lost because x.", "Mất hiệu lực vì x.") };
const submitted: Approval = { step: "submitted", submitted: lan(100), seal: "s1" };
const approved: Approval = { step: "approved", submitted: lan(100), approved: minh(200), seal: "s1" };
const expiring: Approval = { ...approved, expiresAt: at(1_000) };
const returned: Approval = { step: "returned", returned: minh(200), reason: "sai tên thôn" };

function shown(outcome: Outcome): string {
  return outcome.type === "moved" ? outcome.to.step : `${outcome.kind}: ${outcome.why.en}`;
}

test.each([
  ["a draft", draft, 300, "submitted"],
  ["a draft that lost its approval", lost, 300, "submitted"],
  ["a returned one, unchanged", returned, 300, "submitted"],
  ["what is already submitted", submitted, 300, "conflict: Lan has already submitted this bulletin."],
  ["what is approved", approved, 300, "conflict: The bulletin is already approved."],
  ["an approval that has run out", expiring, 1_000, "submitted"],
  ["an approval that still holds", expiring, 999, "conflict: The bulletin is already approved."],
])("submit %s", (_name, approval, now, expected) => {
  expect(shown(submit(approval, "s1", lan(now)))).toBe(expected);
});

const asked = { heardSeal: "s1", seal: "s1", author: "lan" };

test.each([
  ["a submitted bulletin", submitted, asked, minh(300), policy, "approved"],
  ["a draft", draft, asked, minh(300), policy, "conflict: The bulletin has not been submitted."],
  ["a returned one", returned, asked, minh(300), policy, "conflict: The bulletin has not been submitted."],
  [
    "one approved before",
    approved,
    asked,
    minh(300),
    policy,
    "conflict: Minh has already approved this bulletin.",
  ],
  [
    "a sound other than the one heard",
    submitted,
    { ...asked, heardSeal: "s0" },
    minh(300),
    policy,
    "conflict: The bulletin has changed since you listened to it.",
  ],
  [
    "a sound other than the one submitted",
    submitted,
    { ...asked, heardSeal: "s2", seal: "s2" },
    minh(300),
    policy,
    "conflict: The bulletin has changed since you listened to it.",
  ],
  [
    "one's own writing",
    submitted,
    { ...asked, author: "minh" },
    minh(300),
    policy,
    "rejected: Nobody may approve a bulletin they wrote or submitted themselves.",
  ],
  [
    "one's own submission",
    submitted,
    { ...asked, author: "hoa" },
    lan(300),
    policy,
    "rejected: Nobody may approve a bulletin they wrote or submitted themselves.",
  ],
  [
    "one's own writing where the commune allows it",
    submitted,
    asked,
    lan(300),
    { ...policy, authorMayApprove: true },
    "approved",
  ],
] as const)("approve %s", (...[, approval, request, by, rules, expected]) => {
  expect(shown(approve(approval, request, by, rules))).toBe(expected);
});

test.each([
  ["none is set", policy, {}, undefined],
  ["the commune sets one", { ...policy, approvalValidForMs: 50 }, {}, 350],
  ["the approver names one", { ...policy, approvalValidForMs: 50 }, { expiresAt: at(400) }, 400],
])("an approval ends, when %s", (_name, rules, named, expected) => {
  const outcome = approve(submitted, { ...asked, ...named }, minh(300), rules);
  expect(outcome).toMatchObject({ to: { step: "approved" } });
  expect(outcome.type === "moved" && outcome.to.step === "approved" && outcome.to.expiresAt).toBe(expected);
});

test.each([
  ["a submitted bulletin", submitted, "returned"],
  ["an approved one", approved, "returned"],
  ["a draft", draft, "conflict: The bulletin has not been submitted."],
])("return %s", (_name, approval, expected) => {
  expect(shown(sendBack(approval, "sai tên", minh(300)))).toBe(expected);
});

const files = (sha256: string): Sounding => ({
  class: "ordinary",
  chime: true,
  content: { type: "files", sha256 },
});
const relay: Sounding = {
  class: "ordinary",
  chime: true,
  content: { type: "relay", address: "https://vov/1", durationMs: 600_000 },
};

test.each([
  ["another recording", files("b"), "Approval lost because the sound changed."],
  [
    "another class",
    { ...files("a"), class: "emergency" as const },
    "Approval lost because its class changed.",
  ],
  ["the chime off", { ...files("a"), chime: false }, "Approval lost because the chime was switched."],
  ["a relay instead", relay, "Approval lost because the kind of content changed."],
  ["the same sound", files("a"), "approved"],
])("an edit with %s", (_name, after, expected) => {
  const left = afterEdit(approved, files("a"), after);
  expect(left.step === "draft" ? left.lost?.en : left.step).toBe(expected);
});

test.each([
  ["address", { ...relay, content: { ...relay.content, address: "https://vov/2" } }],
  ["length", { ...relay, content: { ...relay.content, durationMs: 1 } }],
  ["fallback", { ...relay, content: { ...relay.content, fallbackSha256: "f" } }],
])("an edit of a relay's %s loses the approval", (_name, after) => {
  expect(afterEdit(approved, relay, after as Sounding)).toMatchObject({ step: "draft" });
});

test("an edit takes a submission back, and says so in other words", () => {
  const left = afterEdit(submitted, files("a"), files("b"));
  expect(left).toMatchObject({ step: "draft", lost: { vi: "Phải gửi duyệt lại vì phần âm thanh đã đổi." } });
});

test("an edit keeps the reason of a return to be read while it is corrected", () => {
  expect(afterEdit(returned, files("a"), files("b"))).toBe(returned);
});

test("the same sound has the same words, another one other words", () => {
  const different = [
    files("a"),
    files("b"),
    { ...files("a"), chime: false },
    { ...files("a"), class: "priority" as const },
    relay,
  ].map(sealedWords);
  expect(new Set(different).size).toBe(5);
  expect(sealedWords({ ...files("a") })).toBe(sealedWords(files("a")));
});

describe("the gate", () => {
  const bar = (
    approval: Approval,
    urgency: BulletinClass,
    startAt: number,
    seal: string | undefined = "s1",
  ): string => barAt({ class: urgency, approval, seal }, at(startAt), policy, say)?.en ?? "sounds";

  test.each([
    ["an approved bulletin", approved, "ordinary", 300, "sounds"],
    ["a start at the very approval", approved, "priority", 200, "sounds"],
    [
      "a start before the approval",
      approved,
      "ordinary",
      199,
      "It was approved only at t200, after this start.",
    ],
    ["a draft", draft, "ordinary", 300, "It has not been submitted for approval."],
    ["a draft that lost its approval", lost, "ordinary", 300, "Approval lost because x."],
    ["an emergency that is only drafted", draft, "emergency", 300, "It has not been submitted for approval."],
    ["a submitted bulletin", submitted, "ordinary", 300, "It is waiting for approval."],
    ["a submitted priority bulletin", submitted, "priority", 300, "It is waiting for approval."],
    ["a returned one", returned, "ordinary", 300, "Minh returned it: sai tên thôn"],
    ["a returned emergency", returned, "emergency", 300, "Minh returned it: sai tên thôn"],
    ["a submitted emergency", submitted, "emergency", 100, "sounds"],
    [
      "an emergency before its submission",
      submitted,
      "emergency",
      99,
      "It was submitted only at t100, after this start.",
    ],
    ["an emergency within the time to countersign", submitted, "emergency", 99 + DAY_MS, "sounds"],
    [
      "an emergency nobody countersigned",
      submitted,
      "emergency",
      100 + DAY_MS,
      "The emergency has not been countersigned in time.",
    ],
    ["an emergency countersigned while it sounds", approved, "emergency", 150, "sounds"],
    ["the last moment of an approval", expiring, "ordinary", 999, "sounds"],
    ["the end of an approval", expiring, "ordinary", 1_000, "Its approval ran out at t1000."],
  ] as const)("%s", (...[, approval, urgency, startAt, expected]) => {
    expect(bar(approval, urgency, startAt)).toBe(expected);
  });

  test.each([
    ["approved", approved, "ordinary"],
    ["submitted as an emergency", submitted, "emergency"],
  ] as const)("does not let pass what was exchanged after it was %s", (_name, approval, urgency) => {
    expect(bar(approval, urgency, 300, "s2")).toBe("Its content is not what was approved.");
  });

  test("does not let pass what has no sound", () => {
    expect(barAt({ class: "ordinary", approval: approved, seal: undefined }, at(300), policy, say)?.vi).toBe(
      "Thiếu tệp âm thanh của bản tin.",
    );
  });
});
