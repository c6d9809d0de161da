import type { Schema } from "../../store/migrate.ts";

/** Signed heads, cases with their holds, and export packages. */
export const EVIDENCE_SCHEMA: Schema = {
  feature: "evidence",
  steps: [
    `CREATE TABLE evidence_head (
      n INTEGER PRIMARY KEY CHECK (n > 0),
      at_ms INTEGER NOT NULL,       -- wall time, UTC milliseconds, as all below
      body TEXT NOT NULL,           -- canonical JSON, exactly what was signed
      signature TEXT NOT NULL,      -- Ed25519, base64
      key_fingerprint TEXT NOT NULL
    ) STRICT;
    CREATE TRIGGER evidence_head_no_update BEFORE UPDATE ON evidence_head
      BEGIN SELECT RAISE(ABORT, 'signed heads are append-only'); END;
    CREATE TRIGGER evidence_head_no_delete BEFORE DELETE ON evidence_head
      BEGIN SELECT RAISE(ABORT, 'signed heads are append-only'); END;

    CREATE TABLE evidence_case (
      id TEXT PRIMARY KEY,
      number TEXT NOT NULL UNIQUE,  -- the commune's own: 12/2026/HS
      title TEXT NOT NULL,
      reason TEXT NOT NULL,
      opened_at_ms INTEGER NOT NULL,
      opened_by TEXT NOT NULL,
      state TEXT NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'release-asked', 'released')),
      asked_by_id TEXT,
      asked_by TEXT,
      asked_at_ms INTEGER,
      release_reason TEXT,
      confirmed_by TEXT,
      confirmed_at_ms INTEGER,
      CHECK ((state = 'open') = (asked_by_id IS NULL)),
      CHECK ((state = 'released') = (confirmed_by IS NOT NULL))
    ) STRICT;
    CREATE TABLE evidence_hold (
      id TEXT PRIMARY KEY,
      case_id TEXT NOT NULL REFERENCES evidence_case (id),
      camera TEXT NOT NULL,
      from_ms INTEGER NOT NULL,
      to_ms INTEGER NOT NULL CHECK (to_ms > from_ms),
      added_at_ms INTEGER NOT NULL,
      added_by TEXT NOT NULL
    ) STRICT;
    CREATE INDEX evidence_hold_by_camera ON evidence_hold (camera, to_ms);
    CREATE INDEX evidence_hold_by_case ON evidence_hold (case_id);

    CREATE TABLE evidence_export (
      id TEXT PRIMARY KEY,          -- ours; also the name of its file
      case_id TEXT NOT NULL REFERENCES evidence_case (id),
      camera TEXT NOT NULL,
      from_ms INTEGER NOT NULL,
      to_ms INTEGER NOT NULL CHECK (to_ms > from_ms),
      reason TEXT NOT NULL,
      purpose TEXT NOT NULL,        -- for whom and what for, in writing
      redaction TEXT NOT NULL,      -- what was decided about other people in the picture
      by_id TEXT NOT NULL,
      by_name TEXT NOT NULL,
      by_roles TEXT NOT NULL,       -- JSON
      asked_at_ms INTEGER NOT NULL,
      state TEXT NOT NULL DEFAULT 'making' CHECK (state IN ('making', 'ready', 'failed')),
      bytes INTEGER,
      sha256 TEXT CHECK (length(sha256) = 64),
      failure TEXT,                 -- JSON of both languages
      keep_until_ms INTEGER NOT NULL,
      CHECK ((state = 'ready') = (sha256 IS NOT NULL)),
      CHECK ((state = 'failed') = (failure IS NOT NULL))
    ) STRICT;
    CREATE INDEX evidence_export_by_case ON evidence_export (case_id, asked_at_ms);`,
  ],
};
