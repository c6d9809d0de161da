import { expect, test } from "vitest";
import type { Slot, Targets, Zone } from "../../../src/broadcast/rules/model.ts";
import { diffViews, type PreviewDiff } from "../../../src/broadcast/rules/preview-diff.ts";
import { editOccurrences } from "../../../src/broadcast/rules/series.ts";
import { calendarTimelines } from "../../../src/broadcast/rules/timelines.ts";
import { MINUTE_MS } from "../../../src/kernel/time.ts";
import { at, HANOI, zone } from "../../support/air.ts";
import { slot } from "../../support/slots.ts";

const ZONES: Zone[] = [1, 2, 3, 4, 5].flatMap((hamlet) =>
  ["a", "b"].map((half) => zone({ speaker: `loa-${hamlet}${half}`, hamlet: `thon-${hamlet}` })),
);
const PLACES = {
  timeZone: HANOI,
  zones: ZONES,
  hamletName: (hamlet: string) => hamlet.replace("thon-", "Thôn "),
};
const DAY = { from: at("00:00"), to: at("24:00") };
const WEEK = { from: at("00:00"), to: at("168:00") };
const inHamlets = (...hamlets: string[]): Targets => ({ type: "some", hamlets, speakers: [] });

function diff(before: readonly Slot[], after: readonly Slot[], window = DAY): PreviewDiff {
  const view = (slots: readonly Slot[]): ReturnType<typeof calendarTimelines> =>
    calendarTimelines({ slots, timeZone: HANOI, holidays: [] }, ZONES, window);
  return diffViews(view(before), view(after), PLACES);
}

const PRIORITY = slot({ id: "power", title: "Cắt điện", level: 600, durationMs: 5 * MINUTE_MS });

test.each<[string, readonly Slot[], readonly Slot[], string, string]>([
  [
    "nothing",
    [slot()],
    [slot({ rank: 5 })],
    "Không có gì thay đổi khi phát.",
    "Nothing that is heard changes.",
  ],
  [
    "one more, everywhere",
    [],
    [slot()],
    "+1 lượt phát: “Bản tin” sẽ phát lúc 17:00 ngày 24/11/2026, toàn xã (10 cụm loa).",
    "+1 airing: “Bản tin” will sound at 17:00 on 24/11/2026, the whole commune (10 loudspeakers).",
  ],
  [
    "one less, in two hamlets",
    [slot({ targets: inHamlets("thon-1", "thon-3") })],
    [],
    "−1 lượt phát: “Bản tin” sẽ không phát lúc 17:00 ngày 24/11/2026, Thôn 1, Thôn 3.",
    "−1 airing: “Bản tin” will not sound at 17:00 on 24/11/2026, Thôn 1, Thôn 3.",
  ],
  [
    "a new one pushes another aside where it sounds",
    [slot()],
    [slot(), { ...PRIORITY, targets: inHamlets("thon-3") }],
    "+1 lượt phát, đổi giờ 1: “Cắt điện” sẽ phát lúc 17:00 ngày 24/11/2026, Thôn 3; Thôn 3 sẽ nghe “Bản tin” lúc 17:05 thay vì 17:00 ngày 24/11/2026.",
    "+1 airing, 1 at another time: “Cắt điện” will sound at 17:00 on 24/11/2026, Thôn 3; Thôn 3 will hear “Bản tin” at 17:05 instead of 17:00 on 24/11/2026.",
  ],
  [
    "one that is cut by quiet hours",
    [slot({ startTime: "21:10:00" })],
    [slot({ startTime: "21:10:00", durationMs: 25.5 * MINUTE_MS })],
    "đổi độ dài 1: “Bản tin” lúc 21:10 ngày 24/11/2026 sẽ phát 20 phút thay vì 10 phút, toàn xã (10 cụm loa).",
    "1 shorter or longer: “Bản tin” at 21:10 on 24/11/2026 will sound for 20 instead of 10 min, the whole commune (10 loudspeakers).",
  ],
  [
    "half minutes have a comma in Vietnamese",
    [slot({ targets: { type: "some", hamlets: [], speakers: ["loa-1a"] } })],
    [slot({ targets: { type: "some", hamlets: [], speakers: ["loa-1a"] }, durationMs: 90_000 })],
    "đổi độ dài 1: “Bản tin” lúc 17:00 ngày 24/11/2026 sẽ phát 1,5 phút thay vì 10 phút, 1 cụm loa.",
    "1 shorter or longer: “Bản tin” at 17:00 on 24/11/2026 will sound for 1.5 instead of 10 min, 1 loudspeaker.",
  ],
  [
    "four hamlets are a number",
    [],
    [slot({ targets: inHamlets("thon-1", "thon-2", "thon-3", "thon-4") })],
    "+1 lượt phát: “Bản tin” sẽ phát lúc 17:00 ngày 24/11/2026, 8 cụm loa.",
    "+1 airing: “Bản tin” will sound at 17:00 on 24/11/2026, 8 loudspeakers.",
  ],
])("tells of %s", (_name, ...[before, after, vi, en]) => {
  expect(diff(before, after).said).toEqual({ vi, en });
});

test("a series that is split shows what is heard differently, not its new names", () => {
  const series = slot();
  const { put } = editOccurrences(
    series,
    { ...series, startTime: "17:30:00" },
    { type: "following", date: "2026-11-26" },
    "new",
  );
  const { changes, said } = diff([series], put, WEEK);
  expect(changes.map(({ kind, airing }) => `${kind} ${airing}`)).toEqual([
    "moved new.2026-11-26",
    "moved new.2026-11-27",
    "moved new.2026-11-28",
    "moved new.2026-11-29",
    "moved new.2026-11-30",
  ]);
  expect(said.vi).toMatch(/^đổi giờ 5: .*; …$/);
});

test("a series split without a change that is heard changes nothing", () => {
  const series = slot();
  const { put } = editOccurrences(
    series,
    { ...series, rank: 2 },
    { type: "following", date: "2026-11-26" },
    "new",
  );
  expect(diff([series], put, WEEK).changes).toEqual([]);
});

test("changes carry their figures", () => {
  expect(diff([slot()], [slot({ startTime: "16:00:00" })]).changes).toEqual([
    {
      kind: "moved",
      airing: "news.2026-11-24",
      title: "Bản tin",
      at: at("16:00"),
      beforeAt: at("17:00"),
      beforeMs: 10 * MINUTE_MS,
      afterMs: 10 * MINUTE_MS,
      speakers: ZONES.map(({ speaker }) => speaker),
    },
  ]);
});
