import { epochMs, type EpochMs } from "../../kernel/time.ts";
import type { Database, Row } from "../../store/database.ts";
import type { Schema } from "../../store/migrate.ts";
import type { RequestKind, RequestOutcome, RequestState, Terms } from "../rules/data-requests.ts";
import type { CameraId, Span } from "../rules/model.ts";

/** A recorded person's request, as the register keeps it. */
export interface DataRequest extends Terms {
  /** `YC-2026-0001` */
  readonly id: string;
  readonly kind: RequestKind;
  /** Who asks, in words; the identity was checked by whoever took the request. */
  readonly person: string;
  readonly contact: string;
  /** Null: the person does not know which. */
  readonly camera: CameraId | null;
  /** When the person was recorded. */
  readonly span: Span | null;
  /** What they ask for, in their words. */
  readonly what: string;
  readonly receivedAt: EpochMs;
  readonly receivedBy: string;
  readonly state: RequestState;
  readonly handler: string | null;
  readonly acknowledgedAt: EpochMs | null;
  readonly endedAt: EpochMs | null;
  readonly outcome: RequestOutcome | null;
  readonly answer: string | null;
  /** On what ground pictures that show others were handed over. */
  readonly others: string | null;
  readonly caseId: string | null;
  readonly exportId: string | null;
}

export const PRIVACY_SCHEMA: Schema = {
  feature: "privacy",
  steps: [
    `CREATE TABLE data_request (
      id TEXT PRIMARY KEY,
      kind TEXT NOT NULL CHECK (kind IN ('view', 'copy', 'restrict', 'object', 'delete')),
      person TEXT NOT NULL,
      contact TEXT NOT NULL,
      camera TEXT,
      from_ms INTEGER,                     -- wall time, UTC milliseconds, like all below
      to_ms INTEGER,
      what TEXT NOT NULL,
      received_at_ms INTEGER NOT NULL,
      received_by TEXT NOT NULL,
      acknowledge_by_ms INTEGER NOT NULL,  -- fixed at receipt: a later change of the holidays moves no deadline
      answer_by_ms INTEGER NOT NULL,
      state TEXT NOT NULL CHECK (state IN ('received', 'acknowledged', 'answered', 'withdrawn')),
      handler TEXT,
      acknowledged_at_ms INTEGER,
      ended_at_ms INTEGER,
      outcome TEXT CHECK (outcome IN ('granted', 'partly', 'refused')),
      answer TEXT,
      others TEXT,
      case_id TEXT,
      export_id TEXT,
      CHECK ((from_ms IS NULL) = (to_ms IS NULL)),
      CHECK ((state = 'answered') = (outcome IS NOT NULL)),
      CHECK ((state IN ('answered', 'withdrawn')) = (ended_at_ms IS NOT NULL))
    ) STRICT;
    CREATE INDEX data_request_by_time ON data_request (received_at_ms);`,
    `CREATE TABLE breach (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      what TEXT NOT NULL,
      found_at_ms INTEGER NOT NULL,
      noted_by TEXT NOT NULL
    ) STRICT;
    CREATE TABLE breach_step (
      breach INTEGER NOT NULL REFERENCES breach (id),
      step TEXT NOT NULL CHECK (step IN ('contain', 'assess', 'authority', 'people', 'evidence', 'prevent')),
      done_at_ms INTEGER NOT NULL,
      done_by TEXT NOT NULL,
      PRIMARY KEY (breach, step)
    ) STRICT, WITHOUT ROWID;`,
  ],
};

export interface RequestStore {
  put(request: DataRequest): void;
  find(id: string): DataRequest | undefined;
  /** Open ones by their next deadline, then closed ones, newest first. */
  list(limit: number): DataRequest[];
  /** The number of the newest request of a year; 0 when there is none. */
  lastNumber(prefix: string): number;
}

export function openRequestStore(database: Database): RequestStore {
  return {
    put: (request) => {
      const { span } = request;
      database.run(
        `INSERT OR REPLACE INTO data_request (id, kind, person, contact, camera, from_ms, to_ms, what, received_at_ms,
           received_by, acknowledge_by_ms, answer_by_ms, state, handler, acknowledged_at_ms, ended_at_ms, outcome,
           answer, others, case_id, export_id)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
        ...[request.id, request.kind, request.person, request.contact, request.camera],
        ...[span?.from ?? null, span?.to ?? null, request.what, request.receivedAt, request.receivedBy],
        ...[request.acknowledgeBy, request.answerBy, request.state, request.handler, request.acknowledgedAt],
        ...[request.endedAt, request.outcome, request.answer, request.others],
        ...[request.caseId, request.exportId],
      );
    },
    find: (id) => {
      const row = database.get("SELECT * FROM data_request WHERE id = ?", id);
      return row === undefined ? undefined : asRequest(row);
    },
    list: (limit) =>
      database
        .all(
          `SELECT * FROM data_request
           ORDER BY ended_at_ms IS NOT NULL,
             CASE WHEN ended_at_ms IS NOT NULL THEN -received_at_ms
                  WHEN state = 'received' THEN acknowledge_by_ms ELSE answer_by_ms END, id
           LIMIT ?`,
          limit,
        )
        .map(asRequest),
    lastNumber: (prefix) => {
      const row = database.get(
        "SELECT MAX(CAST(SUBSTR(id, ?1) AS INTEGER)) AS n FROM data_request WHERE SUBSTR(id, 1, ?1 - 1) = ?2",
        prefix.length + 1,
        prefix,
      );
      return Number(row?.["n"] ?? 0);
    },
  };
}

function asRequest(row: Row): DataRequest {
  const words = (column: string): string => String(row[column]);
  const wordsOrNull = (column: string): string | null => (row[column] === null ? null : words(column));
  const instant = (column: string): EpochMs => epochMs(Number(row[column]));
  const instantOrNull = (column: string): EpochMs | null => (row[column] === null ? null : instant(column));
  return {
    id: words("id"),
    kind: words("kind") as RequestKind,
    person: words("person"),
    contact: words("contact"),
    camera: wordsOrNull("camera") as CameraId | null,
    span: row["from_ms"] === null ? null : { from: instant("from_ms"), to: instant("to_ms") },
    what: words("what"),
    receivedAt: instant("received_at_ms"),
    receivedBy: words("received_by"),
    acknowledgeBy: instant("acknowledge_by_ms"),
    answerBy: instant("answer_by_ms"),
    state: words("state") as RequestState,
    handler: wordsOrNull("handler"),
    acknowledgedAt: instantOrNull("acknowledged_at_ms"),
    endedAt: instantOrNull("ended_at_ms"),
    outcome: wordsOrNull("outcome") as RequestOutcome | null,
    answer: wordsOrNull("answer"),
    others: wordsOrNull("others"),
    caseId: wordsOrNull("case_id"),
    exportId: wordsOrNull("export_id"),
  };
}
