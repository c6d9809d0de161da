import { test } from "vitest";
import type { Candidate, Zone } from "../../../src/broadcast/rules/model.ts";
import { checkAir, item, zone } from "../../support/air.ts";

test.each<[string, Zone["caps"], readonly Candidate[], readonly string[]]>([
  [
    "a third session is refused",
    { sessionsPerDay: 2 },
    [item("a", "06:00", 5), item("b", "11:00", 5), item("c", "17:00", 5)],
    ["06:00-06:05 a", "11:00-11:05 b", "17:00-17:05 (c session-cap sessions)"],
  ],
  [
    "a pause under a minute does not end a session, a minute does",
    { sessionsPerDay: 1 },
    [item("a", "06:00", 5), item("b", "06:05:59", 5), item("c", "06:11:59", 5)],
    ["06:00-06:05 a", "06:05:59-06:10:59 b", "06:11:59-06:16:59 (c session-cap sessions)"],
  ],
  [
    "a session is cut at its last minute, and what would go on with it",
    { minutesPerSession: 10 },
    [item("a", "06:00", 8), item("b", "06:08", 5), item("c", "06:09", 5), item("d", "06:15", 5)],
    [
      "06:00-06:08 a",
      "06:08-06:10 b, outranks over c",
      "06:09-06:10 (c outranked by b, waits)",
      "06:10-06:13 (b session-cap minutes)",
      "06:10-06:15 (c session-cap minutes)",
      "06:15-06:20 d",
    ],
  ],
  [
    "an emergency neither counts nor ends a session",
    { sessionsPerDay: 1, minutesPerSession: 10 },
    [
      item("a", "06:00", 10),
      item("alert", "06:04", 10, { level: 850 }),
      item("late", "20:00", 5, { level: 900 }),
    ],
    [
      "06:00-06:04 a",
      "06:04-06:14 alert, outranks over a",
      "06:04-06:14 (a outranked by alert, waits)",
      "06:14-06:20 a from 4, resumes after alert",
      "20:00-20:05 late",
    ],
  ],
  [
    "sessions are counted anew each day, from local midnight",
    { sessionsPerDay: 1 },
    [item("a", "23:50", 5), item("b", "23:58", 5), item("c", "24:10", 5), item("d", "24:20", 5)],
    [
      "23:50-23:55 a",
      "23:58-24:03 (b session-cap sessions)",
      "24:10-24:15 c",
      "24:20-24:25 (d session-cap sessions)",
    ],
  ],
  [
    "none allowed means none",
    { minutesPerSession: 0 },
    [item("a", "06:00", 5)],
    ["06:00-06:05 (a session-cap minutes)"],
  ],
])("%s", (_name, caps, candidates, expected) =>
  checkAir(expected, candidates, zone({ caps, quietHours: [] })),
);
