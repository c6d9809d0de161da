import { test } from "vitest";
import type { Candidate } from "../../../src/broadcast/rules/model.ts";
import type { ResolveRules } from "../../../src/broadcast/rules/resolve.ts";
import { at, checkAir, item, zone } from "../../support/air.ts";

test.each<[string, Partial<ResolveRules>, readonly Candidate[], readonly string[]]>([
  [
    "a stop ends what has begun and leaves what comes after",
    { stops: [{ at: at("17:05") }] },
    [item("a", "17:00", 10), item("b", "17:05", 10), item("c", "17:06", 10)],
    ["17:00-17:05 a", "17:05-17:10 (a stopped)", "17:05-17:15 (b stopped)", "17:06-17:16 c"],
  ],
  [
    "a stop takes what begins at its very instant",
    { stops: [{ at: at("17:00") }] },
    [item("a", "17:00", 10), item("b", "18:00", 10)],
    ["17:00-17:10 (a stopped)", "18:00-18:10 b"],
  ],
  [
    "a stop ends what waits as well",
    { stops: [{ at: at("17:05") }] },
    [item("a", "17:01", 10), item("p", "17:00", 10, { level: 600 })],
    [
      "17:00-17:05 p, outranks over a",
      "17:01-17:05 (a outranked by p, waits)",
      "17:05-17:15 (a stopped)",
      "17:05-17:10 (p stopped)",
    ],
  ],
  [
    "a stop of one airing lets the next one on",
    { stops: [{ at: at("17:05"), airing: "p" }] },
    [item("a", "17:01", 5), item("p", "17:00", 10, { level: 600 })],
    [
      "17:00-17:05 p, outranks over a",
      "17:01-17:05 (a outranked by p, waits)",
      "17:05-17:10 a, waited after p",
      "17:05-17:10 (p stopped)",
    ],
  ],
  [
    "an airing stopped before its time never sounds",
    { stops: [{ at: at("16:00"), airing: "a" }] },
    [item("a", "17:00", 10), item("b", "17:05", 10)],
    ["17:00-17:10 (a stopped)", "17:05-17:15 b"],
  ],
  [
    "a hold loses what is below emergency, and makes emergencies wait",
    { holds: [{ from: at("17:05"), until: at("17:15") }] },
    [
      item("a", "17:00", 20),
      item("b", "17:10", 20),
      item("old", "17:02", 1, { level: 900 }),
      item("alert", "17:12", 10, { level: 850, byClock: true }),
      item("c", "17:22", 5),
    ],
    [
      "17:00-17:02 a",
      "17:02-17:03 old, outranks over a",
      "17:02-17:03 (a outranked by old, waits)",
      "17:03-17:05 a from 2, resumes after old",
      "17:05-17:21 (a stopped)",
      "17:10-17:30 (b stopped)",
      "17:12-17:15 (alert stopped, waits)",
      "17:15-17:22 alert from 3, waited after ",
      "17:22-17:27 c",
    ],
  ],
  [
    "a hold stops an emergency that sounds",
    { holds: [{ from: at("17:05"), until: at("17:06") }] },
    [item("alert", "17:00", 10, { level: 900 })],
    ["17:00-17:05 alert", "17:05-17:10 (alert stopped)"],
  ],
  [
    "a stop elsewhere has no bearing",
    { stops: [{ at: at("17:05"), targets: { type: "some", hamlets: ["thon-2"], speakers: [] } }] },
    [item("a", "17:00", 10)],
    ["17:00-17:10 a"],
  ],
])("%s", (_name, rules, candidates, expected) => checkAir(expected, candidates, zone(), rules));
