import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { DAY_MS, epochMs, HOUR_MS, MINUTE_MS, type EpochMs } from "../../src/kernel/time.ts";
import type { BulletinDraft } from "../../src/broadcast/bulletin-model.ts";
import type { SlotDraft, SlotSaved } from "../../src/broadcast/calendar-model.ts";
import type { TimeWindow } from "../../src/broadcast/rules/model.ts";
import { resolve } from "../../src/broadcast/rules/resolve.ts";
import {
  approved,
  bulletinDraft,
  faultOf,
  HOA,
  LAN,
  MINH,
  NEVER_STOPPED,
  openHouse,
  rehearsing,
  saving,
  slotDraft,
  submitted,
  TIME_ZONE,
  type House,
} from "./calendar-house.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

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

const DAILY_AT = (time: string): string[] =>
  ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"].map((day) => `${day} ${time}`);

test("an approved bulletin's slot is what the rules read, and says what saving does", async () => {
  using house = openHouse();
  const { id } = await approved(house);
  const saved = house.calendar.create(slotDraft(id, { volumePercent: 60 }), saving);
  expect(saved.said.vi).toBe(
    "23/11/2026 – 29/11/2026: +7 lượt phát: “Tin sáng” sẽ phát lúc 17:00 ngày 23/11/2026, toàn xã (6 cụm loa); “Tin sáng” sẽ phát lúc 17:00 ngày 24/11/2026, toàn xã (6 cụm loa); “Tin sáng” sẽ phát lúc 17:00 ngày 25/11/2026, toàn xã (6 cụm loa); …",
  );
  expect(house.calendar.slots()).toMatchObject([
    {
      id: idOf(saved),
      level: 400,
      durationMs: 10 * MINUTE_MS,
      startTime: "17:00:00",
      afterPreempt: "resume",
    },
  ]);
  expect(house.calendar.slots()[0]?.barred).toBeUndefined();
  expect(starts(house)).toEqual(DAILY_AT("17:00"));
  expect(house.calendar.contentOf(idOf(saved))).toMatchObject({
    type: "files",
    parts: [{ durationMs: 10 * MINUTE_MS }],
    volumePercent: 60,
  });
  expect(house.calendar.bulletinOf(idOf(saved))?.id).toBe(id);
  expect(house.audit.read({ limit: 1 })).toMatchObject([{ action: "slot.create", actorName: "Lan" }]);
});

test("what is not approved stands on the calendar, barred, and says so when saved", async () => {
  using house = openHouse();
  const waiting = await submitted(house);
  const saved = house.calendar.create(slotDraft(waiting.id), saving);
  expect(saved.said.vi).toContain("Hiện chưa phát: Bản tin đang chờ duyệt.");
  expect(house.calendar.slots()[0]?.barred?.vi).toBe("Bản tin đang chờ duyệt.");
  expect(heardMinutes(house, "dong-1", WEEK)).toBe(0);
  house.bulletins.approve(waiting.id, { version: waiting.version, seal: waiting.seal ?? "" }, MINH);
  expect(house.calendar.slots()[0]?.barred).toBeUndefined();
  expect(heardMinutes(house, "dong-1", WEEK)).toBe(70);
});

test("an edit of the bulletin bars its slots at once, and its length is theirs", async () => {
  using house = openHouse();
  const { id, version } = await approved(house);
  house.calendar.create(slotDraft(id), saving);
  const draft = bulletinDraft({ content: { type: "audio", audioId: "other" } });
  await house.bulletins.change(id, { version, draft }, LAN, NEVER_STOPPED);
  expect(house.calendar.slots()).toMatchObject([
    { durationMs: 12 * MINUTE_MS, barred: { vi: "Mất hiệu lực duyệt vì phần âm thanh đã đổi." } },
  ]);
});

test("an approval that runs out next week bars next week only", async () => {
  using house = openHouse();
  const { id, version, seal = "" } = await submitted(house);
  house.calendar.create(slotDraft(id), saving);
  house.bulletins.approve(id, { version, seal, expiresAt: local("2026-11-26T12:00") }, MINH);
  expect(starts(house)).toEqual([
    "Mon 17:00",
    "Tue 17:00",
    "Wed 17:00",
    ...["Thu", "Fri", "Sat", "Sun"].map((day) => `${day} 17:00*`),
  ]);
});

test("a start that lay before the approval is not caught up with in the middle", async () => {
  using house = openHouse({ now: local("2026-11-23T16:00") });
  const { id, version, seal = "" } = await submitted(house);
  house.calendar.create(slotDraft(id), saving);
  house.clock.step(HOUR_MS + 5 * MINUTE_MS);
  house.bulletins.approve(id, { version, seal }, MINH);
  expect(starts(house).slice(0, 2)).toEqual(["Mon 17:00*", "Tue 17:00"]);
});

describe("what a slot sounds", () => {
  const lengths = async (
    bulletin: Partial<BulletinDraft>,
    slot: Partial<SlotDraft> = {},
  ): Promise<unknown> => {
    using house = openHouse();
    const id = await onCalendar(house, slot, bulletin);
    const content = house.calendar.contentOf(id);
    const { level, durationMs, afterPreempt, byClock } = house.calendar.slots()[0] ?? {};
    const parts =
      content.type === "files" ? content.parts.map((part) => part.durationMs / 1_000) : content.address;
    return [parts, level, (durationMs ?? 0) / 1_000, afterPreempt, byClock ?? false];
  };

  test.each<[string, Partial<BulletinDraft>, Partial<SlotDraft>, unknown]>([
    ["an ordinary bulletin", {}, {}, [[600], 400, 600, "resume", false]],
    ["with chimes", { chime: true }, {}, [[4, 600, 4], 400, 608, "resume", false]],
    ["a priority bulletin", PRIORITY, {}, [[600], 600, 600, "restart", false]],
    ["the officer's own choice", PRIORITY, { afterPreempt: "drop" }, [[600], 600, 600, "drop", false]],
    [
      "an emergency",
      { class: "emergency", chime: true },
      {},
      [[6, 600, 600, 600, 4], 850, 1_810, "resume", false],
    ],
    ["a relay", { content: VOV }, {}, ["https://vov.example/live.m3u8", 300, 3_600, "resume", true]],
    [
      "a shorter stretch of a relay",
      { content: VOV },
      { durationMs: 30 * MINUTE_MS },
      ["https://vov.example/live.m3u8", 300, 1_800, "resume", true],
    ],
    [
      "a filler",
      { content: { type: "audio", audioId: "music" } },
      { kind: "filler", durationMs: 10 * MINUTE_MS },
      [[180, 180, 180, 180], 200, 600, "resume", true],
    ],
  ])("%s", async (_name, bulletin, slot, expected) => {
    expect(await lengths(bulletin, slot)).toEqual(expected);
  });

  test("nothing, when its recording is gone", async () => {
    using house = openHouse();
    const id = await onCalendar(house);
    house.library.lose("news");
    house.calendar.setHolidays({ version: 0, holidays: [] }, saving);
    expect(faultOf(() => house.calendar.contentOf(id))).toBe(
      "unavailable: Kho âm thanh thiếu bản ghi của “Tin sáng”.",
    );
    expect(house.calendar.slots()[0]?.barred?.vi).toBe("Thiếu tệp âm thanh của bản tin.");
  });
});

test("a preview changes nothing", async () => {
  using house = openHouse();
  const { id } = await approved(house);
  const before = [house.audit.read({ limit: 1 })[0]?.seq, house.changes()];
  const { said, saved } = house.calendar.create(slotDraft(id), rehearsing);
  expect([saved, said.vi.includes("+7 lượt phát")]).toEqual([false, true]);
  expect(house.calendar.list()).toEqual([]);
  expect([house.audit.read({ limit: 1 })[0]?.seq, house.changes()]).toEqual(before);
});

test("of two officers who edit one slot the second is told who was quicker", async () => {
  using house = openHouse();
  const { id } = await approved(house);
  const slot = idOf(house.calendar.create(slotDraft(id), saving));
  const edit = (startTime: string, who: typeof LAN): string =>
    faultOf(() =>
      house.calendar.change(
        slot,
        { version: 1, scope: { type: "all" }, draft: slotDraft(id, { startTime }) },
        { actor: who, preview: false },
      ),
    );
  expect(edit("18:00", LAN)).toBe("done");
  expect(edit("19:00", HOA)).toBe(
    "conflict version: Lịch phát “Tin sáng” đã được Lan sửa lúc 08:00 ngày 23/11/2026, sau khi bạn mở.",
  );
  expect(house.calendar.get(slot).startTime).toBe("18:00:00");
});

test("the list of holidays is edited as a whole, and slots follow it", async () => {
  using house = openHouse();
  expect(house.calendar.holidays().length).toBeGreaterThan(8);
  await onCalendar(house, { holidays: "skip" });
  const feast = { type: "date", date: "2026-11-24", name: " Ngày hội " } as const;
  const saved = house.calendar.setHolidays({ version: 0, holidays: [feast] }, saving);
  expect(saved.said.vi).toContain("−1 lượt phát");
  expect(starts(house)).toEqual(DAILY_AT("17:00").filter((day) => !day.startsWith("Tue")));
  expect(house.calendar.holidayList()).toMatchObject({ version: 1, holidays: [{ name: "Ngày hội" }] });
  expect(faultOf(() => house.calendar.setHolidays({ version: 0, holidays: [] }, saving))).toContain(
    "conflict version",
  );
  expect(
    faultOf(() =>
      house.calendar.setHolidays(
        { version: 1, holidays: [{ type: "solar", monthDay: "11-31", name: "x" }] },
        saving,
      ),
    ),
  ).toBe("invalid holidays[0].monthDay: Không năm nào có ngày 11-31 (tháng-ngày).");
});

test("an airing is counted for the bulletin of its slot", async () => {
  using house = openHouse();
  const slot = await onCalendar(house);
  house.calendar.markAired(slot, `${slot}.2026-11-23`, epochMs(house.clock.now() + DAY_MS));
  const bulletin = house.calendar.bulletinOf(slot)?.id ?? "";
  expect(house.bulletins.get(bulletin).state).toBe("aired");
});

test("every field of a slot is there again after a restart", async () => {
  using folder = temporaryFolder();
  const file = join(folder.path, "tienglang.db");
  const written = async (): Promise<readonly unknown[]> => {
    using house = openHouse({ file });
    await onCalendar(house, {
      recurrence: { type: "lunar", days: [1, 15], month: 7, leapMonth: "both", shortMonth: "last-day" },
      to: "2027-12-31",
      seasons: [{ from: "05-01", to: "10-31" }],
      holidays: "skip",
      targets: { type: "some", hamlets: ["dong"], speakers: ["tay-1"] },
      volumePercent: 0,
      afterPreempt: "drop",
      rank: -3,
    });
    const relay = await onCalendar(house, { durationMs: MINUTE_MS, startTime: "18:00" }, { content: VOV });
    house.calendar.except(
      relay,
      { version: 1, date: "2026-11-24", edit: { type: "move", toDate: "2026-11-25", toTime: "19:00" } },
      saving,
    );
    return house.calendar.list();
  };
  const before = await written();
  expect(before).toHaveLength(2);
  using again = openHouse({ file });
  expect(again.calendar.list()).toEqual(before);
});
