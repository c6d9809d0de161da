import { randomBytes } from "node:crypto";
import type { Clock } from "../kernel/clock.ts";
import { Fault } from "../kernel/faults.ts";
import { text } from "../kernel/text.ts";
import type { Database } from "../store/database.ts";
import type { Actor, Role } from "./actor.ts";
import type { Audit } from "./audit.ts";
import { checkNobody, hashPassword, isPasswordOf, newPassword } from "./passwords.ts";
import { checkPassword } from "./rules/password.ts";
import { asUser, type User } from "./store.ts";

export interface UserDraft {
  readonly name: string;
  readonly fullName: string;
  readonly roles: readonly Role[];
  readonly password: string;
}

export interface UserChange {
  readonly fullName?: string | undefined;
  readonly roles?: readonly Role[] | undefined;
}

/** The people who may log in. Every change is in the audit trail; the last administrator can't go away. */
export interface Users {
  list(): User[];
  get(id: string): User | undefined;
  byName(name: string): User | undefined;
  add(draft: UserDraft, by: Actor): Promise<User>;
  change(id: string, change: UserChange, by: Actor): User;
  /** Ends all sessions of that user. */
  setPassword(id: string, password: string, by: Actor): Promise<void>;
  remove(id: string, by: Actor): void;
  /** The user when name and password fit. Takes the same time for a name that does not exist. */
  login(name: string, password: string): Promise<User | undefined>;
  /** Makes `admin` when there is no user yet; the generated password is in no other place than this answer. */
  ensureFirstAdmin(): Promise<{ readonly name: string; readonly password: string } | undefined>;
}

interface UsersParts {
  readonly database: Database;
  readonly clock: Clock;
  readonly audit: Audit;
}

const NAME = /^[a-z0-9][a-z0-9._-]{1,30}$/;
/** Actors of the audit trail that are no people. */
const RESERVED_NAMES = ["cli", "system"];

export function openUsers({ database, clock, audit }: UsersParts): Users {
  const get = (id: string): User | undefined => {
    const row = database.get("SELECT * FROM user WHERE id = ?", id);
    return row === undefined ? undefined : asUser(row);
  };
  const byName = (name: string): User | undefined => {
    const row = database.get("SELECT * FROM user WHERE name = ?", plainName(name));
    return row === undefined ? undefined : asUser(row);
  };
  const needed = (id: string): User => {
    const user = get(id);
    if (user === undefined) throw noSuchUser(id);
    return user;
  };
  const list = (): User[] => database.all("SELECT * FROM user ORDER BY name").map(asUser);
  const keepAnAdmin = (without: User): void => {
    const left = list().some((user) => user.id !== without.id && user.roles.includes("admin"));
    if (without.roles.includes("admin") && !left) throw lastAdmin(without.name);
  };

  const add = async (draft: UserDraft, by: Actor | "system"): Promise<User> => {
    const name = checkedName(draft.name);
    checkRoles(draft.roles);
    checkPassword(draft.password, name);
    if (byName(name) !== undefined) throw nameTaken(name);
    const passwordHash = await hashPassword(draft.password);
    const id = `u-${randomBytes(6).toString("hex")}`;
    return database.transact(() => {
      // Asked again: another request may have come first while this one was hashing.
      if (byName(name) !== undefined) throw nameTaken(name);
      database.run(
        "INSERT INTO user (id, name, full_name, roles, password_hash, created_at_ms) VALUES (?, ?, ?, ?, ?, ?)",
        id,
        name,
        draft.fullName.normalize("NFC").trim(),
        JSON.stringify(draft.roles),
        passwordHash,
        clock.now(),
      );
      audit.record({ actor: by, action: "user.add", subject: id, details: { name, roles: draft.roles } });
      return needed(id);
    });
  };

  return {
    list,
    get,
    byName,
    add,
    change: (id, { fullName, roles }, by) =>
      database.transact(() => {
        const before = needed(id);
        if (roles !== undefined) {
          checkRoles(roles);
          if (!roles.includes("admin")) keepAnAdmin(before);
        }
        database.run(
          "UPDATE user SET full_name = ?, roles = ? WHERE id = ?",
          (fullName ?? before.fullName).normalize("NFC").trim(),
          JSON.stringify(roles ?? before.roles),
          id,
        );
        audit.record({ actor: by, action: "user.change", subject: id, details: { fullName, roles } });
        return needed(id);
      }),
    setPassword: async (id, password, by) => {
      checkPassword(password, needed(id).name);
      const passwordHash = await hashPassword(password);
      database.transact(() => {
        const { name } = needed(id);
        database.run("UPDATE user SET password_hash = ? WHERE id = ?", passwordHash, id);
        database.run("DELETE FROM session WHERE user_id = ?", id);
        audit.record({ actor: by, action: "user.passwd", subject: id, details: { name } });
      });
    },
    remove: (id, by) =>
      database.transact(() => {
        const user = needed(id);
        keepAnAdmin(user);
        database.run("DELETE FROM user WHERE id = ?", id);
        audit.record({ actor: by, action: "user.remove", subject: id, details: { name: user.name } });
      }),
    login: async (name, password) => {
      const row = database.get("SELECT id, password_hash FROM user WHERE name = ?", plainName(name));
      const right =
        row === undefined
          ? await checkNobody(password)
          : await isPasswordOf(String(row["password_hash"]), password);
      if (!right || row === undefined) return undefined;
      const id = String(row["id"]);
      database.run("UPDATE user SET last_login_at_ms = ? WHERE id = ?", clock.now(), id);
      return get(id);
    },
    ensureFirstAdmin: async () => {
      if (database.get("SELECT 1 FROM user LIMIT 1") !== undefined) return undefined;
      const first = { name: "admin", password: newPassword() };
      await add({ ...first, fullName: "Quản trị", roles: ["admin"] }, "system");
      return first;
    },
  };
}

function plainName(name: string): string {
  return name.normalize("NFC").trim().toLowerCase();
}

function checkedName(given: string): string {
  const name = plainName(given);
  if (NAME.test(name) && !RESERVED_NAMES.includes(name)) return name;
  throw new Fault(
    "invalid",
    text(`"${given}" can't be a user name.`, `Không dùng được "${given}" làm tên đăng nhập.`),
    {
      field: "name",
      hint: text(
        '2 to 31 of a-z, 0-9, dot, dash and underscore; not "cli" or "system".',
        'Từ 2 đến 31 ký tự a-z, 0-9, dấu chấm, gạch ngang, gạch dưới; không dùng "cli" hay "system".',
      ),
    },
  );
}

function checkRoles(roles: readonly Role[]): void {
  if (roles.length > 0) return;
  throw new Fault("invalid", text("A user needs at least one role.", "Người dùng cần ít nhất một vai trò."), {
    field: "roles",
  });
}

function nameTaken(name: string): Fault {
  return new Fault(
    "conflict",
    text(`The user name ${name} is taken.`, `Tên đăng nhập ${name} đã có người dùng.`),
    { field: "name", hint: text("Choose another name.", "Hãy chọn tên khác.") },
  );
}

function noSuchUser(id: string): Fault {
  return new Fault("not-found", text(`There is no user ${id}.`, `Không có người dùng ${id}.`));
}

function lastAdmin(name: string): Fault {
  return new Fault(
    "conflict",
    text(`${name} is the last administrator.`, `${name} là quản trị viên duy nhất.`),
    {
      hint: text("Make someone else administrator first.", "Hãy cấp quyền quản trị cho người khác trước."),
    },
  );
}
