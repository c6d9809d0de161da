import { afterEach, beforeEach, expect, test } from "vitest";
import { DAY_MS, epochMs, HOUR_MS } from "../../src/kernel/time.ts";
import { openPlans, type Plans } from "../../src/speakers/plans.ts";
import { Envelope, SignedPlan, type PlanItem, type SpeakerId } from "../../src/speakers/protocol.ts";
import { openHallKey, type HallKey } from "../../src/speakers/signing.ts";
import { SPEAKERS_SCHEMA } from "../../src/speakers/store.ts";
import { openDatabase, type Database } from "../../src/store/database.ts";
import { migrate } from "../../src/store/migrate.ts";
import { mustFit } from "../support/protocol-check.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const quietHours = [{ fromMinute: 1_290, toMinute: 300 }];
const speaker = "a" as SpeakerId;

let folder: ReturnType<typeof temporaryFolder>;
let database: Database;
let key: HallKey;
let plans: Plans;
let now = 0;

beforeEach(() => {
  now = 1_000_000;
  folder = temporaryFolder();
  key = openHallKey(folder.path);
  database = openDatabase(":memory:");
  migrate(database, [SPEAKERS_SCHEMA]);
  plans = open();
});
afterEach(() => {
  database[Symbol.dispose]();
  folder[Symbol.dispose]();
});

function open(): Plans {
  return openPlans({ database, key, now: () => epochMs(now), timeZone: "Asia/Ho_Chi_Minh" });
}

function item(airing: string, at: number): PlanItem {
  return {
    airing: airing as PlanItem["airing"],
    level: 400,
    at,
    until: at + 600_000,
    source: {
      type: "files",
      offsetMs: 0,
      parts: [
        {
          durationMs: 600_000,
          files: [{ sha256: "a".repeat(64) as never, bytes: 4_800_000, kbps: 64, sampleRateHz: 44_100 }],
        },
      ],
    },
    afterPreempt: "resume",
  };
}

function published(): SignedPlan {
  const envelope = Envelope.parse(JSON.parse(plans.get(speaker)?.envelope ?? ""));
  const content: unknown = JSON.parse(envelope.signed);
  mustFit("plan", content);
  return SignedPlan.parse(content);
}

test("a plan says the coming week, sorted, and lives for seven days", () => {
  const news = plans.set(speaker, {
    quietHours,
    items: [
      item("later", now + DAY_MS),
      item("sooner", now + HOUR_MS),
      item("past", now - HOUR_MS),
      item("on-air", now - 1_000),
      item("after-its-life", now + 8 * DAY_MS),
    ],
  });
  expect(news).toEqual({ version: 1, isNew: true, leftOut: 0 });
  const { items, expiresAt, scope } = published();
  expect(items.map(({ airing }) => airing)).toEqual(["on-air", "sooner", "later"]);
  expect([scope, expiresAt]).toEqual(["speaker/a", now + 7 * DAY_MS]);
});

test("time passing is no news until half of the plan's life is over", () => {
  const items = Array.from({ length: 20 }, (_, day) => item(`d${day}`, now + (day + 0.5) * DAY_MS));
  const versions: string[] = [];
  for (let day = 0; day < 8; day += 1) {
    const { version, isNew } = plans.set(speaker, { quietHours, items });
    versions.push(`${version}${isNew ? "!" : ""}`);
    now += DAY_MS;
  }
  expect(versions).toEqual(["1!", "1", "1", "1", "2!", "2", "2", "2"]);
});

test("a restart is no news either", () => {
  const draft = { quietHours, items: [item("x", now + HOUR_MS)] };
  plans.set(speaker, draft);
  plans = open();
  expect(plans.set(speaker, draft)).toMatchObject({ version: 1, isNew: false });
  expect(plans.set(speaker, { quietHours: [], items: draft.items })).toMatchObject({
    version: 2,
    isNew: true,
  });
});

test("what does not fit is left out from the far end, and said", () => {
  const items = Array.from({ length: 900 }, (_, index) => item(`i${index}`, now + index * 600_000));
  const { leftOut } = plans.set(speaker, { quietHours, items });
  const kept = published().items;
  expect(kept.length + leftOut).toBe(900);
  expect(kept[0]?.airing).toBe("i0");
  expect(kept.at(-1)?.airing).toBe(`i${kept.length - 1}`);
  expect(Buffer.byteLength(plans.get(speaker)?.envelope ?? "")).toBeLessThan(262_144);
});

test("a speaker of an id that was used before gets a higher version", () => {
  plans.set(speaker, { quietHours, items: [] });
  plans.forget(speaker);
  database.run("DELETE FROM speaker_plan");
  expect(plans.set(speaker, { quietHours, items: [] }).version).toBe(2);
});
