import { expect, test } from "vitest";
import { whoWatched } from "../../../src/cameras/privacy/watched.ts";
import { openWatchLog } from "../../../src/cameras/watch-log.ts";
import { AUDIT_SCHEMA, openAudit } from "../../../src/identity/audit.ts";
import { DAY_MS, epochMs, HOUR_MS, MINUTE_MS } from "../../../src/kernel/time.ts";
import { openDatabase } from "../../../src/store/database.ts";
import { migrate } from "../../../src/store/migrate.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { GATE, person } from "../camera-house.ts";

const START = Date.UTC(2026, 10, 1);

test("finds one day's viewers in a trail of weeks", async () => {
  using database = openDatabase(":memory:");
  migrate(database, [AUDIT_SCHEMA]);
  const clock = new FakeClock(START);
  const audit = openAudit({ database, clock });
  using watchLog = openWatchLog({ audit, clock });
  database.transact(() => {
    for (let hour = 0; hour < 30 * 24; hour += 1) {
      clock.step(HOUR_MS);
      for (let n = 0; n < 5; n += 1) {
        audit.record({ actor: "system", action: "speaker.change", subject: `s-${n}` });
      }
      if (hour % 24 === 8) {
        audit.record({
          actor: person("leader", `day-${Math.floor(hour / 24)}`),
          action: "camera.ptz",
          subject: GATE,
        });
      }
    }
  });
  watchLog.live(GATE, person("viewer", "now"), "main");
  const names = async (fromDay: number, toDay: number): Promise<string[]> => {
    const span = { from: epochMs(START + fromDay * DAY_MS), to: epochMs(START + toDay * DAY_MS) };
    const found = await whoWatched(GATE, span, { audit, watchLog, timeZone: "Asia/Ho_Chi_Minh" });
    return found.map(({ actorName }) => actorName);
  };
  expect(await names(3, 5)).toEqual(["day-4", "day-3"]);
  expect(await names(0, 1)).toEqual(["day-0"]);
  expect(await names(28, 31)).toEqual(["now", "day-29", "day-28"]);
  expect(await names(-9, -8)).toEqual([]);
});

test("an empty trail has no viewers", async () => {
  using database = openDatabase(":memory:");
  migrate(database, [AUDIT_SCHEMA]);
  const clock = new FakeClock(START);
  const audit = openAudit({ database, clock });
  const span = { from: epochMs(START - MINUTE_MS), to: epochMs(START) };
  const parts = { audit, watchLog: { ongoing: () => new Set<string>() }, timeZone: "UTC" };
  expect(await whoWatched(GATE, span, parts)).toEqual([]);
});
