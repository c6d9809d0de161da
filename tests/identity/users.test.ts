import { beforeEach, describe, expect, test } from "vitest";
import { CLI_ACTOR } from "../../src/identity/actor.ts";
import { AUDIT_SCHEMA, openAudit, type Audit } from "../../src/identity/audit.ts";
import { openSessions, type Sessions } from "../../src/identity/sessions.ts";
import { IDENTITY_SCHEMA } from "../../src/identity/store.ts";
import { openUsers, type Users } from "../../src/identity/users.ts";
import { openDatabase, type Database } from "../../src/store/database.ts";
import { migrate } from "../../src/store/migrate.ts";
import { FakeClock } from "../support/fake-clock.ts";

const lanDraft = {
  name: "Lan",
  fullName: "Nguyễn Thị Lan",
  roles: ["officer"],
  password: "con trâu đi trước",
} as const;

let database: Database;
let audit: Audit;
let users: Users;
let sessions: Sessions;

beforeEach(() => {
  database = openDatabase(":memory:");
  migrate(database, [AUDIT_SCHEMA, IDENTITY_SCHEMA]);
  const clock = new FakeClock(5_000);
  audit = openAudit({ database, clock });
  users = openUsers({ database, clock, audit });
  sessions = openSessions({ database, clock });
  return () => database[Symbol.dispose]();
});

describe("the first administrator", () => {
  test("is made with a generated password, once", async () => {
    const first = await users.ensureFirstAdmin();
    expect(first).toMatchObject({
      name: "admin",
      password: expect.stringMatching(/^(\w{4}-){3}\w{4}$/) as string,
    });
    expect(await users.ensureFirstAdmin()).toBeUndefined();
    expect(await users.login("admin", first?.password ?? "")).toMatchObject({
      roles: ["admin"],
      lastLoginAt: 5_000,
    });
  });

  test("gets another password on each installation", async () => {
    const first = await users.ensureFirstAdmin();
    database.run("DELETE FROM user");
    expect((await users.ensureFirstAdmin())?.password).not.toBe(first?.password);
  });
});

describe("users", () => {
  test("log in under their name in any case, with their own password only", async () => {
    const lan = await users.add(lanDraft, CLI_ACTOR);
    expect(await users.login(" LAN ", lanDraft.password)).toMatchObject({
      id: lan.id,
      fullName: "Nguyễn Thị Lan",
    });
    expect(await users.login("lan", "con trâu đi sau")).toBeUndefined();
    expect(await users.login("nobody", lanDraft.password)).toBeUndefined();
  });

  test("log in whichever way their keyboard composes the letters", async () => {
    await users.add({ ...lanDraft, password: lanDraft.password.normalize("NFD") }, CLI_ACTOR);
    expect(await users.login("lan", lanDraft.password.normalize("NFC"))).toBeDefined();
  });

  test("are stored with an argon2id hash of the agreed cost", async () => {
    await users.add(lanDraft, CLI_ACTOR);
    expect(database.get("SELECT password_hash FROM user")?.["password_hash"]).toMatch(
      /^\$argon2id\$v=19\$m=19456,t=2,p=1\$/,
    );
  });

  test.for([
    ["an empty name", { name: "" }, "invalid", "name"],
    ["a name with spaces", { name: "chị lan" }, "invalid", "name"],
    ["the name of the command line", { name: "CLI" }, "invalid", "name"],
    ["no role", { roles: [] }, "invalid", "roles"],
    ["a short password", { password: "123" }, "invalid", "password"],
    ["a name that is taken", { name: "hoa" }, "conflict", "name"],
  ] as const)("%s is refused, naming the field", async ([, change, kind, field]) => {
    await users.add({ ...lanDraft, name: "hoa" }, CLI_ACTOR);
    await expect(users.add({ ...lanDraft, ...change }, CLI_ACTOR)).rejects.toMatchObject({ kind, field });
    expect(users.list().map((user) => user.name)).toEqual(["hoa"]);
  });

  test("two requests for one name at once: one gets it", async () => {
    const both = await Promise.allSettled([users.add(lanDraft, CLI_ACTOR), users.add(lanDraft, CLI_ACTOR)]);
    expect(both.map((outcome) => outcome.status).sort()).toEqual(["fulfilled", "rejected"]);
  });

  test("a new password ends the sessions that the old one opened", async () => {
    const lan = await users.add(lanDraft, CLI_ACTOR);
    const session = sessions.start(lan);
    await users.setPassword(lan.id, "cái cày đi sau", CLI_ACTOR);
    expect(sessions.find(session, { present: true })).toBeUndefined();
    expect(await users.login("lan", "cái cày đi sau")).toBeDefined();
  });

  test("the last administrator can neither be removed nor lose the role", async () => {
    const boss = await users.add({ ...lanDraft, name: "boss", roles: ["admin"] }, CLI_ACTOR);
    expect(() => users.remove(boss.id, CLI_ACTOR)).toThrow("boss is the last administrator.");
    expect(() => users.change(boss.id, { roles: ["viewer"] }, CLI_ACTOR)).toThrow("last administrator");
    await users.add({ ...lanDraft, roles: ["admin"] }, CLI_ACTOR);
    users.change(boss.id, { roles: ["viewer"] }, CLI_ACTOR);
    users.remove(boss.id, CLI_ACTOR);
    expect(users.list().map((user) => user.name)).toEqual(["lan"]);
  });

  test("every change is in the trail, and no password is", async () => {
    const lan = await users.add(lanDraft, CLI_ACTOR);
    users.change(lan.id, { roles: ["officer", "leader"] }, CLI_ACTOR);
    await users.setPassword(lan.id, "cái cày đi sau", CLI_ACTOR);
    await users.add({ ...lanDraft, name: "boss", roles: ["admin"] }, CLI_ACTOR);
    users.remove(lan.id, CLI_ACTOR);
    const trail = audit.read({ limit: 10, subject: lan.id });
    expect(trail.map((entry) => entry.action)).toEqual([
      "user.remove",
      "user.passwd",
      "user.change",
      "user.add",
    ]);
    expect(JSON.stringify(trail)).not.toMatch(/trâu|cày|argon2/);
  });
});
