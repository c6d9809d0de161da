import { randomUUID } from "node:crypto";
import { mayAct, type Actor } from "../../identity/actor.ts";
import type { Audit } from "../../identity/audit.ts";
import type { Clock } from "../../kernel/clock.ts";
import { Fault } from "../../kernel/faults.ts";
import { text } from "../../kernel/text.ts";
import { epochMs, HOUR_MS, type EpochMs } from "../../kernel/time.ts";
import type { Database, Row } from "../../store/database.ts";
import type { CameraId, KeptSpan, Span } from "../rules/model.ts";

/** Why recordings are held back from every clean-up. */
export interface CaseFile {
  readonly id: string;
  /** The commune's own number: `12/2026/HS`. */
  readonly number: string;
  readonly title: string;
  readonly reason: string;
  readonly openedAt: EpochMs;
  readonly openedBy: string;
  readonly state: "open" | "release-asked" | "released";
  readonly holds: readonly CaseHold[];
  /** Null while nobody has asked to let go. */
  readonly release: CaseRelease | null;
}

export interface CaseHold extends Span {
  readonly id: string;
  readonly camera: CameraId;
  readonly addedAt: EpochMs;
  readonly addedBy: string;
}

export interface CaseRelease {
  readonly reason: string;
  readonly askedBy: string;
  readonly askedAt: EpochMs;
  readonly confirmedBy: string | null;
  readonly confirmedAt: EpochMs | null;
}

export interface Cases {
  /** Throws Fault("conflict") for a number that is taken. */
  open(draft: Pick<CaseFile, "number" | "title" | "reason">, by: Actor): CaseFile;
  /** Newest first. */
  list(): readonly CaseFile[];
  /** Throws Fault("not-found"). */
  get(id: string): CaseFile;
  /** Throws Fault("conflict") when the case was released. */
  hold(id: string, what: { readonly camera: CameraId } & Span, by: Actor): CaseFile;
  askRelease(id: string, reason: string, by: Actor): CaseFile;
  /** Takes the request back: the case stays open. */
  refuseRelease(id: string, by: Actor): CaseFile;
  /** Lets go of all its holds. Throws Fault("rejected") to who asked for it, and to who is neither leader nor admin. */
  confirmRelease(id: string, by: Actor): CaseFile;
  /** What no clean-up may touch. */
  kept(camera: CameraId, span: Span): readonly KeptSpan[];
  holdsWithin(camera: CameraId, span: Span): readonly (Span & { readonly caseNumber: string })[];
}

interface CasesParts {
  readonly database: Database;
  readonly clock: Pick<Clock, "now">;
  readonly audit: Pick<Audit, "record">;
  readonly notify: (event: { readonly type: "case"; readonly id: string }) => void;
}

/** A hold may begin before the thing itself is over. */
const LONGEST_AHEAD_MS = 24 * HOUR_MS;

export function openCases({ database, clock, audit, notify }: CasesParts): Cases {
  const holdsOf = (id: string): CaseHold[] =>
    database.all("SELECT * FROM evidence_hold WHERE case_id = ? ORDER BY from_ms, id", id).map(asHold);
  const rowOf = (id: string): Row => {
    const row = database.get("SELECT * FROM evidence_case WHERE id = ?", id);
    if (row === undefined) throw noSuchCase(id);
    return row;
  };
  const get = (id: string): CaseFile => asCase(rowOf(id), holdsOf(id));
  /** What a person does to a case: the row and its entry in the trail, or neither. */
  const acting = (
    { id, by, action }: { readonly id: string; readonly by: Actor; readonly action: string },
    details: Readonly<Record<string, unknown>>,
    work: () => void,
  ): CaseFile => {
    database.transact(() => {
      work();
      audit.record({ actor: by, action, subject: id, details });
    });
    notify({ type: "case", id });
    return get(id);
  };
  const held = (camera: CameraId, { from, to }: Span): Row[] =>
    database.all(
      `SELECT h.from_ms, h.to_ms, c.number FROM evidence_hold h JOIN evidence_case c ON c.id = h.case_id
       WHERE h.camera = ? AND h.to_ms > ? AND h.from_ms < ? AND c.state <> 'released' ORDER BY h.from_ms`,
      camera,
      from,
      to,
    );

  return {
    open: ({ number, title, reason }, by) => {
      if (database.get("SELECT 1 FROM evidence_case WHERE number = ?", number)) throw numberTaken(number);
      const id = randomUUID();
      return acting({ id, by, action: "case.open" }, { number, title, reason }, () => {
        database.run(
          "INSERT INTO evidence_case (id, number, title, reason, opened_at_ms, opened_by) VALUES (?, ?, ?, ?, ?, ?)",
          ...[id, number, title, reason, clock.now(), by.name],
        );
      });
    },
    list: () =>
      database
        .all("SELECT * FROM evidence_case ORDER BY opened_at_ms DESC, number")
        .map((row) => asCase(row, holdsOf(String(row["id"])))),
    get,
    hold: (id, { camera, from, to }, by) => {
      const file = get(id);
      if (file.state === "released") throw alreadyReleased(file);
      if (to > clock.now() + LONGEST_AHEAD_MS) throw tooFarAhead();
      return acting({ id, by, action: "case.hold" }, { number: file.number, camera, from, to }, () => {
        database.run(
          "INSERT INTO evidence_hold (id, case_id, camera, from_ms, to_ms, added_at_ms, added_by) VALUES (?, ?, ?, ?, ?, ?, ?)",
          ...[randomUUID(), id, camera, from, to, clock.now(), by.name],
        );
      });
    },
    askRelease: (id, reason, by) => {
      const file = get(id);
      if (file.state === "released") throw alreadyReleased(file);
      return acting({ id, by, action: "case.release-ask" }, { number: file.number, reason }, () => {
        database.run(
          `UPDATE evidence_case SET state = 'release-asked', asked_by_id = ?, asked_by = ?, asked_at_ms = ?, release_reason = ?
           WHERE id = ?`,
          ...[by.id, by.name, clock.now(), reason, id],
        );
      });
    },
    refuseRelease: (id, by) => {
      const file = get(id);
      if (file.state !== "release-asked") throw notAsked(file);
      return acting({ id, by, action: "case.release-refuse" }, { number: file.number }, () => {
        database.run(
          `UPDATE evidence_case SET state = 'open', asked_by_id = NULL, asked_by = NULL, asked_at_ms = NULL, release_reason = NULL
           WHERE id = ?`,
          id,
        );
      });
    },
    confirmRelease: (id, by) => {
      const row = rowOf(id);
      const file = asCase(row, holdsOf(id));
      if (file.state !== "release-asked") throw notAsked(file);
      refuseSameHand(String(row["asked_by_id"]), by);
      return acting(
        { id, by, action: "case.release" },
        { number: file.number, holds: file.holds.length },
        () => {
          database.run(
            "UPDATE evidence_case SET state = 'released', confirmed_by = ?, confirmed_at_ms = ? WHERE id = ?",
            ...[by.name, clock.now(), id],
          );
        },
      );
    },
    kept: (camera, span) => held(camera, span).map((row) => ({ ...spanOf(row), why: "hold" })),
    holdsWithin: (camera, span) =>
      held(camera, span).map((row) => ({ ...spanOf(row), caseNumber: String(row["number"]) })),
  };
}

/** Two people let go of evidence, and both with their own name: the command line is whoever sits at the machine. */
function refuseSameHand(askedById: string, by: Actor): void {
  const hint = text(
    "Ask another leader or administrator to confirm it in the panel.",
    "Hãy nhờ một lãnh đạo hoặc quản trị khác xác nhận trên trang quản lý.",
  );
  if (by.id === askedById || by.id === "cli") {
    throw new Fault(
      "rejected",
      text(
        "Who asked for the release can't confirm it, nor can the command line.",
        "Người đề nghị giải tỏa không được tự xác nhận, cũng không xác nhận bằng dòng lệnh.",
      ),
      { hint },
    );
  }
  if (!mayAct(by, ["leader"])) {
    throw new Fault(
      "rejected",
      text(
        "Only a leader or an administrator confirms a release.",
        "Chỉ lãnh đạo hoặc quản trị được xác nhận giải tỏa.",
      ),
      { hint },
    );
  }
}

function noSuchCase(id: string): Fault {
  return new Fault("not-found", text(`There is no case ${id}.`, `Không có hồ sơ ${id}.`), {
    field: "id",
    hint: text("See the list of cases.", "Hãy xem danh sách hồ sơ."),
  });
}

function numberTaken(number: string): Fault {
  return new Fault(
    "conflict",
    text(`There is a case with the number ${number} already.`, `Đã có hồ sơ mang số ${number}.`),
    { field: "number", hint: text("Choose another number.", "Hãy chọn số khác.") },
  );
}

function alreadyReleased({ number }: CaseFile): Fault {
  return new Fault(
    "conflict",
    text(`The case ${number} was released.`, `Hồ sơ ${number} đã được giải tỏa.`),
    { hint: text("Open a new case.", "Hãy lập hồ sơ mới.") },
  );
}

function notAsked({ number }: CaseFile): Fault {
  return new Fault(
    "conflict",
    text(`Nobody has asked to release the case ${number}.`, `Chưa có ai đề nghị giải tỏa hồ sơ ${number}.`),
  );
}

function tooFarAhead(): Fault {
  return new Fault(
    "invalid",
    text(
      "A hold may end a day from now at most.",
      "Niêm giữ chỉ được kéo dài đến tối đa một ngày sau hiện tại.",
    ),
    { field: "to", hint: text("Choose an earlier end.", "Hãy chọn giờ kết thúc sớm hơn.") },
  );
}

function spanOf(row: Row): Span {
  return { from: epochMs(Number(row["from_ms"])), to: epochMs(Number(row["to_ms"])) };
}

function asHold(row: Row): CaseHold {
  return {
    id: String(row["id"]),
    camera: String(row["camera"]) as CameraId,
    ...spanOf(row),
    addedAt: epochMs(Number(row["added_at_ms"])),
    addedBy: String(row["added_by"]),
  };
}

function asCase(row: Row, holds: readonly CaseHold[]): CaseFile {
  const { asked_by: askedBy, confirmed_by: confirmedBy, confirmed_at_ms: confirmedAt } = row;
  return {
    id: String(row["id"]),
    number: String(row["number"]),
    title: String(row["title"]),
    reason: String(row["reason"]),
    openedAt: epochMs(Number(row["opened_at_ms"])),
    openedBy: String(row["opened_by"]),
    state: String(row["state"]) as CaseFile["state"],
    holds,
    release:
      askedBy == null
        ? null
        : {
            reason: String(row["release_reason"]),
            askedBy: String(askedBy),
            askedAt: epochMs(Number(row["asked_at_ms"])),
            confirmedBy: confirmedBy == null ? null : String(confirmedBy),
            confirmedAt: confirmedAt == null ? null : epochMs(Number(confirmedAt)),
          },
  };
}
