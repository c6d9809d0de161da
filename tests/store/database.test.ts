import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { openDatabase } from "../../src/store/database.ts";
import { migrate, type Schema } from "../../src/store/migrate.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const schema = (...steps: string[]): Schema => ({ feature: "things", steps });
const FIRST = "CREATE TABLE thing (name TEXT PRIMARY KEY) STRICT";
const SECOND = "ALTER TABLE thing ADD COLUMN weight INTEGER NOT NULL DEFAULT 0";

describe("database", () => {
  test("a failed transaction leaves nothing, a nested one joins the outer", () => {
    using folder = temporaryFolder();
    using database = openDatabase(join(folder.path, "a.db"));
    migrate(database, [schema(FIRST)]);
    const insert = (name: string): unknown => database.run("INSERT INTO thing (name) VALUES (?)", name);
    expect(() =>
      database.transact(() => {
        insert("outer");
        database.transact(() => insert("inner"));
        throw new Error("stop");
      }),
    ).toThrow("stop");
    expect(database.all("SELECT name FROM thing")).toEqual([]);
    database.transact(() => {
      database.transact(() => insert("kept"));
    });
    expect(database.all("SELECT name FROM thing")).toEqual([{ name: "kept" }]);
  });

  test("a file that is no database is named, with the remedy", () => {
    using folder = temporaryFolder();
    const file = join(folder.path, "a.db");
    writeFileSync(file, "this is not a database, whatever its name says".repeat(100));
    expect(() => openDatabase(file)).toThrow(
      expect.objectContaining({ kind: "corrupt", message: expect.stringContaining(file) }),
    );
  });

  test("a full disk is said in words and loses nothing that was stored", () => {
    using folder = temporaryFolder();
    using database = openDatabase(join(folder.path, "a.db"));
    migrate(database, [schema(FIRST)]);
    database.run("INSERT INTO thing (name) VALUES ('kept')");
    database.exec("PRAGMA max_page_count = 20");
    const fill = (): void => {
      for (let i = 0; i < 10_000; i += 1)
        database.run("INSERT INTO thing (name) VALUES (?)", `${i}`.padEnd(500, "x"));
    };
    expect(fill).toThrow(
      expect.objectContaining({ kind: "unavailable", message: expect.stringContaining("disk is full") }),
    );
    expect(database.get("SELECT name FROM thing WHERE name = 'kept'")).toEqual({ name: "kept" });
  });

  test("a copy made while writing is whole", () => {
    using folder = temporaryFolder();
    using database = openDatabase(join(folder.path, "a.db"));
    migrate(database, [schema(FIRST)]);
    database.run("INSERT INTO thing (name) VALUES ('one')");
    database.copyTo(join(folder.path, "copy.db"));
    using copy = openDatabase(join(folder.path, "copy.db"));
    expect(copy.all("SELECT name FROM thing")).toEqual([{ name: "one" }]);
  });
});

describe("migrate", () => {
  test("carries out only the steps that are new", () => {
    using folder = temporaryFolder();
    using database = openDatabase(join(folder.path, "a.db"));
    migrate(database, [schema(FIRST)]);
    database.run("INSERT INTO thing (name) VALUES ('old')");
    migrate(database, [schema(FIRST, SECOND)]);
    migrate(database, [schema(FIRST, SECOND)]);
    expect(database.all("SELECT name, weight FROM thing")).toEqual([{ name: "old", weight: 0 }]);
  });

  test("a step that fails changes nothing and can be tried again", () => {
    using folder = temporaryFolder();
    using database = openDatabase(join(folder.path, "a.db"));
    expect(() => migrate(database, [schema(FIRST, `${SECOND}; SELECT no_such_function()`)])).toThrow();
    migrate(database, [schema(FIRST, SECOND)]);
    expect(database.all("SELECT name, weight FROM thing")).toEqual([]);
  });

  test("data of a newer program is refused, not guessed at", () => {
    using folder = temporaryFolder();
    using database = openDatabase(join(folder.path, "a.db"));
    migrate(database, [schema(FIRST, SECOND)]);
    expect(() => migrate(database, [schema(FIRST)])).toThrow(
      expect.objectContaining({ kind: "conflict", message: expect.stringContaining("newer version") }),
    );
  });
});
