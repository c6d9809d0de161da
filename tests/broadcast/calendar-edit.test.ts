import { expect, test } from "vitest";
import { epochMs, HOUR_MS, MINUTE_MS, type EpochMs } from "../../src/kernel/time.ts";
import type { OccurrenceEdit, SlotDraft, SlotSaved } from "../../src/broadcast/calendar-model.ts";
import type { TimeWindow } from "../../src/broadcast/rules/model.ts";
import { approved, faultOf, openHouse, saving, slotDraft, TIME_ZONE, type House } from "./calendar-house.ts";

const local = (written: string): EpochMs => epochMs(Date.parse(`${written}:00+07:00`));
const WEEK: TimeWindow = { from: local("2026-11-23T00:00"), to: local("2026-11-30T00:00") };

interface Series {
  readonly house: House;
  readonly bulletin: string;
  readonly slot: string;
  change(changes: Partial<SlotDraft>, scope?: Parameters<House["calendar"]["change"]>[1]["scope"]): SlotSaved;
  except(date: string, edit: OccurrenceEdit): SlotSaved;
  remove(scope?: Parameters<House["calendar"]["remove"]>[1]["scope"]): SlotSaved;
}

/** Daily at 17:00, ten minutes, made on Monday at 08:00. */
async function daily(house: House): Promise<Series> {
  const { id } = await approved(house);
  const slot = house.calendar.create(slotDraft(id), saving).slots[0]?.id ?? "none";
  const version = (): number => house.calendar.get(slot).version;
  return {
    house,
    bulletin: id,
    slot,
    change: (changes, scope = { type: "all" }) =>
      house.calendar.change(slot, { version: version(), scope, draft: slotDraft(id, changes) }, saving),
    except: (date, edit) => house.calendar.except(slot, { version: version(), date, edit }, saving),
    remove: (scope = { type: "all" }) => house.calendar.remove(slot, { version: version(), scope }, saving),
  };
}

/** The week as `Mon 17:00`, with the length where it is not ten minutes. */
function week({ house }: Series): string {
  const format = new Intl.DateTimeFormat("en-GB", {
    timeZone: TIME_ZONE,
    weekday: "short",
    hour: "2-digit",
    minute: "2-digit",
  });
  return house.calendar
    .candidates(WEEK)
    .map(({ startAt, durationMs }) => {
      const minutes = durationMs / MINUTE_MS;
      return format.format(startAt).replace(",", "") + (minutes === 10 ? "" : ` (${minutes})`);
    })
    .join(", ");
}

const at = (house: House, written: string): void => house.clock.step(local(written) - house.clock.now());
const REST = "Wed 17:00, Thu 17:00, Fri 17:00, Sat 17:00, Sun 17:00";

test("before it has begun a slot is changed in place", async () => {
  using house = openHouse();
  const series = await daily(house);
  const saved = series.change({ startTime: "18:00" });
  expect(saved.slots.map(({ id }) => id)).toEqual([series.slot]);
  expect(saved.said.vi).toContain("đổi giờ 7");
  expect(week(series)).toMatch(/^Mon 18:00, Tue 18:00/);
});

test("a new time of what has begun takes a new slot: today's second start is another airing, and the past stays", async () => {
  using house = openHouse();
  const series = await daily(house);
  at(house, "2026-11-24T17:30");
  const saved = series.change({ startTime: "18:00" });
  const [successor] = saved.slots;
  expect(successor?.id).not.toBe(series.slot);
  expect(successor?.series).toBe(series.slot);
  expect(week(series)).toBe(
    "Mon 17:00, Tue 17:00, Tue 18:00, Wed 18:00, Thu 18:00, Fri 18:00, Sat 18:00, Sun 18:00",
  );
  expect(new Set(house.calendar.candidates(WEEK).map(({ airing }) => airing)).size).toBe(8);
  expect(house.calendar.list().map(({ id }) => id)).toEqual([successor?.id]);
});

test("a time earlier today that is past already sounds from tomorrow on", async () => {
  using house = openHouse();
  const series = await daily(house);
  at(house, "2026-11-23T12:00");
  series.change({ startTime: "11:55" });
  expect(week(series)).toMatch(/^Tue 11:55, Wed 11:55/);
});

test("a new time ends what is on air", async () => {
  using house = openHouse();
  const series = await daily(house);
  at(house, "2026-11-24T17:04");
  series.change({ startTime: "18:00" });
  expect(week(series)).toMatch(/^Mon 17:00, Tue 17:00 \(4\), Tue 18:00, Wed 18:00/);
});

test("other days ahead leave what is on air alone", async () => {
  using house = openHouse();
  const series = await daily(house);
  at(house, "2026-11-24T17:04");
  series.change({ recurrence: { type: "weekly", everyWeeks: 1, weekdays: [4] } });
  expect(week(series)).toBe("Mon 17:00, Tue 17:00, Thu 17:00");
});

test("places and volume change in place, on air too", async () => {
  using house = openHouse();
  const series = await daily(house);
  at(house, "2026-11-24T17:04");
  const saved = series.change({
    volumePercent: 30,
    targets: { type: "some", hamlets: ["dong"], speakers: [] },
  });
  expect(saved.slots.map(({ id }) => id)).toEqual([series.slot]);
  expect(house.calendar.contentOf(series.slot).volumePercent).toBe(30);
  expect(week(series)).toMatch(/^Mon 17:00, Tue 17:00, Wed 17:00/);
});

test("a last day taken away is no last day", async () => {
  using house = openHouse();
  const series = await daily(house);
  series.change({ to: "2026-11-24" });
  expect(week(series)).toBe("Mon 17:00, Tue 17:00");
  series.change({});
  expect(week(series)).toBe(`Mon 17:00, Tue 17:00, ${REST}`);
});

test("this one: another time is kept in the series", async () => {
  using house = openHouse();
  const series = await daily(house);
  const saved = series.change({ startTime: "19:00" }, { type: "one", date: "2026-11-24" });
  expect(saved.slots.map(({ id }) => id)).toEqual([series.slot]);
  expect(week(series)).toBe(`Mon 17:00, Tue 19:00, ${REST}`);
});

test("this one: other places make a slot of its own", async () => {
  using house = openHouse();
  const series = await daily(house);
  const targets = { type: "some", hamlets: ["dong"], speakers: [] } as const;
  const saved = series.change({ targets }, { type: "one", date: "2026-11-24" });
  expect(saved.slots).toHaveLength(2);
  expect(week(series)).toBe(`Mon 17:00, Tue 17:00, ${REST}`);
  const tuesday = house.calendar.candidates(WEEK)[1];
  expect([tuesday?.targets, tuesday?.slot === series.slot]).toEqual([targets, false]);
});

test("following: from that day on", async () => {
  using house = openHouse();
  const series = await daily(house);
  series.except("2026-11-28", { type: "cancel" });
  series.change({ startTime: "18:00" }, { type: "following", date: "2026-11-26" });
  expect(week(series)).toBe("Mon 17:00, Tue 17:00, Wed 17:00, Thu 18:00, Fri 18:00, Sun 18:00");
  expect(house.calendar.list()).toHaveLength(2);
});

test("following from the first day means all", async () => {
  using house = openHouse();
  const series = await daily(house);
  series.change({ startTime: "18:00" }, { type: "following", date: "2026-11-23" });
  expect(house.calendar.list()).toHaveLength(1);
});

test.each<[string, (series: Series) => void, string]>([
  ["this one", (series) => series.remove({ type: "one", date: "2026-11-24" }), `Mon 17:00, ${REST}`],
  [
    "the following",
    (series) => series.remove({ type: "following", date: "2026-11-25" }),
    "Mon 17:00, Tue 17:00",
  ],
  ["all", (series) => series.remove(), ""],
])("removing %s", async (_name, remove, expected) => {
  using house = openHouse();
  const series = await daily(house);
  remove(series);
  expect(week(series)).toBe(expected);
});

test("removing ends what is on air and keeps what was; the row is never deleted", async () => {
  using house = openHouse();
  const series = await daily(house);
  at(house, "2026-11-24T17:04");
  const saved = series.remove();
  expect(saved.said.vi).toContain("lượt phát");
  expect(week(series)).toBe("Mon 17:00, Tue 17:00 (4)");
  expect(house.calendar.get(series.slot).closed).toEqual({ at: local("2026-11-24T17:04"), cut: true });
  expect(faultOf(() => series.remove())).toBe(
    "conflict: Lịch phát này của “Tin sáng” đã được Lan xóa hoặc thay lịch khác lúc 17:04 ngày 24/11/2026.",
  );
});

test("one occurrence is moved to another day and put back", async () => {
  using house = openHouse();
  const series = await daily(house);
  series.except("2026-11-24", { type: "move", toDate: "2026-11-25", toTime: "18:30" });
  expect(week(series)).toBe("Mon 17:00, Wed 17:00, Wed 18:30, Thu 17:00, Fri 17:00, Sat 17:00, Sun 17:00");
  series.except("2026-11-24", { type: "restore" });
  expect(week(series)).toBe(`Mon 17:00, Tue 17:00, ${REST}`);
});

test.each<[string, string, OccurrenceEdit, string]>([
  [
    "a day without one",
    "2026-11-22",
    { type: "cancel" },
    "not-found date: Lịch phát s… không có lần phát ngày 22/11/2026.",
  ],
  [
    "what is over",
    "2026-11-23",
    { type: "cancel" },
    "conflict date: Lần phát ngày 23/11/2026 đã bắt đầu hoặc đã phát xong.",
  ],
  ["what is on air: it stops", "2026-11-24", { type: "cancel" }, "done"],
  [
    "what is on air to another time",
    "2026-11-24",
    { type: "move", toDate: "2026-11-24", toTime: "19:00" },
    "conflict date: Lần phát ngày 24/11/2026 đã bắt đầu hoặc đã phát xong.",
  ],
  [
    "to the past",
    "2026-11-25",
    { type: "move", toDate: "2026-11-24", toTime: "16:00" },
    "invalid toTime: Thời điểm 16:00 ngày 24/11/2026 đã qua.",
  ],
  [
    "into the night",
    "2026-11-25",
    { type: "move", toDate: "2026-11-25", toTime: "23:00" },
    "invalid startTime: Sẽ phát lúc 23:00 ngày 25/11/2026, 6 cụm loa, trong khung giờ yên tĩnh.",
  ],
  [
    "to a day that does not exist",
    "2026-11-25",
    { type: "move", toDate: "2026-11-31", toTime: "16:00" },
    "invalid toDate: Không có ngày 2026-11-31.",
  ],
  [
    "back what was never changed",
    "2026-11-25",
    { type: "restore" },
    "not-found date: Lần phát ngày 25/11/2026 chưa từng bị thay đổi.",
  ],
])("changing one occurrence: %s", async (_name, date, edit, expected) => {
  using house = openHouse();
  const series = await daily(house);
  at(house, "2026-11-24T17:04");
  expect(faultOf(() => series.except(date, edit)).replace(series.slot, "s…")).toBe(expected);
});

test("another bulletin in the slot is another sound, and another airing", async () => {
  using house = openHouse();
  const series = await daily(house);
  const other = await approved(house, { title: "Tin khác" });
  at(house, "2026-11-24T17:30");
  series.change({ bulletinId: other.id });
  const titles = house.calendar.candidates(WEEK).map(({ title }) => title);
  expect(titles.slice(0, 3)).toEqual(["Tin sáng", "Tin sáng", "Tin khác"]);
});

test("every second week keeps its rhythm when the series is split", async () => {
  using house = openHouse();
  const { id } = await approved(house);
  const fortnightly = { recurrence: { type: "weekly", everyWeeks: 2, weekdays: [1, 4] } } as const;
  const slot = house.calendar.create(slotDraft(id, fortnightly), saving).slots[0]?.id ?? "";
  const month: TimeWindow = { from: WEEK.from, to: local("2026-12-31T00:00") };
  const before = house.calendar.candidates(month).map(({ startAt }) => startAt);
  house.calendar.change(
    slot,
    {
      version: 1,
      scope: { type: "following", date: "2026-12-10" },
      draft: slotDraft(id, { ...fortnightly, startTime: "18:00" }),
    },
    saving,
  );
  const after = house.calendar.candidates(month).map(({ startAt }) => startAt);
  expect(after).toEqual(before.map((start) => (start < local("2026-12-10T00:00") ? start : start + HOUR_MS)));
});
