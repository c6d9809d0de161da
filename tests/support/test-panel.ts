import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod";
import { ROLES } from "../../src/identity/actor.ts";
import { AUDIT_SCHEMA, openAudit } from "../../src/identity/audit.ts";
import { openCliAccess } from "../../src/identity/cli-access.ts";
import { openCommuneCa } from "../../src/identity/commune-ca.ts";
import { hashPassword } from "../../src/identity/passwords.ts";
import { openSessions } from "../../src/identity/sessions.ts";
import { IDENTITY_SCHEMA } from "../../src/identity/store.ts";
import { openUsers } from "../../src/identity/users.ts";
import { systemClock } from "../../src/kernel/clock.ts";
import type { PanelParts } from "../../src/panel/app.ts";
import { openSavedData } from "../../src/panel/backup.ts";
import { openEventHub } from "../../src/panel/event-hub.ts";
import { openDatabase, type Database } from "../../src/store/database.ts";
import { migrate } from "../../src/store/migrate.ts";
import { RecordingLog } from "./recording-log.ts";

export const PASSWORD = "con trâu đi trước";

/** Slow on purpose, so made once for all tests of a file. */
const passwordHash = hashPassword(PASSWORD);

export interface TestPanel extends AsyncDisposable {
  readonly parts: PanelParts;
  readonly dataDir: string;
  readonly database: Database;
  readonly log: RecordingLog;
}

interface TestPanelOptions {
  readonly features?: readonly FastifyPluginAsyncZod[];
  readonly heartbeatMs?: number;
  readonly parts?: Partial<PanelParts>;
}

/** A panel's real parts on a temporary folder, with a user of each role named after it. */
export async function openTestPanel(options: TestPanelOptions = {}): Promise<TestPanel> {
  const dataDir = await mkdtemp(path.join(os.tmpdir(), "panel-"));
  const database = openDatabase(path.join(dataDir, "tienglang.db"), "normal");
  migrate(database, [AUDIT_SCHEMA, IDENTITY_SCHEMA]);
  const clock = systemClock;
  const log = new RecordingLog();
  const audit = openAudit({ database, clock });
  const users = openUsers({ database, clock, audit });
  for (const role of ROLES) {
    database.run(
      "INSERT INTO user (id, name, full_name, roles, password_hash, created_at_ms) VALUES (?, ?, ?, ?, ?, 0)",
      `u-${role}`,
      `the-${role}`,
      `Người ${role}`,
      JSON.stringify([role]),
      await passwordHash,
    );
  }
  const ca = await openCommuneCa({ dir: path.join(dataDir, "keys"), communeName: "Xã Thử", clock, log });
  const certificate = await ca.serverCertificate(["127.0.0.1", "localhost"]);
  const events = openEventHub({ heartbeatMs: options.heartbeatMs ?? 15_000, kept: 500 });
  const version = "1.2.3";
  const parts: PanelParts = {
    clock,
    log,
    users,
    sessions: openSessions({ database, clock }),
    audit,
    cliAccess: openCliAccess(dataDir),
    events,
    savedData: await openSavedData({
      dataDir,
      database,
      databaseFile: "tienglang.db",
      skipped: ["tmp"],
      version,
      clock,
    }),
    tls: { certPem: certificate.certPem, keyPem: certificate.keyPem, caPem: ca.caPem },
    version,
    uiDir: path.join(dataDir, "no-ui"),
    features: options.features ?? [],
    ready: () => true,
    status: () => ({
      version,
      at: clock.now(),
      startedAt: clock.now(),
      commune: "Xã Thử",
      timeZone: "Asia/Ho_Chi_Minh",
      ready: true,
      speakers: { total: 3, online: 2, playing: 0 },
      onAir: 0,
      holdUntil: null,
      problems: [],
    }),
    checks: () => Promise.resolve([{ id: "broker", outcome: "ok", said: { en: "up", vi: "chạy" } }]),
    metrics: () => Promise.resolve("tienglang_up 1\n"),
    ...options.parts,
  };
  return {
    parts,
    dataDir,
    database,
    log,
    [Symbol.asyncDispose]: async () => {
      events[Symbol.dispose]();
      database[Symbol.dispose]();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}
