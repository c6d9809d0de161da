import { describe, expect, test } from "vitest";
import { epochMs, HOUR_MS, MINUTE_MS, type EpochMs } from "../../src/kernel/time.ts";
import type { BulletinDraft } from "../../src/broadcast/bulletin-model.ts";
import type { SlotDraft, SlotSaved } from "../../src/broadcast/calendar-model.ts";
import type { TimeWindow } from "../../src/broadcast/rules/model.ts";
import { resolve } from "../../src/broadcast/rules/resolve.ts";
import {
  approved,
  faultOf,
  openHouse,
  rehearsing,
  saving,
  slotDraft,
  TIME_ZONE,
  type House,
} from "./calendar-house.ts";

const VOV = { type: "relay", address: "https://vov.example/live.m3u8", durationMs: HOUR_MS } as const;
const PRIORITY: Partial<BulletinDraft> = { class: "priority" };

const local = (written: string): EpochMs => epochMs(Date.parse(`${written}:00+07:00`));
const span = (from: string, to: string): TimeWindow => ({ from: local(from), to: local(to) });
const WEEK = span("2026-11-23T00:00", "2026-11-30T00:00");

/** An approved bulletin on the calendar. Returns the slot's id. */
async function onCalendar(
  house: House,
  slot: Partial<SlotDraft> = {},
  bulletin: Partial<BulletinDraft> = {},
): Promise<string> {
  const { id } = await approved(house, bulletin);
  return idOf(house.calendar.create(slotDraft(id, slot), saving));
}

function idOf({ slots }: SlotSaved): string {
  return slots[0]?.id ?? "none";
}

/** `Mon 17:00` of every occurrence, with `*` where it is barred and its length where it is not ten minutes. */
function starts(house: House, window: TimeWindow = WEEK): string[] {
  return house.calendar.candidates(window).map(({ startAt, durationMs, barred }) => {
    const said = new Intl.DateTimeFormat("en-GB", {
      timeZone: TIME_ZONE,
      weekday: "short",
      hour: "2-digit",
      minute: "2-digit",
    }).format(startAt);
    const minutes = durationMs / MINUTE_MS;
    return (
      said.replace(",", "") + (minutes === 10 ? "" : ` ${minutes} min`) + (barred === undefined ? "" : "*")
    );
  });
}

/** Minutes of sound on one loudspeaker. */
function heardMinutes(house: House, speaker: string, window: TimeWindow): number {
  const timelines = resolve(house.calendar.candidates(window), house.calendar.zones(), window, {
    timeZone: TIME_ZONE,
  });
  const intervals = timelines.get(speaker)?.intervals ?? [];
  return intervals.reduce((sum, { startAt, endAt }) => sum + (endAt - startAt), 0) / MINUTE_MS;
}

describe("saving refuses, in words,", () => {
  test.each<[string, Partial<SlotDraft>, string]>([
    ["no time of day", { startTime: "25:00" }, "invalid startTime: “25:00” không phải là giờ hợp lệ."],
    [
      "a day that does not exist",
      { recurrence: { type: "once", date: "2027-02-29" } },
      "invalid recurrence.date: Không có ngày 2027-02-29.",
    ],
    [
      "a moment that is past",
      { recurrence: { type: "once", date: "2026-11-23" }, startTime: "07:00" },
      "invalid startTime: Thời điểm 07:00 ngày 23/11/2026 đã qua.",
    ],
    ["a first day that does not exist", { from: "2026-11-31" }, "invalid from: Không có ngày 2026-11-31."],
    [
      "a last day before the first",
      { to: "2026-11-22" },
      "invalid to: Ngày cuối 22/11/2026 trước ngày đầu 23/11/2026.",
    ],
    [
      "a season that does not exist",
      { seasons: [{ from: "02-30", to: "05-01" }] },
      "invalid seasons[0].from: Không năm nào có ngày 02-30 (tháng-ngày).",
    ],
    [
      "rules that never meet",
      { recurrence: { type: "monthly", days: [31] }, seasons: [{ from: "02-01", to: "02-28" }] },
      "invalid recurrence: Với quy tắc này, “Tin sáng” không phát lần nào trong hai năm tới.",
    ],
    [
      "nobody to hear it",
      { targets: { type: "some", hamlets: [], speakers: [] } },
      "invalid targets: Chưa chọn thôn hoặc cụm loa nào.",
    ],
    [
      "an unknown hamlet",
      { targets: { type: "some", hamlets: ["bac"], speakers: [] } },
      "invalid targets.hamlets: Không có thôn bac.",
    ],
    [
      "an unknown loudspeaker",
      { targets: { type: "some", hamlets: [], speakers: ["dong-9"] } },
      "invalid targets.speakers: Không có cụm loa dong-9.",
    ],
    [
      "a length for a recording",
      { durationMs: MINUTE_MS },
      "invalid durationMs: Chỉ đặt được thời lượng cho tiếp âm và phần lấp chỗ trống; lịch khác dài đúng bằng bản tin.",
    ],
    [
      "a filler longer than it can be repeated",
      { kind: "filler", durationMs: 3 * HOUR_MS },
      "invalid durationMs: 180 phút dài hơn mức 160 phút của “Tin sáng”.",
    ],
    ["an unknown bulletin", { bulletinId: "b0" }, "not-found: Không có bản tin b0."],
    [
      "the middle of the night",
      { startTime: "03:15" },
      "invalid startTime: Sẽ phát lúc 03:15 ngày 24/11/2026, 6 cụm loa, trong khung giờ yên tĩnh. Còn 739 lượt như vậy.",
    ],
    [
      "running into the night",
      { startTime: "21:25", recurrence: { type: "once", date: "2026-11-23" } },
      "invalid startTime: Sẽ phát từ 21:25 ngày 23/11/2026 và lấn vào khung giờ yên tĩnh từ 21:30, 6 cụm loa.",
    ],
    ["not what ends when the night begins", { startTime: "21:20" }, "done"],
    ["not what begins when the night ends", { startTime: "05:00" }, "done"],
  ])("%s", async (_name, changes, expected) => {
    using house = openHouse();
    const { id } = await approved(house);
    const before = house.changes();
    const draft = slotDraft(id, changes);
    expect(faultOf(() => house.calendar.create(draft, rehearsing))).toBe(expected);
    expect(faultOf(() => house.calendar.create(draft, saving))).toBe(expected);
    const saved = expected === "done" ? 1 : 0;
    expect([house.calendar.list().length, house.changes() - before]).toEqual([saved, saved]);
  });

  test("a filler of an urgent bulletin", async () => {
    using house = openHouse();
    const { id } = await approved(house, PRIORITY);
    expect(faultOf(() => house.calendar.create(slotDraft(id, { kind: "filler" }), saving))).toContain(
      "invalid kind",
    );
  });

  test("a relay longer than was approved", async () => {
    using house = openHouse();
    const { id } = await approved(house, { content: VOV });
    expect(faultOf(() => house.calendar.create(slotDraft(id, { durationMs: 2 * HOUR_MS }), saving))).toBe(
      "invalid durationMs: 120 phút dài hơn mức 60 phút của “Tin sáng”.",
    );
  });

  test("and names the quiet hours in its remedy", async () => {
    using house = openHouse();
    const { id } = await approved(house);
    expect(() => house.calendar.create(slotDraft(id, { startTime: "03:15" }), saving)).toThrow(
      expect.objectContaining({
        hint: expect.objectContaining({ vi: expect.stringContaining("21:30–05:00") as string }) as object,
      }),
    );
  });
});

describe("quiet hours", () => {
  test("do not hold for an emergency", async () => {
    using house = openHouse();
    await onCalendar(house, { startTime: "03:15" }, { class: "emergency" });
    expect(heardMinutes(house, "dong-1", span("2026-11-24T00:00", "2026-11-24T05:00"))).toBe(30);
  });

  test("made longer afterwards list the slots they silence", async () => {
    using house = openHouse();
    const id = await onCalendar(house, { startTime: "20:55" });
    expect(house.calendar.clashes()).toEqual([]);
    house.places.quietHours = [{ fromMinute: 21 * 60, toMinute: 5 * 60 }];
    expect(house.calendar.clashes()).toMatchObject([
      {
        slot: { id },
        title: "Tin sáng",
        said: {
          vi: "“Tin sáng”: Sẽ phát từ 20:55 ngày 23/11/2026 và lấn vào khung giờ yên tĩnh từ 21:00, 6 cụm loa. Còn 91 lượt như vậy.",
        },
      },
    ]);
    expect(heardMinutes(house, "dong-1", span("2026-11-24T12:00", "2026-11-25T00:00"))).toBe(5);
  });

  test("silence what was forced into the database", async () => {
    using house = openHouse();
    await onCalendar(house);
    house.database.run("UPDATE slot SET start_time = '03:15:00'");
    house.calendar.setHolidays({ version: 0, holidays: [] }, saving);
    expect(starts(house)[0]).toBe("Tue 03:15");
    expect(heardMinutes(house, "dong-1", WEEK)).toBe(0);
  });
});

describe("two priority bulletins at once", () => {
  const collide = async (house: House, slot: Partial<SlotDraft>): Promise<string> => {
    await onCalendar(house, { startTime: "17:05" }, { ...PRIORITY, title: "Bão số 9" });
    const { id } = await approved(house, { ...PRIORITY, title: "Tiêm chủng" });
    return faultOf(() => house.calendar.create(slotDraft(id, slot), saving)).replace(/lịch s\w+/, "lịch s…");
  };

  test.each<[string, Partial<SlotDraft>, string]>([
    [
      "ask for their order",
      {},
      "conflict rank: “Tiêm chủng” (17:00 ngày 23/11/2026) và “Bão số 9” (17:05 ngày 23/11/2026, lịch s…) cùng là bản tin ưu tiên và trùng giờ.",
    ],
    [
      "ask again when the order is none",
      { rank: 0 },
      "conflict rank: “Tiêm chủng” (17:00 ngày 23/11/2026) và “Bão số 9” (17:05 ngày 23/11/2026, lịch s…) cùng là bản tin ưu tiên và trùng giờ.",
    ],
    ["are taken with an order", { rank: 1 }, "done"],
    ["are taken one after the other", { startTime: "17:15" }, "done"],
    [
      "are found on the one day they meet",
      {
        startTime: "16:56",
        recurrence: { type: "lunar", days: [15], leapMonth: "skip", shortMonth: "skip" },
      },
      "conflict rank: “Tiêm chủng” (16:56 ngày 23/11/2026) và “Bão số 9” (17:05 ngày 23/11/2026, lịch s…) cùng là bản tin ưu tiên và trùng giờ.",
    ],
  ])("%s", async (_name, slot, expected) => {
    using house = openHouse();
    expect(await collide(house, slot)).toBe(expected);
  });

  test("do not collide in different hamlets", async () => {
    using house = openHouse();
    await onCalendar(house, { targets: { type: "some", hamlets: ["dong"], speakers: [] } }, PRIORITY);
    const { id } = await approved(house, PRIORITY);
    const elsewhere = slotDraft(id, { targets: { type: "some", hamlets: [], speakers: ["tay-1"] } });
    expect(faultOf(() => house.calendar.create(elsewhere, saving))).toBe("done");
  });

  test("sound in the order chosen", async () => {
    using house = openHouse();
    expect(await collide(house, { rank: 1, startTime: "17:10" })).toBe("done");
    const window = span("2026-11-23T17:00", "2026-11-23T18:00");
    const timelines = resolve(house.calendar.candidates(window), house.calendar.zones(), window, {
      timeZone: TIME_ZONE,
    });
    const titles = new Map(house.calendar.candidates(window).map(({ airing, title }) => [airing, title]));
    expect(timelines.get("dong-1")?.intervals.map(({ airing }) => titles.get(airing))).toEqual([
      "Bão số 9",
      "Tiêm chủng",
      "Bão số 9",
    ]);
  });
});
