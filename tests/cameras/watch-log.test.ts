import { afterEach, beforeEach, expect, test } from "vitest";
import type { Span } from "../../src/cameras/rules/model.ts";
import { openWatchLog, PLAYBACK_WINDOW_MS, type WatchLog } from "../../src/cameras/watch-log.ts";
import { AUDIT_SCHEMA, openAudit, type Audit } from "../../src/identity/audit.ts";
import { epochMs, MINUTE_MS } from "../../src/kernel/time.ts";
import { openDatabase, type Database } from "../../src/store/database.ts";
import { migrate } from "../../src/store/migrate.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { GATE, person } from "./camera-house.ts";

const LAN = person("leader", "lan");
const BINH = person("viewer", "binh");
const START = Date.UTC(2026, 10, 23, 2, 0);

let clock: FakeClock;
let database: Database;
let audit: Audit;
let log: WatchLog;

beforeEach(() => {
  clock = new FakeClock(START);
  database = openDatabase(":memory:");
  migrate(database, [AUDIT_SCHEMA]);
  audit = openAudit({ database, clock });
  log = openWatchLog({ audit, clock });
});

afterEach(() => {
  log[Symbol.dispose]();
  database[Symbol.dispose]();
});

/** `who action details`, oldest first, times in minutes after the start. */
function trail(): string[] {
  const minutes = (at: number): number => (at - START) / MINUTE_MS;
  return audit
    .read({ limit: 100, subject: GATE })
    .reverse()
    .map(({ actorName, action, details }) => {
      const { seconds, spans } = details as { seconds?: number; spans?: readonly Span[] };
      const seen = spans?.map(({ from, to }) => `${minutes(from)}-${minutes(to)}`).join(",");
      return [actorName, action, seconds, seen].filter((part) => part !== undefined).join(" ");
    });
}

function minute(from: number, to: number): Span {
  return { from: epochMs(START + from * MINUTE_MS), to: epochMs(START + to * MINUTE_MS) };
}

test("notes the start of watching at once and its end with its seconds", async () => {
  const watch = log.live(GATE, LAN, "main");
  expect(trail()).toEqual(["lan camera.watch-start"]);
  await clock.advance(90_400);
  clock.step(-60 * MINUTE_MS);
  watch[Symbol.dispose]();
  watch[Symbol.dispose]();
  expect(trail()).toEqual(["lan camera.watch-start", "lan camera.watch 90"]);
});

test("knows which watches go on, and ends them when it is closed", async () => {
  const first = log.live(GATE, LAN, "main");
  log.live(GATE, BINH, "sub");
  expect(log.ongoing().size).toBe(2);
  first[Symbol.dispose]();
  expect(log.ongoing().size).toBe(1);
  await clock.advance(5_000);
  log[Symbol.dispose]();
  expect(trail().at(-1)).toBe("binh camera.watch 5");
  expect(log.ongoing().size).toBe(0);
});

test("notes the first piece played back at once and the whole at the end of the window", async () => {
  log.playedBack(GATE, LAN, minute(-60, -59));
  log.playedBack(GATE, LAN, minute(-59, -57));
  log.playedBack(GATE, LAN, minute(-30, -29));
  expect(trail()).toEqual(["lan camera.playback -60--59"]);
  await clock.advance(PLAYBACK_WINDOW_MS);
  expect(trail()).toEqual(["lan camera.playback -60--59", "lan camera.playback -60--57,-30--29"]);
});

test("notes one piece once, each viewer apart, and begins anew after the window", async () => {
  log.playedBack(GATE, LAN, minute(-60, -59));
  log.playedBack(GATE, LAN, minute(-60, -59));
  log.playedBack(GATE, BINH, minute(-10, -9));
  await clock.advance(PLAYBACK_WINDOW_MS);
  log.playedBack(GATE, LAN, minute(-60, -59));
  expect(trail()).toEqual([
    "lan camera.playback -60--59",
    "binh camera.playback -10--9",
    "lan camera.playback -60--59",
  ]);
});

test("what was played back is noted in whole when the log is closed", () => {
  log.playedBack(GATE, LAN, minute(-60, -59));
  log.playedBack(GATE, LAN, minute(-59, -50));
  log[Symbol.dispose]();
  expect(trail()).toEqual(["lan camera.playback -60--59", "lan camera.playback -60--50"]);
});
