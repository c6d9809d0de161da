import { DatabaseSync, type SQLInputValue, type SQLOutputValue } from "node:sqlite";
import { asError, Fault } from "../kernel/faults.ts";

export type Row = Record<string, SQLOutputValue>;
export type Params = readonly SQLInputValue[];

/**
 * One connection, one thread, short synchronous work. Never await between two statements of one transaction.
 * Statements are prepared once and kept.
 */
export interface Database extends Disposable {
  get(sql: string, ...params: Params): Row | undefined;
  all(sql: string, ...params: Params): Row[];
  /** Returns the number of rows changed and the rowid of the last insert. */
  run(sql: string, ...params: Params): { readonly changes: number; readonly lastId: number };
  /** Several statements without parameters (schema). */
  exec(sql: string): void;
  /** All or nothing. Nested calls join the outer transaction. Returns what `work` returns, never a promise. */
  transact<T>(work: () => T extends PromiseLike<unknown> ? never : T): T;
  /** What is read now may still be taken back. */
  readonly inTransaction: boolean;
  /** Writes a consistent copy while others go on reading and writing (VACUUM INTO). */
  copyTo(file: string): void;
}

/** `full` waits for the disk at each commit: what was answered survives a power cut. `normal` survives a kill only. */
export type Durability = "full" | "normal";

/** SQLite's primary result codes (sqlite.org/rescode.html). */
const SQLITE_BUSY = 5;
const SQLITE_FULL = 13;
const SQLITE_CORRUPT = 11;
const SQLITE_NOTADB = 26;

/** Opens or makes the file, WAL, foreign keys on. Throws a Fault that names the file when it can't be used. */
export function openDatabase(file: string, durability: Durability = "full"): Database {
  const connection = translating(file, () => {
    const opened = new DatabaseSync(file);
    opened.exec(`
      PRAGMA journal_mode = WAL;
      PRAGMA synchronous = ${durability === "full" ? "FULL" : "NORMAL"};
      PRAGMA busy_timeout = 5000;
      PRAGMA foreign_keys = ON;
      PRAGMA journal_size_limit = 16777216;
    `);
    return opened;
  });
  const statements = new Map<string, ReturnType<DatabaseSync["prepare"]>>();
  const prepared = (sql: string): ReturnType<DatabaseSync["prepare"]> => {
    let statement = statements.get(sql);
    if (statement === undefined) {
      statement = connection.prepare(sql);
      statements.set(sql, statement);
    }
    return statement;
  };
  const transact = <T>(work: () => T): T => {
    if (connection.isTransaction) return work();
    return translating(file, () => {
      connection.exec("BEGIN IMMEDIATE");
      try {
        const result = work();
        connection.exec("COMMIT");
        return result;
      } catch (error) {
        if (connection.isTransaction) connection.exec("ROLLBACK");
        throw error;
      }
    });
  };
  return {
    get: (sql, ...params) => translating(file, () => prepared(sql).get(...params)),
    all: (sql, ...params) => translating(file, () => prepared(sql).all(...params)),
    run: (sql, ...params) =>
      translating(file, () => {
        const { changes, lastInsertRowid } = prepared(sql).run(...params);
        return { changes: Number(changes), lastId: Number(lastInsertRowid) };
      }),
    exec: (sql) => translating(file, () => connection.exec(sql)),
    transact,
    get inTransaction() {
      return connection.isTransaction;
    },
    copyTo: (target) => translating(file, () => prepared("VACUUM INTO ?").run(target)),
    [Symbol.dispose]: () => {
      statements.clear();
      connection.close();
    },
  };
}

function translating<T>(file: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw asFault(file, error) ?? error;
  }
}

/** Only what the world did; a wrong statement stays a plain error, because it is our bug. */
function asFault(file: string, error: unknown): Fault | undefined {
  if (!(error instanceof Error) || !("errcode" in error) || typeof error.errcode !== "number")
    return undefined;
  const cause = asError(error);
  switch (error.errcode & 0xff) {
    case SQLITE_BUSY:
      return new Fault("unavailable", `database ${file} is held by another process`, { cause });
    case SQLITE_FULL:
      return new Fault(
        "unavailable",
        { en: `The disk is full: ${file} can't grow.`, vi: `Ổ đĩa đã đầy: không ghi thêm được vào ${file}.` },
        {
          cause,
          hint: { en: "Free some space, then try again.", vi: "Hãy giải phóng dung lượng rồi thử lại." },
        },
      );
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return new Fault(
        "corrupt",
        { en: `Database ${file} is damaged.`, vi: `Cơ sở dữ liệu ${file} bị hỏng.` },
        {
          cause,
          hint: {
            en: "Restore the last backup: tienglang restore.",
            vi: "Hãy khôi phục bản sao lưu gần nhất: tienglang restore.",
          },
        },
      );
    default:
      return undefined;
  }
}
