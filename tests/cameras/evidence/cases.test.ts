import { expect, test } from "vitest";
import { DAY_MS, epochMs } from "../../../src/kernel/time.ts";
import { CLI_ACTOR } from "../../../src/identity/actor.ts";
import { GATE, person } from "../camera-house.ts";
import { AT, openEvidenceHouse } from "./evidence-house.ts";

const OFFICER = person("officer");
const LEADER = person("leader");
const DRAFT = { number: "12/2026/HS", title: "Va chạm", reason: "Khiếu nại" };
const span = (fromMs: number, toMs: number) => ({ from: epochMs(AT + fromMs), to: epochMs(AT + toMs) });

test("what a case holds is kept, as often as it is held", () => {
  using house = openEvidenceHouse();
  const { cases } = house;
  const { id } = cases.open(DRAFT, OFFICER);
  const second = cases.open({ ...DRAFT, number: "13/2026/HS" }, OFFICER);
  cases.hold(id, { camera: GATE, ...span(0, 60_000) }, OFFICER);
  cases.hold(second.id, { camera: GATE, ...span(30_000, 90_000) }, OFFICER);
  expect(cases.kept(GATE, span(40_000, 50_000))).toEqual([
    { ...span(0, 60_000), why: "hold" },
    { ...span(30_000, 90_000), why: "hold" },
  ]);
  cases.askRelease(id, "đã xong", OFFICER);
  expect(cases.kept(GATE, span(0, 10_000))).toHaveLength(1);
  cases.confirmRelease(id, LEADER);
  // The other case still holds its part.
  expect(cases.kept(GATE, span(0, 100_000))).toEqual([{ ...span(30_000, 90_000), why: "hold" }]);
  expect(cases.holdsWithin(GATE, span(0, 100_000))).toEqual([
    { ...span(30_000, 90_000), caseNumber: "13/2026/HS" },
  ]);
  expect(cases.kept(GATE, span(90_000, 100_000))).toEqual([]);
});

test("every step is in the trail and told to the pages", () => {
  using house = openEvidenceHouse();
  const { id } = house.cases.open(DRAFT, OFFICER);
  house.cases.hold(id, { camera: GATE, ...span(0, 60_000) }, OFFICER);
  house.cases.askRelease(id, "đã xong", OFFICER);
  house.cases.refuseRelease(id, LEADER);
  house.cases.askRelease(id, "đã xong thật", OFFICER);
  house.cases.confirmRelease(id, LEADER);
  expect(house.audit.read({ limit: 10 }).map(({ action, actorName }) => `${action} ${actorName}`)).toEqual([
    "case.release the-leader",
    "case.release-ask the-officer",
    "case.release-refuse the-leader",
    "case.release-ask the-officer",
    "case.hold the-officer",
    "case.open the-officer",
  ]);
  expect(house.told).toEqual(Array.from({ length: 6 }, () => id));
});

test.each([
  ["who asked for it", LEADER, LEADER],
  ["who is no leader", LEADER, OFFICER],
  ["the command line", OFFICER, CLI_ACTOR],
])("a release is not confirmed by %s", (_name, asks, confirms) => {
  using house = openEvidenceHouse();
  const { id } = house.cases.open(DRAFT, OFFICER);
  house.cases.hold(id, { camera: GATE, ...span(0, 60_000) }, OFFICER);
  house.cases.askRelease(id, "đã xong", asks);
  expect(() => house.cases.confirmRelease(id, confirms)).toThrow(
    expect.objectContaining({ kind: "rejected" }),
  );
  expect(house.cases.kept(GATE, span(0, 60_000))).toHaveLength(1);
});

test("an administrator may confirm", () => {
  using house = openEvidenceHouse();
  const { id } = house.cases.open(DRAFT, OFFICER);
  house.cases.askRelease(id, "đã xong", OFFICER);
  expect(house.cases.confirmRelease(id, person("admin"))).toMatchObject({
    state: "released",
    release: { askedBy: "the-officer", confirmedBy: "the-admin", reason: "đã xong" },
  });
});

test("what can't be is refused in words", () => {
  using house = openEvidenceHouse();
  const { cases } = house;
  const { id } = cases.open(DRAFT, OFFICER);
  const conflict = expect.objectContaining({ kind: "conflict" });
  expect(() => cases.open(DRAFT, OFFICER)).toThrow(
    expect.objectContaining({ kind: "conflict", field: "number" }),
  );
  expect(() => cases.confirmRelease(id, LEADER)).toThrow(conflict);
  expect(() => cases.refuseRelease(id, LEADER)).toThrow(conflict);
  expect(() => cases.get("none")).toThrow(expect.objectContaining({ kind: "not-found" }));
  expect(() => cases.hold(id, { camera: GATE, ...span(0, 3 * DAY_MS) }, OFFICER)).toThrow(
    expect.objectContaining({ kind: "invalid", field: "to" }),
  );
  cases.askRelease(id, "đã xong", OFFICER);
  cases.confirmRelease(id, LEADER);
  expect(() => cases.hold(id, { camera: GATE, ...span(0, 60_000) }, OFFICER)).toThrow(conflict);
  expect(() => cases.askRelease(id, "lại", OFFICER)).toThrow(conflict);
});
