import { expect, test } from "vitest";
import type { Slot } from "../../../src/broadcast/rules/model.ts";
import {
  cancelOccurrences,
  editOccurrences,
  moveOccurrence,
  restoreOccurrence,
  type EditScope,
  type SlotEdit,
} from "../../../src/broadcast/rules/series.ts";
import { timelineTold } from "../../support/air.ts";
import { slot } from "../../support/slots.ts";

const SERIES = slot({
  from: "2026-11-22",
  exceptions: [
    { date: "2026-11-23", type: "cancelled" },
    { date: "2026-11-27", type: "moved", toDate: "2026-11-27", toTime: "19:00:00" },
  ],
});
const NONE_CHANGED = [
  "22 17:00 news.2026-11-22",
  "24 17:00 news.2026-11-24",
  "25 17:00 news.2026-11-25",
  "26 17:00 news.2026-11-26",
  "27 19:00 news.2026-11-27",
];

/** What sounds from 22 to 27 November after the edit, as "<day> <time> <airing>". */
function heardAfter(edit: SlotEdit, before: Slot = SERIES): string[] {
  const slots = new Map([[before.id, before], ...edit.put.map((one): [string, Slot] => [one.id, one])]);
  for (const id of edit.removed) slots.delete(id);
  return timelineTold([...slots.values()], "2026-11-22", "2026-11-28");
}

const on = (type: "this" | "following", date: string): EditScope => ({ type, date });
const edited = slot({ ...SERIES, title: "Bản tin mới", startTime: "18:00:00" });
const later = { ...SERIES, startTime: "18:00:00" };

test("the series as it is", () => {
  expect(heardAfter({ put: [], removed: [] })).toEqual(NONE_CHANGED);
});

test.each<[string, SlotEdit, string[]]>([
  [
    "all: every occurrence changes, exceptions and names stay",
    editOccurrences(SERIES, edited, { type: "all" }, "new"),
    [
      "22 18:00 news.2026-11-22",
      "24 18:00 news.2026-11-24",
      "25 18:00 news.2026-11-25",
      "26 18:00 news.2026-11-26",
      "27 19:00 news.2026-11-27",
    ],
  ],
  [
    "following: the series splits, exceptions go with their part",
    editOccurrences(SERIES, edited, on("following", "2026-11-25"), "new"),
    [
      "22 17:00 news.2026-11-22",
      "24 17:00 news.2026-11-24",
      "25 18:00 new.2026-11-25",
      "26 18:00 new.2026-11-26",
      "27 19:00 new.2026-11-27",
    ],
  ],
  [
    "following the first is all",
    editOccurrences(SERIES, edited, on("following", "2026-11-22"), "new"),
    [
      "22 18:00 news.2026-11-22",
      "24 18:00 news.2026-11-24",
      "25 18:00 news.2026-11-25",
      "26 18:00 news.2026-11-26",
      "27 19:00 news.2026-11-27",
    ],
  ],
  [
    "this one, another time only: it stays in the series",
    editOccurrences(SERIES, later, on("this", "2026-11-25"), "new"),
    [...NONE_CHANGED.slice(0, 2), "25 18:00 news.2026-11-25", ...NONE_CHANGED.slice(3)],
  ],
  [
    "this one, otherwise: it becomes a slot of its own",
    editOccurrences(SERIES, edited, on("this", "2026-11-25"), "new"),
    [...NONE_CHANGED.slice(0, 2), "25 18:00 new.2026-11-25", ...NONE_CHANGED.slice(3)],
  ],
  [
    "this one, a cancelled one: it is there again",
    editOccurrences(SERIES, edited, on("this", "2026-11-23"), "new"),
    [NONE_CHANGED[0] ?? "", "23 18:00 new.2026-11-23", ...NONE_CHANGED.slice(1)],
  ],
  ["cancel this one", cancelOccurrences(SERIES, on("this", "2026-11-27")), NONE_CHANGED.slice(0, 4)],
  [
    "cancel the following",
    cancelOccurrences(SERIES, on("following", "2026-11-25")),
    NONE_CHANGED.slice(0, 2),
  ],
  ["cancel all", cancelOccurrences(SERIES, { type: "all" }), []],
  [
    "move one to another day",
    moveOccurrence(SERIES, "2026-11-24", { date: "2026-11-23", time: "06:00:00" }),
    [NONE_CHANGED[0] ?? "", "23 06:00 news.2026-11-24", ...NONE_CHANGED.slice(2)],
  ],
  [
    "move one again",
    moveOccurrence(SERIES, "2026-11-27", { date: "2026-11-27", time: "20:00:00" }),
    [...NONE_CHANGED.slice(0, 4), "27 20:00 news.2026-11-27"],
  ],
  [
    "restore a cancelled one",
    restoreOccurrence(SERIES, "2026-11-23"),
    [NONE_CHANGED[0] ?? "", "23 17:00 news.2026-11-23", ...NONE_CHANGED.slice(1)],
  ],
])("%s", (_name, edit, expected) => {
  expect(heardAfter(edit)).toEqual(expected);
});

test("an occurrence moved back to its place has no exception left", () => {
  const edit = moveOccurrence(SERIES, "2026-11-27", { date: "2026-11-27", time: "17:00:00" });
  expect(edit.put[0]?.exceptions).toEqual([{ date: "2026-11-23", type: "cancelled" }]);
});

test("exceptions are kept in order, one a day", () => {
  const edit = cancelOccurrences(SERIES, on("this", "2026-11-25"));
  expect(edit.put[0]?.exceptions.map(({ date }) => date)).toEqual(["2026-11-23", "2026-11-25", "2026-11-27"]);
});

test("an occurrence that was moved to another day is edited there", () => {
  const moved = slot({
    exceptions: [{ date: "2026-11-24", type: "moved", toDate: "2026-11-26", toTime: "06:00:00" }],
  });
  const otherTitle = { ...moved, title: "Khác" };
  const [, own] = editOccurrences(moved, otherTitle, on("this", "2026-11-24"), "new").put;
  expect(own).toMatchObject({ id: "new", recurrence: { type: "once", date: "2026-11-26" }, exceptions: [] });
  const [same] = editOccurrences(
    moved,
    { ...moved, startTime: "07:00:00" },
    on("this", "2026-11-24"),
    "new",
  ).put;
  expect(same?.exceptions).toEqual([
    { date: "2026-11-24", type: "moved", toDate: "2026-11-26", toTime: "07:00:00" },
  ]);
});

test("every n weeks goes on in step after a split", () => {
  const fortnightly = slot({
    from: "2026-11-02",
    recurrence: { type: "weekly", everyWeeks: 2, weekdays: [2] },
  });
  const edit = editOccurrences(
    fortnightly,
    { ...fortnightly, startTime: "18:00:00" },
    on("following", "2026-11-17"),
    "new",
  );
  expect(timelineTold([...edit.put], "2026-11-01", "2026-12-20")).toEqual([
    "03 17:00 news.2026-11-03",
    "17 18:00 new.2026-11-17",
    "01 18:00 new.2026-12-01",
    "15 18:00 new.2026-12-15",
  ]);
});

test("what comes only once is always edited as a whole", () => {
  const once = slot({ recurrence: { type: "once", date: "2026-11-24" } });
  expect(editOccurrences(once, { ...once, title: "Khác" }, on("this", "2026-11-24"), "new")).toEqual({
    put: [{ ...once, title: "Khác" }],
    removed: [],
  });
  expect(cancelOccurrences(once, on("following", "2026-11-24"))).toEqual({ put: [], removed: ["news"] });
});
