import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openDatabase } from "../../src/store/database.ts";
import { migrate } from "../../src/store/migrate.ts";
import { openOutbox, OUTBOX_SCHEMA } from "../../src/store/outbox.ts";
import { outboxContract } from "../support/outbox-contract.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

outboxContract("SQLite", () => {
  const folder = temporaryFolder();
  const database = openDatabase(join(folder.path, "outbox.db"));
  migrate(database, [OUTBOX_SCHEMA]);
  return {
    outbox: openOutbox(database),
    [Symbol.dispose]: () => {
      database[Symbol.dispose]();
      folder[Symbol.dispose]();
    },
  };
});

test("an entry and its fact are stored together or not at all", () => {
  using folder = temporaryFolder();
  using database = openDatabase(join(folder.path, "outbox.db"));
  migrate(database, [OUTBOX_SCHEMA]);
  database.exec("CREATE TABLE fact (what TEXT NOT NULL) STRICT");
  const outbox = openOutbox(database);
  expect(() =>
    database.transact(() => {
      database.run("INSERT INTO fact (what) VALUES (?)", "rang");
      outbox.put("up", 0 as never, () => "rang");
      throw new Error("power");
    }),
  ).toThrow("power");
  expect(database.all("SELECT * FROM fact")).toEqual([]);
  expect(outbox.count("up")).toBe(0);
});

test("everything that was reported as stored survives kill -9", async () => {
  using folder = temporaryFolder();
  const file = join(folder.path, "outbox.db");
  const writer = spawn(process.execPath, [join(import.meta.dirname, "../fixtures/outbox-writer.ts"), file], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let reported = 0;
  await new Promise<void>((resolve) => {
    writer.stdout.on("data", (chunk: Buffer) => {
      reported = Math.max(reported, Number(String(chunk).split("\n").at(-2)));
      if (reported >= 50) resolve();
    });
  });
  writer.kill("SIGKILL");
  await once(writer, "exit");
  expect(writer.signalCode).toBe("SIGKILL");
  using database = openDatabase(file);
  expect(database.get("PRAGMA integrity_check")).toEqual({ integrity_check: "ok" });
  const seqs = openOutbox(database)
    .pending("up", 1_000_000)
    .map(({ seq }) => seq);
  expect(seqs.length).toBeGreaterThanOrEqual(reported);
  expect(seqs).toEqual(seqs.map((_, index) => index + 1));
});
