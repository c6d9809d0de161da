import { expect, test } from "vitest";
import type { Slot, Zone } from "../../../src/broadcast/rules/model.ts";
import { quietClashes, quietClashText } from "../../../src/broadcast/rules/quiet-check.ts";
import { MINUTE_MS } from "../../../src/kernel/time.ts";
import { at, HANOI, zone } from "../../support/air.ts";
import { slot } from "../../support/slots.ts";

const COMMUNE: Zone[] = Array.from({ length: 44 }, (_, index) => zone({ speaker: `loa-${index}` }));
const WEEK = { from: at("00:00"), to: at("168:00") };
const RULES = { timeZone: HANOI, holidays: [] };

function said(change: Partial<Slot>, zones = COMMUNE): string[] {
  const sentence = quietClashText(quietClashes(slot(change), zones, WEEK, RULES), HANOI);
  return sentence === undefined ? [] : [sentence.vi, sentence.en];
}

test.each<[string, Partial<Slot>, string[]]>([
  ["a slot by day is let be", {}, []],
  [
    "one at night is told with its minute and its loudspeakers",
    { startTime: "03:15:00", recurrence: { type: "once", date: "2026-11-25" } },
    [
      "Sẽ phát lúc 03:15 ngày 25/11/2026, 44 cụm loa, trong khung giờ yên tĩnh.",
      "It would sound at 03:15 on 25/11/2026, on 44 loudspeakers, in the quiet hours.",
    ],
  ],
  [
    "so are the others like it",
    { startTime: "04:59:59" },
    [
      "Sẽ phát lúc 04:59:59 ngày 24/11/2026, 44 cụm loa, trong khung giờ yên tĩnh. Còn 6 lượt như vậy.",
      "It would sound at 04:59:59 on 24/11/2026, on 44 loudspeakers, in the quiet hours. 6 more like it.",
    ],
  ],
  [
    "one that runs into the night is told where",
    { startTime: "21:25:00", recurrence: { type: "once", date: "2026-11-25" } },
    [
      "Sẽ phát từ 21:25 ngày 25/11/2026 và lấn vào khung giờ yên tĩnh từ 21:30, 44 cụm loa.",
      "It would begin at 21:25 on 25/11/2026 and run into the quiet hours at 21:30, on 44 loudspeakers.",
    ],
  ],
  ["one that ends with the day's last minute is let be", { startTime: "21:20:00" }, []],
  ["one that begins with the day's first minute is let be", { startTime: "05:00:00" }, []],
  ["an emergency is let be", { startTime: "03:15:00", level: 850 }, []],
])("%s", (_name, change, expected) => {
  expect(said(change)).toEqual(expected);
});

test("only the loudspeakers that are quiet then and meant are counted", () => {
  const zones = [
    zone({ speaker: "a", quietHours: [{ fromMinute: 17 * 60 + 5, toMinute: 18 * 60 }] }),
    zone({ speaker: "b", quietHours: [{ fromMinute: 16 * 60, toMinute: 18 * 60 }] }),
    zone({ speaker: "c", hamlet: "thon-2", quietHours: [{ fromMinute: 16 * 60, toMinute: 18 * 60 }] }),
    zone({ speaker: "d" }),
  ];
  const some = slot({
    recurrence: { type: "once", date: "2026-11-24" },
    targets: { type: "some", hamlets: ["thon-1"], speakers: [] },
  });
  expect(quietClashes(some, zones, WEEK, RULES)).toEqual([
    { airing: "news.2026-11-24", startAt: at("17:00"), quietAt: at("17:00"), speakers: ["a", "b"] },
  ]);
});

test("one loudspeaker is one loudspeaker", () => {
  const night = {
    startTime: "03:15:00",
    recurrence: { type: "once", date: "2026-11-25" },
    durationMs: MINUTE_MS,
  } as const;
  expect(said(night, [zone()])[1]).toContain("on 1 loudspeaker,");
});
