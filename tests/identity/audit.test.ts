import { beforeEach, describe, expect, test } from "vitest";
import type { Actor } from "../../src/identity/actor.ts";
import { AUDIT_SCHEMA, openAudit, type Audit } from "../../src/identity/audit.ts";
import { openDatabase, type Database } from "../../src/store/database.ts";
import { migrate } from "../../src/store/migrate.ts";
import { FakeClock } from "../support/fake-clock.ts";

const lan: Actor = { id: "u1", name: "lan", roles: ["officer"] };

let database: Database;
let audit: Audit;

beforeEach(() => {
  database = openDatabase(":memory:");
  migrate(database, [AUDIT_SCHEMA]);
  audit = openAudit({ database, clock: new FakeClock(1_000) });
  return () => database[Symbol.dispose]();
});

function recordThree(): void {
  audit.record({ actor: lan, action: "bulletin.submit", subject: "b1" });
  audit.record({ actor: "system", action: "airing.start", subject: "a1", details: { hamlets: ["thon-1"] } });
  audit.record({ actor: lan, action: "stop-all", subject: "" });
}

describe("the audit trail", () => {
  test("keeps who, what, to what and when, newest first", () => {
    recordThree();
    const entries = audit.read({ limit: 10 });
    expect(entries.map((entry) => [entry.seq, entry.actorName, entry.action])).toEqual([
      [3, "lan", "stop-all"],
      [2, "system", "airing.start"],
      [1, "lan", "bulletin.submit"],
    ]);
    expect(entries[1]).toMatchObject({ at: 1_000, subject: "a1", details: { hamlets: ["thon-1"] } });
  });

  test("is read page by page, and by action or subject", () => {
    recordThree();
    expect(audit.read({ limit: 1, beforeSeq: 3 }).map((entry) => entry.seq)).toEqual([2]);
    expect(audit.read({ limit: 10, action: "stop-all" }).map((entry) => entry.seq)).toEqual([3]);
    expect(audit.read({ limit: 10, subject: "b1" }).map((entry) => entry.seq)).toEqual([1]);
  });

  test("an entry goes with the transaction that it tells of", () => {
    expect(() =>
      database.transact(() => {
        audit.record({ actor: lan, action: "user.add", subject: "u2" });
        throw new Error("the act failed");
      }),
    ).toThrow("the act failed");
    expect(audit.read({ limit: 10 })).toEqual([]);
    expect(audit.verify()).toMatchObject({ whole: true, count: 0 });
  });

  test("refuses updates and deletes", () => {
    recordThree();
    expect(() => database.run("UPDATE audit SET action = 'x' WHERE seq = 1")).toThrow("append-only");
    expect(() => database.run("DELETE FROM audit WHERE seq = 3")).toThrow("append-only");
  });

  test("whole trail: verified, with a head that moves with each entry", () => {
    recordThree();
    const before = audit.verify();
    audit.record({ actor: lan, action: "resume", subject: "" });
    const after = audit.verify();
    expect([before, after]).toMatchObject([
      { whole: true, count: 3 },
      { whole: true, count: 4 },
    ]);
    expect(before).not.toEqual(after);
  });

  test.for([
    ["an action rewritten", "UPDATE audit SET action = 'nothing' WHERE seq = 2", 2],
    ["another actor put in", "UPDATE audit SET actor_name = 'hoa' WHERE seq = 1", 1],
    ["an instant moved", "UPDATE audit SET at_ms = at_ms + 1 WHERE seq = 3", 3],
    ["an entry taken out of the middle", "DELETE FROM audit WHERE seq = 2", 2],
    ["the end cut off", "DELETE FROM audit WHERE seq = 3", 3],
    ["everything gone", "DELETE FROM audit", 1],
  ] as const)("someone with the file and no triggers: %s is noticed", ([, sql, brokenAt]) => {
    recordThree();
    database.exec("DROP TRIGGER audit_no_update; DROP TRIGGER audit_no_delete;");
    database.exec(sql);
    expect(audit.verify()).toEqual({ whole: false, brokenAt });
  });
});
