import { beforeEach, describe, expect, test } from "vitest";
import { csrfTokenOf, openSessions, type Sessions } from "../../src/identity/sessions.ts";
import { asUser, IDENTITY_SCHEMA, type User } from "../../src/identity/store.ts";
import { HOUR_MS, MINUTE_MS } from "../../src/kernel/time.ts";
import { openDatabase, type Database } from "../../src/store/database.ts";
import { migrate } from "../../src/store/migrate.ts";
import { FakeClock } from "../support/fake-clock.ts";

let database: Database;
let clock: FakeClock;
let sessions: Sessions;
let lan: User;

beforeEach(() => {
  database = openDatabase(":memory:");
  migrate(database, [IDENTITY_SCHEMA]);
  clock = new FakeClock();
  sessions = openSessions({ database, clock });
  database.run("INSERT INTO user VALUES ('u1', 'lan', 'Lan', '[\"officer\"]', 'x', 0, NULL)");
  lan = asUser(database.get("SELECT * FROM user") ?? {});
  return () => database[Symbol.dispose]();
});

const present = { present: true };

describe("a session", () => {
  test("lives on while its person does something, up to twelve hours", async () => {
    const id = sessions.start(lan);
    for (let at = 0; at < 12 * HOUR_MS - 29 * MINUTE_MS; at += 29 * MINUTE_MS) {
      expect(sessions.find(id, present)).toEqual(lan);
      await clock.advance(29 * MINUTE_MS);
    }
    await clock.advance(29 * MINUTE_MS);
    expect(sessions.find(id, present)).toBeUndefined();
  });

  test("ends after thirty idle minutes, however often the page asks by itself", async () => {
    const id = sessions.start(lan);
    await clock.advance(29 * MINUTE_MS);
    expect(sessions.find(id, { present: false })).toEqual(lan);
    await clock.advance(MINUTE_MS);
    expect(sessions.find(id, { present: false })).toBeUndefined();
  });

  test("ends at once on logout, and for good", () => {
    const id = sessions.start(lan);
    sessions.end(id);
    expect(sessions.find(id, present)).toBeUndefined();
  });

  test("is another one at each login, and never in the database as it is in the cookie", () => {
    const ids = [sessions.start(lan), sessions.start(lan)];
    expect(new Set(ids).size).toBe(2);
    expect(ids[0]).toMatch(/^[\w-]{43}$/);
    expect(JSON.stringify(database.all("SELECT * FROM session"))).not.toContain(ids[0]);
  });

  test("that has ended leaves no row behind at the next login", async () => {
    sessions.start(lan);
    await clock.advance(HOUR_MS);
    sessions.start(lan);
    expect(database.all("SELECT * FROM session")).toHaveLength(1);
  });

  test("has a token against forged requests that no other session has", () => {
    const [one, two] = [sessions.start(lan), sessions.start(lan)] as const;
    expect(csrfTokenOf(one)).toBe(csrfTokenOf(one));
    expect(csrfTokenOf(one)).not.toBe(csrfTokenOf(two));
    expect(csrfTokenOf(one)).not.toContain(one);
  });
});
