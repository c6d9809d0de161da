import { z } from "zod";
import { epochMs, type EpochMs } from "../kernel/time.ts";
import type { Row } from "../store/database.ts";
import type { Schema } from "../store/migrate.ts";
import { ROLES, type Role } from "./actor.ts";

export interface User {
  readonly id: string;
  /** What is typed at the login: a-z, 0-9, dot, dash, underscore. */
  readonly name: string;
  /** What others see: "Nguyễn Thị Lan". */
  readonly fullName: string;
  readonly roles: readonly Role[];
  readonly createdAt: EpochMs;
  readonly lastLoginAt: EpochMs | null;
}

export const IDENTITY_SCHEMA: Schema = {
  feature: "identity",
  steps: [
    `CREATE TABLE user (
      id TEXT PRIMARY KEY,
      name TEXT NOT NULL UNIQUE CHECK (name = lower(name)),
      full_name TEXT NOT NULL,
      roles TEXT NOT NULL,           -- JSON array of role names, at least one
      password_hash TEXT NOT NULL,   -- argon2id in PHC form, parameters included
      created_at_ms INTEGER NOT NULL,
      last_login_at_ms INTEGER
    ) STRICT;
    CREATE TABLE session (
      -- SHA-256 of the cookie: who reads a backup can't log in with it.
      id_hash TEXT PRIMARY KEY,
      user_id TEXT NOT NULL REFERENCES user (id) ON DELETE CASCADE,
      created_at_ms INTEGER NOT NULL,
      last_seen_at_ms INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX session_by_user ON session (user_id);`,
  ],
};

const Roles = z.array(z.enum(ROLES));

export function asUser(row: Row): User {
  const lastLogin = row["last_login_at_ms"];
  return {
    id: String(row["id"]),
    name: String(row["name"]),
    fullName: String(row["full_name"]),
    roles: Roles.parse(JSON.parse(String(row["roles"]))),
    createdAt: epochMs(Number(row["created_at_ms"])),
    lastLoginAt: typeof lastLogin === "number" ? epochMs(lastLogin) : null,
  };
}
