import { join } from "node:path";
import { expect, test } from "vitest";
import { openGapStore, type GapStore } from "../../src/cameras/gap-store.ts";
import { RECORDINGS_SCHEMA } from "../../src/cameras/segment-store.ts";
import { epochMs } from "../../src/kernel/time.ts";
import { openDatabase } from "../../src/store/database.ts";
import { migrate } from "../../src/store/migrate.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { GATE, MemoryLedger } from "./recorder/support.ts";

const at = (minute: number): ReturnType<typeof epochMs> => epochMs(minute * 60_000);

function check(work: (gaps: GapStore) => void): { rows: string; told: string } {
  using folder = temporaryFolder();
  using database = openDatabase(join(folder.path, "gaps.db"), "normal");
  migrate(database, [RECORDINGS_SCHEMA]);
  const ledger = new MemoryLedger();
  const gaps = openGapStore(database, ledger);
  work(gaps);
  const words = (from: number, to: number | null, cause: string): string =>
    `${from / 60_000}-${to === null ? "" : to / 60_000} ${cause}`;
  return {
    rows: gaps
      .touching(GATE, { from: at(-100), to: at(100) })
      .map(({ from, to, cause }) => words(from, to, cause))
      .join(", "),
    told: ledger.facts
      .map((fact) => (fact.kind === "gap" ? words(fact.from, fact.to, fact.cause) : "?"))
      .join(", "),
  };
}

test.each<readonly [string, (gaps: GapStore) => void, string, string]>([
  ["open while it lasts", (gaps) => gaps.missing(GATE, "stalled", at(1), at(2)), "1- stalled", ""],
  [
    "told when it is over",
    (gaps) => {
      gaps.missing(GATE, "camera-offline", at(1), at(2));
      gaps.close(GATE, at(4));
    },
    "1-4 camera-offline",
    "1-4 camera-offline",
  ],
  [
    "a guess is corrected",
    (gaps) => {
      gaps.missing(GATE, "stalled", at(1), at(1));
      gaps.missing(GATE, "camera-offline", at(1), at(9));
    },
    "1- camera-offline",
    "",
  ],
  [
    "another cause after a while is another gap",
    (gaps) => {
      gaps.missing(GATE, "camera-offline", at(1), at(1));
      gaps.missing(GATE, "credentials", at(1), at(9));
      gaps.close(GATE, at(12));
    },
    "1-9 camera-offline, 9-12 credentials",
    "1-9 camera-offline, 9-12 credentials",
  ],
  [
    "a clock that was set back leaves an empty gap, not a negative one",
    (gaps) => {
      gaps.missing(GATE, "clock-step", at(5), at(5));
      gaps.close(GATE, at(-50));
    },
    "5-5 clock-step",
    "5-5 clock-step",
  ],
  ["nothing to close", (gaps) => gaps.close(GATE, at(4)), "", ""],
  [
    "over before it is known",
    (gaps) => gaps.add(GATE, "stalled", { from: at(1), to: at(2) }),
    "1-2 stalled",
    "1-2 stalled",
  ],
])("%s", (_name, work, rows, told) => expect(check(work)).toEqual({ rows, told }));
