import type { Actor } from "../identity/actor.ts";
import type { Audit } from "../identity/audit.ts";
import type { Clock } from "../kernel/clock.ts";
import { Fault } from "../kernel/faults.ts";
import { text } from "../kernel/text.ts";
import { cleanName } from "../speakers/rules/names.ts";
import type { Database } from "../store/database.ts";
import { openCameraStore } from "./camera-store.ts";
import { complaintOf, type Complaint } from "./rules/camera-check.ts";
import { openSealer } from "./sealed-passwords.ts";
import { CameraId as CameraIdShape } from "./wire.ts";
import type { Camera, CameraId, StreamRole } from "./rules/model.ts";

/** User and password of a camera. */
export interface Credentials {
  readonly user: string;
  readonly password: string;
}

/** What may be said anew of a camera that is there. */
export type CameraChange = Partial<Omit<Camera, "id" | "addedAt">> & { readonly password?: string };

/** The commune's cameras. Passwords are sealed on disk and leave this interface only for the camera itself. */
export interface Cameras {
  /** By name. */
  all(): readonly Camera[];
  find(id: CameraId): Camera | undefined;
  /** Throws Fault("not-found"). */
  get(id: CameraId): Camera;
  /** Throws Fault("conflict") for an id that is or once was taken, Fault("rejected") beyond the limit of cameras. */
  add(camera: Omit<Camera, "addedAt">, password: string, by: Actor): Camera;
  change(id: CameraId, change: CameraChange, by: Actor | "system"): Camera;
  /** Its recordings stay until their time is over. */
  remove(id: CameraId, by: Actor): void;
  /** As it was when it was removed: for its recordings, which are kept on. */
  removed(id: CameraId): Camera | undefined;
  credentials(id: CameraId): Credentials;
  /** The stream's address with user and password in it, percent-encoded; undefined: there is no such stream. */
  streamUrl(id: CameraId, role: StreamRole): string | undefined;
  /** After every add, change and remove. */
  onChange(listener: (id: CameraId) => void): Disposable;
}

/** For who adds cameras. */
export interface CameraRegistry extends Cameras {
  /** Belongs to a camera that is there, or was once: recordings and chains keep their camera's id for ever. */
  isTaken(id: string): boolean;
}

interface CamerasParts {
  readonly database: Database;
  readonly clock: Clock;
  readonly audit: Audit;
  /** Folder of the key that seals the passwords; made there at the first start. */
  readonly keyDir: string;
  readonly maxCameras?: number;
}

/** What one mini-PC records with room to spare (measured: 16 take 8 % of a core). */
const CAMERAS_LIMIT = 16;

const PASSWORD_LIMIT_CHARS = 128;

export function openCameras({
  database,
  clock,
  audit,
  keyDir,
  maxCameras = CAMERAS_LIMIT,
}: CamerasParts): CameraRegistry {
  const store = openCameraStore(database);
  const sealer = openSealer(keyDir);
  const listeners = new Set<(id: CameraId) => void>();
  const tell = (id: CameraId): void => listeners.forEach((listener) => listener(id));

  const get = (id: CameraId): Camera => {
    const camera = store.find(id);
    if (camera === undefined) throw noSuchCamera(id);
    return camera;
  };
  const checked = <C extends Omit<Camera, "addedAt">>(camera: C): C => {
    const name = cleanName(camera.name);
    if (name === undefined) throw badName(camera.name);
    const complaint = complaintOf(camera);
    if (complaint !== undefined) throw asFault(complaint);
    const namesake = store.idOfName(name);
    if (namesake !== undefined && namesake !== camera.id) throw taken("name", name);
    return { ...camera, name };
  };
  const credentials = (id: CameraId): Credentials => {
    const sealed = store.sealed(id);
    if (sealed === undefined) throw noSuchCamera(id);
    return { user: get(id).user, password: sealer.open(id, sealed) };
  };
  return {
    all: () => store.all(),
    find: (id) => store.find(id),
    get,
    isTaken: (id) => store.isTaken(id),
    add: (draft, password, by) => {
      const added = database.transact(() => {
        if (!CameraIdShape.safeParse(draft.id).success) throw badId(draft.id);
        if (store.isTaken(draft.id)) throw taken("id", draft.id);
        if (store.count() >= maxCameras) throw tooMany(maxCameras);
        const camera = { ...checked(draft), addedAt: clock.now() };
        store.putSealed(camera, sealer.seal(camera.id, checkedPassword(password)));
        const { name, place, profile, purpose, retentionDays, audio } = camera;
        const details = { name, place, profile, purpose, retentionDays, audio };
        audit.record({ actor: by, action: "camera.add", subject: camera.id, details });
        return camera;
      });
      tell(added.id);
      return added;
    },
    change: (id, { password, ...change }, by) => {
      const changed = database.transact(() => {
        const before = get(id);
        const after = checked({ ...before, ...defined(change), id, addedAt: before.addedAt });
        const differences = differencesOf(before, after);
        if (password === undefined) store.put(after);
        else store.putSealed(after, sealer.seal(id, checkedPassword(password)));
        const details = { ...differences, ...(password !== undefined && { password: "changed" }) };
        if (Object.keys(details).length === 0) return undefined;
        audit.record({ actor: by, action: "camera.change", subject: id, details });
        return after;
      });
      if (changed !== undefined) tell(id);
      return changed ?? get(id);
    },
    remove: (id, by) => {
      database.transact(() => {
        const camera = get(id);
        store.remove(camera, clock.now());
        audit.record({
          actor: by,
          action: "camera.remove",
          subject: id,
          details: { name: camera.name, place: camera.place, retentionDays: camera.retentionDays },
        });
      });
      tell(id);
    },
    removed: (id) => store.findRemoved(id),
    credentials,
    streamUrl: (id, role) => {
      const stream = get(id).streams[role];
      return stream === null ? undefined : withCredentials(stream.url, credentials(id));
    },
    onChange: (listener) => {
      listeners.add(listener);
      return { [Symbol.dispose]: () => void listeners.delete(listener) };
    },
  };
}

/** `rtsp://host/path` → `rtsp://user:password@host/path`. Never for logs. */
export function withCredentials(url: string, { user, password }: Credentials): string {
  if (user === "") return url;
  return url.replace("://", `://${encodeURIComponent(user)}:${encodeURIComponent(password)}@`);
}

/** A key that is there with `undefined` means “as it was”. */
function defined<T extends object>(change: T): Partial<T> {
  return Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined)) as Partial<T>;
}

function differencesOf(before: Camera, after: Camera): Record<string, unknown> {
  const keys = Object.keys(after) as (keyof Camera)[];
  return Object.fromEntries(
    keys
      .filter((key) => JSON.stringify(before[key]) !== JSON.stringify(after[key]))
      .map((key) => [key, { from: before[key], to: after[key] }]),
  );
}

function checkedPassword(password: string): string {
  if (password.length <= PASSWORD_LIMIT_CHARS && !/\p{Cc}/u.test(password)) return password;
  throw new Fault(
    "invalid",
    text(
      `The camera's password is longer than ${PASSWORD_LIMIT_CHARS} characters or holds control characters.`,
      `Mật khẩu camera dài hơn ${PASSWORD_LIMIT_CHARS} ký tự hoặc có ký tự điều khiển.`,
    ),
    {
      field: "password",
      hint: text("Type it as it is set on the camera.", "Hãy nhập đúng như đã đặt trên camera."),
    },
  );
}

function asFault({ field, said, hint }: Complaint): Fault {
  return new Fault("invalid", said, { field, hint });
}

function noSuchCamera(id: string): Fault {
  return new Fault("not-found", text(`There is no camera “${id}”.`, `Không có camera “${id}”.`), {
    field: "id",
    hint: text("Choose one from the list of cameras.", "Hãy chọn trong danh sách camera."),
  });
}

function badId(id: string): Fault {
  return new Fault(
    "invalid",
    text(`“${id}” can't be the id of a camera.`, `“${id}” không dùng làm mã camera được.`),
    {
      field: "id",
      hint: text(
        "Use 1 to 31 of a-z, 0-9 and “-”, not starting with “-”.",
        "Dùng 1 đến 31 ký tự a-z, 0-9 và “-”, không bắt đầu bằng “-”.",
      ),
    },
  );
}

function badName(name: string): Fault {
  return new Fault(
    "invalid",
    text(`“${name}” can't be the name of a camera.`, `“${name}” không dùng làm tên camera được.`),
    {
      field: "name",
      hint: text(
        "Write 1 to 60 characters with at least one letter or digit.",
        "Hãy viết từ 1 đến 60 ký tự, có ít nhất một chữ cái hoặc chữ số.",
      ),
    },
  );
}

function taken(field: "id" | "name", value: string): Fault {
  return new Fault(
    "conflict",
    field === "id"
      ? text(
          `The id “${value}” belongs to a camera that is, or once was, here.`,
          `Mã “${value}” thuộc về một camera đang có hoặc đã từng có.`,
        )
      : text(`Another camera is already called “${value}”.`, `Đã có camera khác mang tên “${value}”.`),
    {
      field,
      hint:
        field === "id"
          ? text(
              "Choose another one: its recordings keep their camera's id.",
              "Hãy chọn mã khác: bản ghi cũ vẫn giữ mã của camera đó.",
            )
          : text("Choose another name.", "Hãy chọn tên khác."),
    },
  );
}

function tooMany(limit: number): Fault {
  return new Fault(
    "rejected",
    text(
      `There are ${limit} cameras already; this machine records no more.`,
      `Đã có ${limit} camera; máy này không ghi thêm được nữa.`,
    ),
    {
      hint: text(
        "Remove one that is no longer used, or set up a second controller.",
        "Hãy xóa camera không còn dùng, hoặc lắp thêm một bộ điều khiển.",
      ),
    },
  );
}
