import { epochMs, type EpochMs } from "../kernel/time.ts";
import type { Database, Row } from "../store/database.ts";
import type { Ledger } from "./ledger.ts";
import type { CameraId, Gap, GapCause, Span } from "./rules/model.ts";
import { gapChange } from "./rules/recording-watch.ts";

/** What is missing. A camera has at most one open gap; the ledger gets each when it is closed. */
export interface GapStore {
  openGap(camera: CameraId): Gap | undefined;
  /**
   * Nothing is recorded since `from`, because of `cause`. An open gap is taken on: renamed while its cause was a guess,
   * closed at `now` and followed by another where the cause is a new one.
   */
  missing(camera: CameraId, cause: GapCause, from: EpochMs, now: EpochMs): void;
  /** The first new frame is on disk. A clock that was set back makes an end before the start: the gap is empty then. */
  close(camera: CameraId, to: EpochMs): void;
  /** A gap that is over by the time it is known. */
  add(camera: CameraId, cause: GapCause, span: Span): void;
  /** Touching the span, by start. */
  touching(camera: CameraId, span: Span): readonly Gap[];
  count(camera: CameraId): number;
}

export function openGapStore(database: Database, ledger: Ledger): GapStore {
  const open = (camera: CameraId): Gap | undefined => {
    const row = database.get("SELECT * FROM recording_gap WHERE camera = ? AND to_ms IS NULL", camera);
    return row === undefined ? undefined : gapOf(row);
  };
  const begin = (camera: CameraId, cause: GapCause, from: EpochMs): void =>
    void database.run(
      "INSERT INTO recording_gap (camera, from_ms, cause) VALUES (?, ?, ?)",
      ...[camera, from, cause],
    );
  const end = (gap: Gap, at: EpochMs): void => {
    const to = epochMs(Math.max(gap.from, at));
    database.run("UPDATE recording_gap SET to_ms = ? WHERE id = ?", to, gap.id);
    ledger.append(gap.camera, { kind: "gap", from: gap.from, to, cause: gap.cause });
  };
  return {
    openGap: open,
    missing: (camera, cause, from, now) =>
      database.transact(() => {
        const gap = open(camera);
        if (gap === undefined) {
          begin(camera, cause, epochMs(Math.min(from, now)));
          return;
        }
        switch (gapChange(gap, cause, now)) {
          case "keep":
            return;
          case "rename":
            database.run("UPDATE recording_gap SET cause = ? WHERE id = ?", cause, gap.id);
            return;
          case "split":
            end(gap, now);
            begin(camera, cause, epochMs(Math.max(gap.from, now)));
        }
      }),
    close: (camera, to) =>
      database.transact(() => {
        const gap = open(camera);
        if (gap !== undefined) end(gap, to);
      }),
    add: (camera, cause, { from, to }) =>
      database.transact(() => {
        database.run(
          "INSERT INTO recording_gap (camera, from_ms, to_ms, cause) VALUES (?, ?, ?, ?)",
          ...[camera, from, to, cause],
        );
        ledger.append(camera, { kind: "gap", from, to, cause });
      }),
    touching: (camera, { from, to }) =>
      database
        .all(
          `SELECT * FROM recording_gap WHERE camera = ? AND from_ms < ? AND (to_ms IS NULL OR to_ms > ?)
           ORDER BY from_ms, id`,
          ...[camera, to, from],
        )
        .map(gapOf),
    count: (camera) =>
      Number(database.get("SELECT count(*) AS n FROM recording_gap WHERE camera = ?", camera)?.["n"] ?? 0),
  };
}

function gapOf(row: Row): Gap {
  const to = row["to_ms"];
  return {
    id: Number(row["id"]),
    camera: String(row["camera"]) as CameraId,
    from: epochMs(Number(row["from_ms"])),
    to: to === null ? null : epochMs(Number(to)),
    cause: String(row["cause"]) as GapCause,
  };
}
