import { readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { CLI_ACTOR } from "../../src/identity/actor.ts";
import { AUDIT_SCHEMA, openAudit, type Audit } from "../../src/identity/audit.ts";
import { CAMERAS_SCHEMA } from "../../src/cameras/camera-store.ts";
import { openCameras, type CameraRegistry } from "../../src/cameras/cameras.ts";
import type { Camera, CameraId } from "../../src/cameras/rules/model.ts";
import { openDatabase, type Database } from "../../src/store/database.ts";
import { migrate } from "../../src/store/migrate.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { cameraDraft } from "./camera-draft.ts";

let folder: ReturnType<typeof temporaryFolder>;
let database: Database;
let audit: Audit;
let cameras: CameraRegistry;
const clock = new FakeClock(1_000);
const QUAY = "quay-2" as CameraId;

const opened = (maxCameras?: number): CameraRegistry =>
  openCameras({
    database,
    clock,
    audit,
    keyDir: folder.path,
    ...(maxCameras !== undefined && { maxCameras }),
  });

beforeEach(() => {
  folder = temporaryFolder();
  database = openDatabase(join(folder.path, "test.db"), "normal");
  migrate(database, [AUDIT_SCHEMA, CAMERAS_SCHEMA]);
  audit = openAudit({ database, clock });
  cameras = opened();
});
afterEach(() => {
  database[Symbol.dispose]();
  folder[Symbol.dispose]();
});

test("a camera is kept as it was added, also after a restart", () => {
  const added = cameras.add(cameraDraft(), "bí mật 123", CLI_ACTOR);
  expect(added.addedAt).toBe(1_000);
  expect(opened().get(QUAY)).toEqual(added);
  expect(opened().all()).toEqual([added]);
});

describe("a password", () => {
  test("opens again, with marks and all", () => {
    cameras.add(cameraDraft(), "Mật@khẩu:1/é", CLI_ACTOR);
    expect(opened().credentials(QUAY)).toEqual({ user: "admin", password: "Mật@khẩu:1/é" });
  });

  test("stands in no file of the database, and its key is for the owner's eyes", () => {
    cameras.add(cameraDraft(), "UNIQUE-SECRET-42", CLI_ACTOR);
    cameras.change(QUAY, { password: "UNIQUE-SECRET-43" }, CLI_ACTOR);
    database.copyTo(join(folder.path, "copy.db"));
    expect(readFileSync(join(folder.path, "copy.db")).includes("UNIQUE-SECRET")).toBe(false);
    expect(JSON.stringify(audit.read({ limit: 10 }))).not.toContain("UNIQUE-SECRET");
    expect(statSync(join(folder.path, "camera-passwords.key")).mode & 0o777).toBe(0o600);
  });

  test("of a lost key is said to be lost, and can be entered again", () => {
    cameras.add(cameraDraft(), "one", CLI_ACTOR);
    rmSync(join(folder.path, "camera-passwords.key"));
    const after = opened();
    expect(() => after.credentials(QUAY)).toThrow("The stored password of camera quay-2 can't be opened.");
    after.change(QUAY, { password: "two" }, CLI_ACTOR);
    expect(after.credentials(QUAY).password).toBe("two");
  });

  test("sealed for one camera does not open for another", () => {
    cameras.add(cameraDraft(), "one", CLI_ACTOR);
    cameras.add(cameraDraft({ id: "quay-3" as CameraId, name: "Quầy 3" }), "two", CLI_ACTOR);
    database.run(
      "UPDATE camera SET sealed = (SELECT sealed FROM camera WHERE id = 'quay-2') WHERE id = 'quay-3'",
    );
    expect(() => cameras.credentials("quay-3" as CameraId)).toThrow("can't be opened");
  });

  test("is put into the stream's address so that any character survives", () => {
    cameras.add(cameraDraft(), "p@ss/w:ord é", CLI_ACTOR);
    expect(cameras.streamUrl(QUAY, "main")).toBe(
      "rtsp://admin:p%40ss%2Fw%3Aord%20%C3%A9@192.168.1.64:554/Streaming/Channels/101",
    );
    expect(cameras.streamUrl(QUAY, "sub")).toBeUndefined();
  });
});

test("a key file of another length is named, not replaced", () => {
  writeFileSync(join(folder.path, "camera-passwords.key"), "short");
  expect(() => opened()).toThrow("camera-passwords.key can't be used: it has 5 bytes");
});

describe("the audit trail", () => {
  test("tells what was added, changed from what to what, and removed", () => {
    cameras.add(cameraDraft(), "x", CLI_ACTOR);
    cameras.change(QUAY, { retentionDays: 15, password: "y" }, "system");
    cameras.remove(QUAY, CLI_ACTOR);
    expect(
      audit.read({ limit: 10 }).map(({ action, actorId, details }) => [action, actorId, details]),
    ).toEqual([
      ["camera.remove", "cli", { name: "Quầy 2", place: "Bộ phận Một cửa, quầy 2", retentionDays: 15 }],
      ["camera.change", "system", { retentionDays: { from: 30, to: 15 }, password: "changed" }],
      ["camera.add", "cli", expect.objectContaining({ name: "Quầy 2", audio: false })],
    ]);
  });

  test("says nothing of a change that changes nothing", () => {
    cameras.add(cameraDraft(), "x", CLI_ACTOR);
    cameras.change(QUAY, { retentionDays: 30 }, CLI_ACTOR);
    expect(audit.read({ limit: 10, action: "camera.change" })).toEqual([]);
  });
});

test("listeners hear of each add, change and remove, after it is stored", () => {
  const heard: string[] = [];
  const listening = cameras.onChange((id) =>
    heard.push(`${id} ${cameras.find(id)?.retentionDays ?? "gone"}`),
  );
  cameras.add(cameraDraft(), "x", CLI_ACTOR);
  cameras.change(QUAY, { retentionDays: 7 }, CLI_ACTOR);
  cameras.remove(QUAY, CLI_ACTOR);
  listening[Symbol.dispose]();
  cameras.add(cameraDraft({ id: "other" as CameraId }), "x", CLI_ACTOR);
  expect(heard).toEqual(["quay-2 30", "quay-2 7", "quay-2 gone"]);
});

test("the id of a removed camera is not given to another: its recordings carry it", () => {
  cameras.add(cameraDraft(), "x", CLI_ACTOR);
  cameras.remove(QUAY, CLI_ACTOR);
  expect(cameras.isTaken(QUAY)).toBe(true);
  expect(() => cameras.add(cameraDraft(), "x", CLI_ACTOR)).toThrow(
    "belongs to a camera that is, or once was",
  );
});

test.each<[string, Partial<Camera>, string, string]>([
  ["an id with capitals", { id: "Quay" as CameraId }, "invalid", "id"],
  ["no readable name", { name: " - " }, "invalid", "name"],
  ["another's name", { id: "x" as CameraId, name: "Quầy 1" }, "conflict", "name"],
  ["another's name, spelt decomposed", { name: "Quầy 1".normalize("NFD") }, "conflict", "name"],
  ["a camera too many", { id: "y" as CameraId, name: "y" }, "rejected", ""],
])("%s is refused", (_name, change, kind, field) => {
  const few = opened(kind === "rejected" ? 1 : 16);
  few.add(cameraDraft({ id: "quay-1" as CameraId, name: "Quầy 1" }), "x", CLI_ACTOR);
  expect(() => few.add(cameraDraft(change), "x", CLI_ACTOR)).toThrow(
    expect.objectContaining({ kind, field: field === "" ? undefined : field }) as Error,
  );
});

test("what is unknown is not found", () => {
  for (const act of [
    () => cameras.get(QUAY),
    () => cameras.credentials(QUAY),
    () => cameras.change(QUAY, {}, CLI_ACTOR),
    () => cameras.remove(QUAY, CLI_ACTOR),
  ]) {
    expect(act).toThrow(expect.objectContaining({ kind: "not-found" }) as Error);
  }
});
