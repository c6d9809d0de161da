import type { Actor } from "../../identity/actor.ts";
import type { Audit } from "../../identity/audit.ts";
import type { Clock } from "../../kernel/clock.ts";
import { Fault } from "../../kernel/faults.ts";
import { text } from "../../kernel/text.ts";
import { epochMs, HOUR_MS } from "../../kernel/time.ts";
import type { Clips } from "../clips/clips.ts";
import type { Cases } from "../evidence/cases.ts";
import type { Exports } from "../evidence/exports.ts";
import type { Recorder } from "../recorder/recorder.ts";
import type { CameraId, Span } from "../rules/model.ts";
import type { Thumbnails } from "../thumbnails.ts";
import type { DataRequests } from "./data-requests.ts";

/** What is to be deleted before its time, and why. */
export interface EraseOrder extends Span {
  readonly camera: CameraId;
  readonly reason: string;
  /** Entry of the register of requests; null: a leader's own decision. */
  readonly request: string | null;
}

/** What is gone for good. Recordings go by whole files, so a little more than was asked for. */
export interface Erased extends Span {
  readonly files: number;
  readonly bytes: number;
  readonly clips: number;
  readonly packages: number;
}

export interface Erasure {
  /**
   * Deletes the recordings of the span with everything that was made of them; the ledger and the trail go on telling that
   * they were there. A crash in between is finished at the next start. Throws Fault("conflict") when a case holds any of
   * it or while it is being written, Fault("not-found") when nothing of it is kept, Fault("invalid").
   */
  erase(order: EraseOrder, by: Actor): Promise<Erased>;
}

interface ErasureParts {
  readonly recorder: Pick<Recorder, "erase">;
  readonly clips: Pick<Clips, "touching" | "erase">;
  readonly exports: Pick<Exports, "touching" | "erase">;
  readonly cases: Pick<Cases, "get" | "holdsWithin">;
  readonly thumbnails: Pick<Thumbnails, "removeWithin">;
  readonly requests: Pick<DataRequests, "get">;
  readonly audit: Pick<Audit, "record">;
  readonly clock: Pick<Clock, "now">;
  readonly notify: (event: { readonly type: "camera"; readonly id: CameraId }) => void;
}

/** A day, and the hour that a change of clocks may add. */
const LONGEST_HOURS = 25;

export function openErasure(parts: ErasureParts): Erasure {
  const { recorder, clips, exports, cases, thumbnails, requests, audit, clock, notify } = parts;
  const holders = (camera: CameraId, span: Span): readonly string[] => {
    const packages = exports.touching(camera, span).map(({ caseId }) => cases.get(caseId));
    return [
      ...cases.holdsWithin(camera, span).map(({ caseNumber }) => caseNumber),
      ...packages.filter(({ state }) => state !== "released").map(({ number }) => number),
    ];
  };
  return {
    erase: async ({ camera, from, to, reason, request }, by) => {
      const span = { from, to };
      checkSpan(span, clock.now());
      if (request !== null) requests.get(request);
      let removeOthers = (): Promise<void> => Promise.resolve();
      let erased: Erased = { ...span, files: 0, bytes: 0, clips: 0, packages: 0 };
      await recorder.erase(camera, span, (files) => {
        const doomed = clips.touching(camera, span);
        if (files.length + doomed.length === 0) throw nothingKept();
        const recorded = files.map(({ startAt, endAt }) => ({ from: startAt, to: endAt }));
        const cut = doomed.map(({ requested, delivered }) => delivered ?? requested);
        const held = holders(camera, around([span, ...recorded, ...cut]));
        if (held.length > 0) throw heldBack([...new Set(held)]);
        const packages = exports.touching(camera, span);
        erased = {
          ...around([span, ...recorded]),
          files: files.length,
          bytes: files.reduce((sum, { bytes }) => sum + bytes, 0),
          clips: doomed.length,
          packages: packages.length,
        };
        const [removeClips, removePackages] = [clips.erase(doomed, by), exports.erase(packages, by)];
        removeOthers = async () => {
          await removeClips();
          await removePackages();
        };
        const details = { ...erased, asked: span, reason, request };
        audit.record({ actor: by, action: "camera.erase", subject: camera, details });
      });
      await removeOthers();
      await thumbnails.removeWithin(camera, erased);
      notify({ type: "camera", id: camera });
      return erased;
    },
  };
}

function around(spans: readonly Span[]): Span {
  return {
    from: epochMs(Math.min(...spans.map(({ from }) => from))),
    to: epochMs(Math.max(...spans.map(({ to }) => to))),
  };
}

function checkSpan({ from, to }: Span, now: number): void {
  if (to <= from || from > now) {
    throw new Fault(
      "invalid",
      text(
        "The time to delete is none: its end is not after its start, or it has not come yet.",
        "Khoảng thời gian cần xóa không hợp lệ: giờ kết thúc phải sau giờ bắt đầu và không ở tương lai.",
      ),
      { field: "to", hint: text("Correct both times.", "Hãy sửa lại hai mốc giờ.") },
    );
  }
  if (to - from > LONGEST_HOURS * HOUR_MS) {
    throw new Fault(
      "invalid",
      text("More than a day can't be deleted at once.", "Mỗi lần chỉ xóa được tối đa một ngày."),
      { field: "to", hint: text("Delete day by day.", "Hãy xóa từng ngày.") },
    );
  }
}

function nothingKept(): Fault {
  return new Fault(
    "not-found",
    text("Nothing of that time is kept any more.", "Không còn dữ liệu nào của khoảng thời gian này."),
    {
      hint: text(
        "Check the camera and the time; if they are right, answer that nothing is kept.",
        "Hãy kiểm tra camera và thời gian; nếu đúng thì trả lời là không còn lưu.",
      ),
    },
  );
}

function heldBack(numbers: readonly string[]): Fault {
  const named = numbers.join(", ");
  return new Fault(
    "conflict",
    text(
      `It can't be deleted: the case ${named} rests on recordings of that time.`,
      `Không xóa được: hồ sơ ${named} đang giữ dữ liệu của khoảng thời gian này.`,
    ),
    {
      hint: text(
        "Choose a time without it, or have the case released first.",
        "Hãy chọn khoảng thời gian khác, hoặc giải tỏa hồ sơ trước.",
      ),
    },
  );
}
