import { join } from "node:path";
import { CLIPS_SCHEMA } from "../../../src/cameras/clips/clip-store.ts";
import { openCases, type Cases } from "../../../src/cameras/evidence/cases.ts";
import { openHeads, type Heads } from "../../../src/cameras/evidence/heads.ts";
import { openEvidenceKey, type EvidenceKey } from "../../../src/cameras/evidence/key.ts";
import type { PackageOrder, PackageParts } from "../../../src/cameras/evidence/package.ts";
import { EVIDENCE_SCHEMA } from "../../../src/cameras/evidence/schema.ts";
import { LEDGER_SCHEMA, openLedger, type Ledger, type LedgerReader } from "../../../src/cameras/ledger.ts";
import { AUDIT_SCHEMA, openAudit, type Audit } from "../../../src/identity/audit.ts";
import { epochMs } from "../../../src/kernel/time.ts";
import { openDatabase, type Database } from "../../../src/store/database.ts";
import { migrate } from "../../../src/store/migrate.ts";
import { openOutbox, OUTBOX_SCHEMA, type Outbox } from "../../../src/store/outbox.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";
import { aCamera, GATE, person } from "../camera-house.ts";
import { FILE_SEC, MadeRing } from "../made-ring.ts";

/** The first picture of every film. */
export const AT = 1_760_000_000_000;
export const FILE_MS = FILE_SEC * 1_000;

export interface EvidenceHouse extends Disposable {
  readonly folder: string;
  readonly database: Database;
  readonly clock: FakeClock;
  readonly audit: Audit;
  readonly outbox: Outbox;
  readonly ledger: Ledger & LedgerReader;
  readonly heads: Heads;
  readonly key: EvidenceKey;
  readonly cases: Cases;
  readonly ring: MadeRing;
  readonly told: string[];
  readonly packageParts: PackageParts;
  /** Puts a file into the ring and the chain, as the recorder does. */
  record(file: string, startMs: number, at: { session: string; n: number }): void;
  /** Notes a gap in the ring and the chain. */
  miss(fromMs: number, toMs: number): void;
  packageOrder(fromMs: number, toMs: number): PackageOrder;
}

/** Everything evidence is made of, on a temporary folder; the clock stands ten minutes after the first picture. */
export function openEvidenceHouse(): EvidenceHouse {
  const folder = temporaryFolder();
  const database = openDatabase(join(folder.path, "test.db"), "normal");
  migrate(database, [AUDIT_SCHEMA, OUTBOX_SCHEMA, LEDGER_SCHEMA, CLIPS_SCHEMA, EVIDENCE_SCHEMA]);
  const clock = new FakeClock(AT + 600_000);
  const audit = openAudit({ database, clock });
  const outbox = openOutbox(database);
  const ledger = openLedger({ database, clock });
  const key = openEvidenceKey(join(folder.path, "keys"));
  const heads = openHeads({ database, clock, ledger, audit, key, outbox });
  const told: string[] = [];
  const cases = openCases({ database, clock, audit, notify: ({ id }) => told.push(id) });
  const ring = new MadeRing(folder.path);
  return {
    folder: folder.path,
    database,
    clock,
    audit,
    outbox,
    ledger,
    heads,
    key,
    cases,
    ring,
    told,
    packageParts: {
      database,
      clock,
      audit,
      ledger,
      heads,
      key,
      recordings: ring,
      tools: { ffmpeg: "ffmpeg" },
      facts: {
        commune: "UBND xã Thử",
        version: "1.2.3",
        timeZone: "Asia/Ho_Chi_Minh",
        cameraClock: () => ({ offsetMs: -1_300, measuredAt: AT }),
        synchronized: () => Promise.resolve(true),
      },
    },
    record: (file, startMs, { session, n }) => {
      const ledgerN = ledger.entries(GATE, 1, 10_000).length + 1;
      const segment = ring.add(GATE, file, { startMs: AT + startMs, session, n, ledgerN });
      const { startAt, endAt, bytes, sha256 } = segment;
      ledger.append(GATE, { kind: "segment", session, n, startAt, endAt, bytes, sha256 });
    },
    miss: (fromMs, toMs) => {
      const span = { from: epochMs(AT + fromMs), to: epochMs(AT + toMs) };
      ring.addGap(GATE, span, "camera-offline");
      ledger.append(GATE, { kind: "gap", ...span, cause: "camera-offline" });
    },
    packageOrder: (fromMs, toMs) => ({
      id: "e1",
      camera: aCamera({
        identity: {
          manufacturer: "Hikvision",
          model: "DS-2CD",
          firmware: "5.10",
          serial: "007",
          hardwareId: "88",
          mac: "",
        },
      }),
      span: { from: epochMs(AT + fromMs), to: epochMs(AT + toMs) },
      caseFile: { number: "12/2026/HS", title: "Va chạm ở quầy 1", reason: "Công dân khiếu nại" },
      operator: person("officer"),
      askedAt: clock.now(),
      reason: "Theo yêu cầu của <Công an xã>",
      purpose: "Xác minh vụ việc",
      redaction: "Không che: cần nhận dạng người liên quan",
      clipFile: join(folder.path, "e1.clip.mp4"),
    }),
    [Symbol.dispose]: () => {
      database[Symbol.dispose]();
      folder[Symbol.dispose]();
    },
  };
}
