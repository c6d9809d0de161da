import { DatabaseSync } from "node:sqlite";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { expect, test } from "vitest";
import { LEDGER_SCHEMA, openLedger, type LedgerFact } from "../../src/cameras/ledger.ts";
import { CameraId } from "../../src/cameras/wire.ts";
import { epochMs } from "../../src/kernel/time.ts";
import { openDatabase } from "../../src/store/database.ts";
import { migrate } from "../../src/store/migrate.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const COUNTER = CameraId.parse("counter");
const GATE = CameraId.parse("gate");
const AT = 1_760_000_000_000;

const segment = (n: number): LedgerFact => ({
  kind: "segment",
  session: "s1",
  n,
  startAt: epochMs(AT + n * 30_000),
  endAt: epochMs(AT + (n + 1) * 30_000),
  bytes: 1_000 + n,
  sha256: createHash("sha256").update(String(n)).digest("hex"),
});
const gap: LedgerFact = {
  kind: "gap",
  from: epochMs(AT + 90_000),
  to: epochMs(AT + 120_000),
  cause: "camera-offline",
};

/** Three segments, a gap and a deletion of the counter, two segments of the gate between them. */
function filled(): ReturnType<typeof opened> {
  const all = opened();
  const { ledger } = all;
  ledger.append(COUNTER, segment(0));
  ledger.append(GATE, segment(0));
  ledger.append(COUNTER, segment(1));
  ledger.append(COUNTER, segment(2));
  ledger.append(COUNTER, gap);
  ledger.append(GATE, segment(1));
  ledger.append(COUNTER, { kind: "deletion", entries: [1, 2], bytes: 2_001, reason: "retention" });
  return all;
}

function opened() {
  const folder = temporaryFolder();
  const file = join(folder.path, "test.db");
  const database = openDatabase(file);
  migrate(database, [LEDGER_SCHEMA]);
  const clock = new FakeClock(AT);
  return {
    file,
    database,
    ledger: openLedger({ database, clock }),
    [Symbol.dispose]: () => {
      database[Symbol.dispose]();
      folder[Symbol.dispose]();
    },
  };
}

/** Someone who owns the file: triggers are no obstacle. */
function tamper(file: string, sql: string): void {
  const raw = new DatabaseSync(file);
  raw.exec(`DROP TRIGGER camera_ledger_no_update; DROP TRIGGER camera_ledger_no_delete; ${sql}`);
  raw.close();
}

test("each camera has a chain of its own, numbered from 1", async () => {
  using all = filled();
  expect(all.ledger.entries(COUNTER, 1, 100).map(({ n, kind }) => `${n} ${kind}`)).toEqual([
    "1 segment",
    "2 segment",
    "3 segment",
    "4 gap",
    "5 deletion",
  ]);
  expect(await all.ledger.verify(COUNTER)).toMatchObject({ whole: true, count: 5 });
  expect(await all.ledger.verify(GATE)).toMatchObject({ whole: true, count: 2 });
});

test("an entry's hash is that of the hash before it and its values in a fixed order", () => {
  using all = opened();
  const { hash } = all.ledger.append(COUNTER, gap);
  const said = JSON.stringify([
    "0".repeat(64),
    "counter",
    1,
    AT,
    "gap",
    AT + 90_000,
    AT + 120_000,
    "camera-offline",
  ]);
  expect(hash).toBe(createHash("sha256").update(said).digest("hex"));
});

test("nothing can be changed or deleted through the daemon's own connection", () => {
  using all = filled();
  expect(() => all.database.run("UPDATE camera_ledger SET at_ms = 0")).toThrow("append-only");
  expect(() => all.database.run("DELETE FROM camera_ledger")).toThrow("append-only");
});

test.each([
  [
    "a changed hash of a file",
    "UPDATE camera_ledger SET fields = replace(fields, '1001', '1002') WHERE n = 2",
    2,
  ],
  ["a changed time", "UPDATE camera_ledger SET at_ms = at_ms + 1 WHERE camera = 'counter' AND n = 3", 3],
  [
    "a gap told as something else",
    "UPDATE camera_ledger SET fields = replace(fields, 'offline', 'x') WHERE n = 4",
    4,
  ],
  ["an entry taken out", "DELETE FROM camera_ledger WHERE camera = 'counter' AND n = 3", 3],
  ["the end cut off", "DELETE FROM camera_ledger WHERE camera = 'counter' AND n = 5", 5],
])("%s is found at its entry", async (_name, sql, brokenAt) => {
  using all = filled();
  tamper(all.file, sql);
  expect(await all.ledger.verify(COUNTER)).toEqual({ whole: false, brokenAt });
});

test("an entry of a transaction that fails is not there", async () => {
  using all = filled();
  expect(() =>
    all.database.transact(() => {
      all.ledger.append(COUNTER, segment(9));
      throw new Error("the fact could not be stored");
    }),
  ).toThrow("could not be stored");
  expect(await all.ledger.verify(COUNTER)).toMatchObject({ whole: true, count: 5 });
});

test("the heads name every camera's last entry", () => {
  using all = filled();
  expect(all.ledger.heads().map(({ camera, n }) => [camera, n])).toEqual([
    [COUNTER, 5],
    [GATE, 2],
  ]);
  expect(all.ledger.heads()[0]?.hash).toBe(all.ledger.hashOf(COUNTER, 5));
});

test.each([
  ["before everything", -60_000, 0, undefined],
  ["in the second segment", 31_000, 32_000, 2],
  ["at the border between two", 60_000, 60_001, 3],
  ["in the gap", 100_000, 101_000, 4],
])("the first entry of a stretch %s", (_name, from, to, expected) => {
  using all = filled();
  const span = { from: epochMs(AT + from), to: epochMs(AT + to) };
  expect(all.ledger.firstTouching(COUNTER, span)).toBe(expected);
});
