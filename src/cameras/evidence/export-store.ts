import { z } from "zod";
import { ROLES, type Actor } from "../../identity/actor.ts";
import type { Text } from "../../kernel/text.ts";
import { epochMs, type EpochMs } from "../../kernel/time.ts";
import type { Database, Row } from "../../store/database.ts";
import type { CameraId, Span } from "../rules/model.ts";

/** An evidence package, from being asked for until its time is over. */
export interface Export extends Span {
  readonly id: string;
  readonly caseId: string;
  readonly camera: CameraId;
  readonly reason: string;
  readonly purpose: string;
  readonly redaction: string;
  readonly operator: Actor;
  readonly askedAt: EpochMs;
  readonly state: "making" | "ready" | "failed";
  readonly bytes: number | null;
  /** Of the zip, hex. */
  readonly sha256: string | null;
  readonly failure: Text | null;
  readonly keepUntil: EpochMs;
}

export interface ExportStore {
  add(order: Omit<Export, "state" | "bytes" | "sha256" | "failure">): Export;
  find(id: string): Export | undefined;
  ofCase(caseId: string): readonly Export[];
  /** Of a camera, whose time touches the span. */
  touching(camera: CameraId, span: Span): readonly Export[];
  /** The one to be made next: also one that a crash cut off. */
  next(): Export | undefined;
  ready(id: string, made: { readonly bytes: number; readonly sha256: string }): void;
  failed(id: string, why: Text): void;
  expired(now: EpochMs): readonly Export[];
  remove(id: string): void;
  ids(): ReadonlySet<string>;
}

export function openExportStore(database: Database): ExportStore {
  const find = (id: string): Export | undefined => {
    const row = database.get("SELECT * FROM evidence_export WHERE id = ?", id);
    return row === undefined ? undefined : asExport(row);
  };
  return {
    add: (order) => {
      const { id, caseId, camera, from, to, reason, purpose, redaction, operator, askedAt, keepUntil } =
        order;
      database.run(
        `INSERT INTO evidence_export (id, case_id, camera, from_ms, to_ms, reason, purpose, redaction, by_id, by_name, by_roles,
           asked_at_ms, keep_until_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
        ...[id, caseId, camera, from, to, reason, purpose, redaction],
        ...[operator.id, operator.name, JSON.stringify(operator.roles), askedAt, keepUntil],
      );
      return { ...order, state: "making", bytes: null, sha256: null, failure: null };
    },
    find,
    ofCase: (caseId) =>
      database
        .all("SELECT * FROM evidence_export WHERE case_id = ? ORDER BY asked_at_ms DESC, id", caseId)
        .map(asExport),
    touching: (camera, { from, to }) =>
      database
        .all(
          "SELECT * FROM evidence_export WHERE camera = ? AND to_ms > ? AND from_ms < ? ORDER BY from_ms, id",
          ...[camera, from, to],
        )
        .map(asExport),
    next: () => {
      const row = database.get(
        "SELECT * FROM evidence_export WHERE state = 'making' ORDER BY asked_at_ms LIMIT 1",
      );
      return row === undefined ? undefined : asExport(row);
    },
    ready: (id, { bytes, sha256 }) => {
      database.run(
        "UPDATE evidence_export SET state = 'ready', bytes = ?, sha256 = ? WHERE id = ?",
        ...[bytes, sha256, id],
      );
    },
    failed: (id, { vi, en }) => {
      database.run(
        "UPDATE evidence_export SET state = 'failed', failure = ? WHERE id = ?",
        JSON.stringify({ vi, en }),
        id,
      );
    },
    expired: (now) =>
      database
        .all("SELECT * FROM evidence_export WHERE keep_until_ms <= ? AND state <> 'making'", now)
        .map(asExport),
    remove: (id) => {
      database.run("DELETE FROM evidence_export WHERE id = ?", id);
    },
    ids: () => new Set(database.all("SELECT id FROM evidence_export").map((row) => String(row["id"]))),
  };
}

const Failure = z.object({ vi: z.string(), en: z.string() });
const Roles = z.array(z.enum(ROLES));

function asExport(row: Row): Export {
  const { bytes, sha256, failure } = row;
  return {
    id: String(row["id"]),
    caseId: String(row["case_id"]),
    camera: String(row["camera"]) as CameraId,
    from: epochMs(Number(row["from_ms"])),
    to: epochMs(Number(row["to_ms"])),
    reason: String(row["reason"]),
    purpose: String(row["purpose"]),
    redaction: String(row["redaction"]),
    operator: {
      id: String(row["by_id"]),
      name: String(row["by_name"]),
      roles: Roles.parse(JSON.parse(String(row["by_roles"]))),
    },
    askedAt: epochMs(Number(row["asked_at_ms"])),
    state: String(row["state"]) as Export["state"],
    bytes: bytes == null ? null : Number(bytes),
    sha256: sha256 == null ? null : String(sha256),
    failure: failure == null ? null : Failure.parse(JSON.parse(String(failure))),
    keepUntil: epochMs(Number(row["keep_until_ms"])),
  };
}
