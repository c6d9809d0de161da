import type { EpochMs } from "../kernel/time.ts";
import type { Database } from "../store/database.ts";
import type { Schema } from "../store/migrate.ts";
import { parseCamera } from "./camera-shape.ts";
import type { Camera, CameraId } from "./rules/model.ts";

export const CAMERAS_SCHEMA: Schema = {
  feature: "cameras",
  steps: [
    `CREATE TABLE camera (
      id TEXT PRIMARY KEY,
      name TEXT NOT NULL UNIQUE,
      record TEXT NOT NULL CHECK (json_valid(record)), -- the camera as JSON; no password in it
      sealed BLOB NOT NULL -- its password, AES-256-GCM: nonce 12, tag 16, text
    ) STRICT, WITHOUT ROWID;
    -- Their ids stay taken: recordings, chain and audit trail of a removed camera must not become another one's.
    CREATE TABLE camera_removed (
      id TEXT PRIMARY KEY,
      name TEXT NOT NULL,
      removed_at_ms INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;`,
    // Its recordings are looked at and handed over as long as they are kept.
    "ALTER TABLE camera_removed ADD COLUMN record TEXT CHECK (json_valid(record)); -- as it was at its end",
  ],
};

export interface CameraStore {
  /** By name. */
  all(): Camera[];
  find(id: CameraId): Camera | undefined;
  put(camera: Camera): void;
  sealed(id: CameraId): Uint8Array | undefined;
  /** Inserts or replaces the camera together with its sealed password. */
  putSealed(camera: Camera, sealed: Uint8Array): void;
  remove(camera: Camera, at: EpochMs): void;
  /** As it was when it was removed. */
  findRemoved(id: CameraId): Camera | undefined;
  count(): number;
  /** Belongs to a camera that is there or was once. */
  isTaken(id: string): boolean;
  idOfName(name: string): string | undefined;
}

export function openCameraStore(database: Database): CameraStore {
  // Read at every segment and every viewer: parsed again only when the row has changed.
  const parsed = new Map<string, { readonly record: string; readonly camera: Camera }>();
  const cameraOf = (record: string, id: string): Camera => {
    const known = parsed.get(id);
    if (known?.record === record) return known.camera;
    const camera = parseCamera(record);
    parsed.set(id, { record, camera });
    return camera;
  };
  return {
    all: () =>
      database
        .all("SELECT id, record FROM camera ORDER BY name, id")
        .map((row) => cameraOf(String(row["record"]), String(row["id"]))),
    find: (id) => {
      const row = database.get("SELECT record FROM camera WHERE id = ?", id);
      return row === undefined ? undefined : cameraOf(String(row["record"]), id);
    },
    put: (camera) => {
      database.run(
        "UPDATE camera SET name = ?, record = ? WHERE id = ?",
        camera.name,
        JSON.stringify(camera),
        camera.id,
      );
    },
    sealed: (id) => {
      const sealed = database.get("SELECT sealed FROM camera WHERE id = ?", id)?.["sealed"];
      return sealed instanceof Uint8Array ? sealed : undefined;
    },
    putSealed: (camera, sealed) => {
      database.run(
        `INSERT INTO camera (id, name, record, sealed) VALUES (?, ?, ?, ?)
         ON CONFLICT (id) DO UPDATE SET name = excluded.name, record = excluded.record, sealed = excluded.sealed`,
        camera.id,
        camera.name,
        JSON.stringify(camera),
        sealed,
      );
    },
    remove: (camera, at) => {
      const { id, name } = camera;
      database.run("DELETE FROM camera WHERE id = ?", id);
      database.run(
        "INSERT INTO camera_removed (id, name, removed_at_ms, record) VALUES (?, ?, ?, ?)",
        ...[id, name, at, JSON.stringify(camera)],
      );
      parsed.delete(id);
    },
    findRemoved: (id) => {
      const record = database.get("SELECT record FROM camera_removed WHERE id = ?", id)?.["record"];
      return typeof record === "string" ? parseCamera(record) : undefined;
    },
    count: () => Number(database.get("SELECT count(*) AS n FROM camera")?.["n"] ?? 0),
    isTaken: (id) =>
      database.get(
        "SELECT 1 FROM camera WHERE id = ?1 UNION SELECT 1 FROM camera_removed WHERE id = ?1",
        id,
      ) !== undefined,
    idOfName: (name) => {
      const id = database.get("SELECT id FROM camera WHERE name = ?", name)?.["id"];
      return typeof id === "string" ? id : undefined;
    },
  };
}
