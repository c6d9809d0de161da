import { Fault } from "../kernel/faults.ts";
import type { Database } from "./database.ts";

/** One feature's tables, step by step. A step that has shipped is never edited; a new one is added below it. */
export interface Schema {
  readonly feature: string;
  /** Step n (counted from 1) brings version n−1 to n. */
  readonly steps: readonly string[];
}

/**
 * Brings every feature's tables to its newest step, each step in a transaction of its own.
 * A file from a newer version is refused rather than guessed at.
 */
export function migrate(database: Database, schemas: readonly Schema[]): void {
  database.exec(`CREATE TABLE IF NOT EXISTS schema_version (
    feature TEXT PRIMARY KEY,
    version INTEGER NOT NULL CHECK (version >= 0)
  ) STRICT`);
  for (const { feature, steps } of schemas) {
    const row = database.get("SELECT version FROM schema_version WHERE feature = ?", feature);
    const from = Number(row?.["version"] ?? 0);
    if (from > steps.length) {
      throw new Fault(
        "conflict",
        {
          en: `The data was written by a newer version (${feature} ${from}, this program knows ${steps.length}).`,
          vi: `Dữ liệu do phiên bản mới hơn ghi (${feature} ${from}, chương trình này chỉ biết ${steps.length}).`,
        },
        { hint: { en: "Install the newer version.", vi: "Hãy cài phiên bản mới hơn." } },
      );
    }
    steps.slice(from).forEach((sql, index) => {
      database.transact(() => {
        database.exec(sql);
        database.run(
          "INSERT INTO schema_version (feature, version) VALUES (?, ?) ON CONFLICT (feature) DO UPDATE SET version = excluded.version",
          feature,
          from + index + 1,
        );
      });
    });
  }
}
