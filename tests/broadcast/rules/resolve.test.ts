import { expect, test } from "vitest";
import { EMERGENCY_LEVEL } from "../../../src/broadcast/rules/ladder.ts";
import type { Candidate } from "../../../src/broadcast/rules/model.ts";
import { resolve } from "../../../src/broadcast/rules/resolve.ts";
import { EMERGENCY_LEVEL as PROTOCOL_EMERGENCY_LEVEL } from "../../../src/speakers/protocol.ts";
import { at, checkAir, DAY, HANOI, item, told, zone } from "../../support/air.ts";

test("the emergency level is the protocol's", () => {
  expect(EMERGENCY_LEVEL).toBe(PROTOCOL_EMERGENCY_LEVEL);
});

test.each<[string, readonly Candidate[], readonly string[]]>([
  ["one thing sounds whole", [item("news", "17:00", 10)], ["17:00-17:10 news"]],
  [
    "one after the other",
    [item("a", "17:00", 10), item("b", "17:10", 5)],
    ["17:00-17:10 a", "17:10-17:15 b"],
  ],
  [
    "resumes where it was, and ends later by the interruption",
    [item("news", "17:00", 10), item("alert", "17:04", 2, { level: 850 })],
    [
      "17:00-17:04 news",
      "17:04-17:06 alert, outranks over news",
      "17:04-17:06 (news outranked by alert, waits)",
      "17:06-17:12 news from 4, resumes after alert",
    ],
  ],
  [
    "restarts from the beginning",
    [item("news", "17:00", 10, { afterPreempt: "restart" }), item("alert", "17:04", 2, { level: 850 })],
    [
      "17:00-17:04 news",
      "17:04-17:06 alert, outranks over news",
      "17:04-17:06 (news outranked by alert, waits)",
      "17:06-17:16 news, restarts after alert",
    ],
  ],
  [
    "drops what is left",
    [item("music", "17:00", 10, { afterPreempt: "drop" }), item("alert", "17:04", 2, { level: 850 })],
    ["17:00-17:04 music", "17:04-17:06 alert, outranks over music", "17:04-17:10 (music outranked by alert)"],
  ],
  [
    "rejoins what runs by the clock, and keeps its end",
    [item("relay", "17:00", 10, { level: 300, byClock: true }), item("news", "17:04", 2)],
    [
      "17:00-17:04 relay",
      "17:04-17:06 news, outranks over relay",
      "17:04-17:06 (relay outranked by news, waits)",
      "17:06-17:10 relay from 6, resumes after news",
    ],
  ],
  [
    "what runs by the clock and never gets on is lost at its end",
    [item("relay", "17:02", 5, { level: 300, byClock: true }), item("news", "17:00", 10)],
    ["17:00-17:10 news, outranks over relay", "17:02-17:07 (relay outranked by news)"],
  ],
  [
    "what comes while something higher sounds waits for it",
    [item("news", "17:05", 10), item("priority", "17:00", 10, { level: 600 })],
    [
      "17:00-17:10 priority, outranks over news",
      "17:05-17:10 (news outranked by priority, waits)",
      "17:10-17:20 news, waited after priority",
    ],
  ],
  [
    "what would be dropped does not wait",
    [item("filler", "17:05", 10, { level: 200, afterPreempt: "drop" }), item("news", "17:00", 10)],
    ["17:00-17:10 news, outranks over filler", "17:05-17:15 (filler outranked by news)"],
  ],
  [
    "interruptions nest and unwind",
    [
      item("news", "17:00", 10),
      item("priority", "17:02", 4, { level: 600 }),
      item("alert", "17:03", 1, { level: 850 }),
    ],
    [
      "17:00-17:02 news",
      "17:02-17:03 priority, outranks over news",
      "17:02-17:03 (news outranked by priority, waits)",
      "17:03-17:04 alert, outranks over news+priority",
      "17:03-17:04 (news outranked by alert, waits)",
      "17:03-17:04 (priority outranked by alert, waits)",
      "17:04-17:07 priority from 1, resumes after alert over news",
      "17:04-17:07 (news outranked by priority, waits)",
      "17:07-17:15 news from 2, resumes after priority+alert",
    ],
  ],
  [
    "of equals the earlier keeps the air",
    [item("b", "17:00", 10), item("a", "17:05", 5)],
    [
      "17:00-17:10 b, outranks over a",
      "17:05-17:10 (a outranked by b, waits)",
      "17:10-17:15 a, waited after b",
    ],
  ],
  [
    "of equals the officer's choice goes first",
    [item("a", "17:00", 10, { level: 600 }), item("b", "17:00", 5, { level: 600, rank: 1 })],
    [
      "17:00-17:05 b, outranks over a",
      "17:00-17:05 (a outranked by b, waits)",
      "17:05-17:15 a, waited after b",
    ],
  ],
  [
    "equal in all, the name decides",
    [item("b", "17:00", 5), item("a", "17:00", 5)],
    [
      "17:00-17:05 a, outranks over b",
      "17:00-17:05 (b outranked by a, waits)",
      "17:05-17:10 b, waited after a",
    ],
  ],
  [
    "begins up to fifteen minutes late",
    [item("news", "17:00", 10), item("alert", "17:00", 15, { level: 850 })],
    [
      "17:00-17:15 alert, outranks over news",
      "17:00-17:15 (news outranked by alert, waits)",
      "17:15-17:25 news, waited after alert",
    ],
  ],
  [
    "is given up after fifteen minutes",
    [item("news", "17:00", 10), item("alert", "17:00", 16, { level: 850 })],
    [
      "17:00-17:16 alert, outranks over news",
      "17:00-17:15 (news outranked by alert, waits)",
      "17:15-17:25 (news too-late by alert)",
    ],
  ],
  [
    "the waits of one item add up",
    [
      item("news", "17:00", 30),
      item("one", "17:05", 8, { level: 850 }),
      item("two", "17:20", 8, { level: 850 }),
    ],
    [
      "17:00-17:05 news",
      "17:05-17:13 one, outranks over news",
      "17:05-17:13 (news outranked by one, waits)",
      "17:13-17:20 news from 5, resumes after one",
      "17:20-17:28 two, outranks over news",
      "17:20-17:27 (news outranked by two, waits)",
      "17:27-17:45 (news too-late by two)",
    ],
  ],
  [
    "what would restart too late does not wait at all",
    [item("news", "17:00", 30, { afterPreempt: "restart" }), item("alert", "17:20", 2, { level: 850 })],
    ["17:00-17:20 news", "17:20-17:22 alert, outranks over news", "17:20-17:50 (news too-late by alert)"],
  ],
  [
    "barred sounds nowhere and takes no one's place",
    [
      item("draft", "17:00", 10, { level: 700, barred: { en: "not approved", vi: "chưa duyệt" } }),
      item("news", "17:05", 10),
    ],
    ["17:00-17:10 (draft barred)", "17:05-17:15 news"],
  ],
  ["what has no length is nothing", [item("empty", "17:00", 0)], []],
  [
    "quiet hours cut at their beginning, and nothing comes back after them",
    [item("late", "21:20", 20), item("night", "27:15", 200)],
    ["21:20-21:30 late", "21:30-21:40 (late quiet-hours)", "27:15-30:35 (night quiet-hours)"],
  ],
  [
    "an emergency sounds in quiet hours, what it interrupted does not",
    [item("late", "21:25", 10), item("alert", "21:27", 5, { level: 850 })],
    [
      "21:25-21:27 late",
      "21:27-21:32 alert, outranks over late",
      "21:27-21:30 (late outranked by alert, waits)",
      "21:30-21:38 (late quiet-hours)",
    ],
  ],
  ["sounds from the minute quiet hours end", [item("first", "29:00", 10)], ["29:00-29:10 first"]],
])("%s", (_name, candidates, expected) => checkAir(expected, candidates));

test("each speaker hears what is meant for it, by hamlet or by name, under its own hours", () => {
  const zones = [
    zone(),
    zone({ speaker: "loa-2", hamlet: "thon-2" }),
    zone({ speaker: "loa-3", hamlet: "thon-2", quietHours: [{ fromMinute: 17 * 60, toMinute: 18 * 60 }] }),
  ];
  const candidates = [
    item("all", "17:00", 10),
    item("hamlet", "18:00", 10, { targets: { type: "some", hamlets: ["thon-2"], speakers: [] } }),
    item("named", "19:00", 10, { targets: { type: "some", hamlets: [], speakers: ["loa-1"] } }),
  ];
  const timelines = resolve(candidates, zones, DAY, { timeZone: HANOI });
  expect(Object.fromEntries([...timelines].map(([speaker, timeline]) => [speaker, told(timeline)]))).toEqual({
    "loa-1": ["17:00-17:10 all", "19:00-19:10 named"],
    "loa-2": ["17:00-17:10 all", "18:00-18:10 hamlet"],
    "loa-3": ["17:00-17:10 (all quiet-hours)", "18:00-18:10 hamlet"],
  });
});

test("gives back, whole, what meets the window", () => {
  const candidates = [
    item("a", "16:00", 30),
    item("b", "16:50", 20),
    item("c", "17:30", 20),
    item("d", "17:50", 5),
  ];
  const window = { from: at("17:00"), to: at("17:40") };
  const timeline = resolve(candidates, [zone()], window, { timeZone: HANOI }).get("loa-1");
  expect(told(timeline ?? { intervals: [], silences: [] })).toEqual(["16:50-17:10 b", "17:30-17:50 c"]);
});
