import { createHash, createHmac, randomBytes } from "node:crypto";
import type { Clock } from "../kernel/clock.ts";
import { HOUR_MS, MINUTE_MS } from "../kernel/time.ts";
import type { Database } from "../store/database.ts";
import { asUser, type User } from "./store.ts";

/** Nobody did anything for so long: the officer has left the desk. */
const SESSION_IDLE_MS = 30 * MINUTE_MS;
/** However busy: a working day. */
export const SESSION_LONGEST_MS = 12 * HOUR_MS;
/** Being seen is written this seldom; each write waits for the disk. */
const SEEN_EVERY_MS = MINUTE_MS;

/** Who is logged in from which browser. The id is in the browser's cookie only; the database has its hash. */
export interface Sessions {
  /** Returns the new session's id (256 random bits). */
  start(user: User): string;
  /** The user of a living session. `present`: the person did something, so the idle time begins anew. */
  find(id: string, how: { readonly present: boolean }): User | undefined;
  end(id: string): void;
}

export function openSessions({ database, clock }: { database: Database; clock: Clock }): Sessions {
  return {
    start: (user) => {
      const id = randomBytes(32).toString("base64url");
      const now = clock.now();
      database.transact(() => {
        database.run(
          "DELETE FROM session WHERE created_at_ms <= ? OR last_seen_at_ms <= ?",
          now - SESSION_LONGEST_MS,
          now - SESSION_IDLE_MS,
        );
        database.run(
          "INSERT INTO session (id_hash, user_id, created_at_ms, last_seen_at_ms) VALUES (?, ?, ?, ?)",
          hashOf(id),
          user.id,
          now,
          now,
        );
      });
      return id;
    },
    find: (id, { present }) => {
      const row = database.get(
        `SELECT user.*, session.created_at_ms AS started_ms, session.last_seen_at_ms AS seen_ms
         FROM session JOIN user ON user.id = session.user_id WHERE session.id_hash = ?`,
        hashOf(id),
      );
      if (row === undefined) return undefined;
      const now = clock.now();
      const idleMs = now - Number(row["seen_ms"]);
      if (idleMs >= SESSION_IDLE_MS || now - Number(row["started_ms"]) >= SESSION_LONGEST_MS)
        return undefined;
      if (present && idleMs >= SEEN_EVERY_MS) {
        database.run("UPDATE session SET last_seen_at_ms = ? WHERE id_hash = ?", now, hashOf(id));
      }
      return asUser(row);
    },
    end: (id) => {
      database.run("DELETE FROM session WHERE id_hash = ?", hashOf(id));
    },
  };
}

/** Bound to the session: only a page that this session's answers can be read by knows it. */
export function csrfTokenOf(sessionId: string): string {
  return createHmac("sha256", sessionId).update("tienglang csrf").digest("base64url");
}

function hashOf(id: string): string {
  return createHash("sha256").update(id).digest("hex");
}
