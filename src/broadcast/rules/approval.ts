import type { EpochMs } from "../../kernel/time.ts";
import { text, type Text } from "../../kernel/text.ts";
import type { BulletinClass } from "./model.ts";

/** Who did it and when. The name is kept as it was then. */
export interface Signature {
  readonly by: string;
  readonly name: string;
  readonly at: EpochMs;
}

/**
 * Where a bulletin stands. `seal` is the hash of what would sound; a signature holds for that sound only.
 * An emergency sounds from `submitted` on, and is countersigned into `approved`.
 */
export type Approval =
  | { readonly step: "draft"; readonly lost?: Text }
  | { readonly step: "submitted"; readonly submitted: Signature; readonly seal: string }
  | {
      readonly step: "approved";
      readonly submitted: Signature;
      readonly approved: Signature;
      readonly seal: string;
      readonly expiresAt?: EpochMs;
    }
  | { readonly step: "returned"; readonly returned: Signature; readonly reason: string };

export interface ApprovalPolicy {
  /** Whether somebody may approve what they wrote or submitted themselves. */
  readonly authorMayApprove: boolean;
  /** How long an approval holds when the approver names no end; undefined: until it is lost. */
  readonly approvalValidForMs?: number;
  /** How long an emergency may sound before somebody has countersigned it. */
  readonly countersignWithinMs: number;
}

/** Everything that decides how a bulletin sounds. The title and the category are not heard, so they are not in it. */
export interface Sounding {
  readonly class: BulletinClass;
  readonly chime: boolean;
  readonly content:
    | { readonly type: "files"; readonly sha256: string }
    | {
        readonly type: "relay";
        readonly address: string;
        readonly fallbackSha256?: string;
        readonly durationMs: number;
      };
}

/** What the seal is the hash of: one line per thing heard, the same for the same sound for ever. */
export function sealedWords({ class: urgency, chime, content }: Sounding): string {
  const heard =
    content.type === "files"
      ? ["files", content.sha256]
      : ["relay", content.address, content.fallbackSha256 ?? "none", String(content.durationMs)];
  return ["bulletin/1", urgency, chime ? "chime" : "plain", ...heard].join("\n");
}

/** How two sounds differ, as the end of "approval lost because …"; undefined when they sound alike. */
function whatChanged(before: Sounding, after: Sounding): Text | undefined {
  if (before.class !== after.class) return text("its class changed", "mức độ của bản tin đã đổi");
  if (before.chime !== after.chime) return text("the chime was switched", "nhạc hiệu đã được bật hoặc tắt");
  if (sealedWords(before) === sealedWords(after)) return undefined;
  if (before.content.type !== after.content.type)
    return text("the kind of content changed", "loại nội dung đã đổi");
  return after.content.type === "files"
    ? text("the sound changed", "phần âm thanh đã đổi")
    : text(
        "the relay's address, length or fallback changed",
        "địa chỉ, thời lượng hoặc nguồn dự phòng đã đổi",
      );
}

export type Outcome =
  | { readonly type: "moved"; readonly to: Approval }
  /** `rejected`: not by this person; `conflict`: not in this state. */
  | {
      readonly type: "refused";
      readonly kind: "rejected" | "conflict";
      readonly why: Text;
      readonly hint: Text;
    };

function moved(to: Approval): Outcome {
  return { type: "moved", to };
}

function refused(kind: "rejected" | "conflict", why: Text, hint: Text): Outcome {
  return { type: "refused", kind, why, hint };
}

/** Hands the bulletin to the leader (for an emergency: lets it sound). An approval that has run out may be asked for anew. */
export function submit(approval: Approval, seal: string, by: Signature): Outcome {
  if (approval.step === "submitted")
    return refused(
      "conflict",
      text(
        `${approval.submitted.name} has already submitted this bulletin.`,
        `${approval.submitted.name} đã gửi duyệt bản tin này.`,
      ),
      text("Wait for the leader's answer.", "Hãy chờ lãnh đạo trả lời."),
    );
  if (approval.step === "approved" && !hasExpired(approval, by.at))
    return refused(
      "conflict",
      text("The bulletin is already approved.", "Bản tin đã được duyệt."),
      text("Put it on the calendar.", "Hãy xếp lịch phát cho bản tin."),
    );
  return moved({ step: "submitted", submitted: by, seal });
}

export interface ApprovalRequest {
  /** What the approver heard. */
  readonly heardSeal: string;
  /** What would sound now. */
  readonly seal: string;
  /** Who wrote the content last. */
  readonly author: string;
  readonly expiresAt?: EpochMs;
}

/** The leader's yes; for an emergency that has sounded, the countersignature. */
export function approve(
  approval: Approval,
  request: ApprovalRequest,
  by: Signature,
  policy: ApprovalPolicy,
): Outcome {
  if (approval.step !== "submitted") return notSubmitted(approval);
  if (approval.seal !== request.seal || request.heardSeal !== request.seal)
    return refused(
      "conflict",
      text(
        "The bulletin has changed since you listened to it.",
        "Bản tin đã thay đổi sau khi ông/bà nghe duyệt.",
      ),
      text("Listen to it again, then approve.", "Hãy nghe lại bản tin rồi duyệt."),
    );
  if (!policy.authorMayApprove && [request.author, approval.submitted.by].includes(by.by))
    return refused(
      "rejected",
      text(
        "Nobody may approve a bulletin they wrote or submitted themselves.",
        "Không được tự duyệt bản tin do chính mình soạn hoặc gửi duyệt.",
      ),
      text("Ask another leader to approve it.", "Hãy nhờ lãnh đạo khác duyệt."),
    );
  const expiresAt = request.expiresAt ?? endOf(by.at, policy.approvalValidForMs);
  return moved({
    step: "approved",
    submitted: approval.submitted,
    approved: by,
    seal: request.seal,
    ...(expiresAt === undefined ? {} : { expiresAt }),
  });
}

/** The leader's no. Also takes back an approval that was given: the bulletin falls silent at once. */
export function sendBack(approval: Approval, reason: string, by: Signature): Outcome {
  if (approval.step !== "submitted" && approval.step !== "approved") return notSubmitted(approval);
  return moved({ step: "returned", returned: by, reason });
}

function notSubmitted(approval: Approval): Outcome {
  if (approval.step === "approved")
    return refused(
      "conflict",
      text(
        `${approval.approved.name} has already approved this bulletin.`,
        `${approval.approved.name} đã duyệt bản tin này.`,
      ),
      text("Reload the page.", "Hãy tải lại trang."),
    );
  return refused(
    "conflict",
    text("The bulletin has not been submitted.", "Bản tin chưa được gửi duyệt."),
    text("Ask its author to submit it.", "Hãy đề nghị người soạn gửi duyệt."),
  );
}

/** A change of what is heard takes back a submission or an approval; the reason of a return stays to be read. */
export function afterEdit(approval: Approval, before: Sounding | undefined, after: Sounding): Approval {
  if (approval.step === "draft" || approval.step === "returned") return approval;
  const what =
    before === undefined
      ? text("its sound was missing", "bản tin thiếu phần âm thanh")
      : whatChanged(before, after);
  if (what === undefined) return approval;
  return {
    step: "draft",
    lost:
      approval.step === "approved"
        ? text(`Approval lost because ${what.en}.`, `Mất hiệu lực duyệt vì ${what.vi}.`)
        : text(`No longer submitted because ${what.en}.`, `Phải gửi duyệt lại vì ${what.vi}.`),
  };
}

/** What the gate at the calendar looks at. `seal` undefined: there is nothing to sound. */
export interface Gated {
  readonly class: BulletinClass;
  readonly approval: Approval;
  readonly seal: string | undefined;
}

/** Why a start at this instant must not sound; undefined when it may. `say` writes an instant for people. */
export function barAt(
  { class: urgency, approval, seal }: Gated,
  startAt: EpochMs,
  policy: ApprovalPolicy,
  say: (at: EpochMs) => Text,
): Text | undefined {
  if (seal === undefined) return text("Its sound file is missing.", "Thiếu tệp âm thanh của bản tin.");
  switch (approval.step) {
    case "draft":
      return approval.lost ?? text("It has not been submitted for approval.", "Bản tin chưa gửi duyệt.");
    case "returned":
      return text(
        `${approval.returned.name} returned it: ${approval.reason}`,
        `${approval.returned.name} đã trả lại: ${approval.reason}`,
      );
    case "submitted":
      if (urgency !== "emergency") return text("It is waiting for approval.", "Bản tin đang chờ duyệt.");
      if (approval.seal !== seal) return CHANGED_UNSEEN;
      return emergencyBar(approval.submitted, startAt, policy, say);
    case "approved":
      if (approval.seal !== seal) return CHANGED_UNSEEN;
      return approvedBar(approval, urgency, startAt, say);
  }
}

/** The content differs from what was signed although no edit said so (a file or a row was exchanged). */
const CHANGED_UNSEEN = text(
  "Its content is not what was approved.",
  "Nội dung không đúng với nội dung đã được duyệt.",
);

function emergencyBar(
  submitted: Signature,
  startAt: EpochMs,
  policy: ApprovalPolicy,
  say: (at: EpochMs) => Text,
): Text | undefined {
  if (startAt < submitted.at) return afterwards("submitted", "gửi", say(submitted.at));
  const limitAt = submitted.at + policy.countersignWithinMs;
  return startAt < limitAt
    ? undefined
    : text(
        "The emergency has not been countersigned in time.",
        "Bản tin khẩn cấp quá hạn ký xác nhận của lãnh đạo.",
      );
}

function approvedBar(
  approval: Extract<Approval, { step: "approved" }>,
  urgency: BulletinClass,
  startAt: EpochMs,
  say: (at: EpochMs) => Text,
): Text | undefined {
  // A start that lies before the yes is not caught up with: listeners would hear it from the middle.
  const firstAt = urgency === "emergency" ? approval.submitted.at : approval.approved.at;
  if (startAt < firstAt) return afterwards("approved", "duyệt", say(firstAt));
  if (approval.expiresAt === undefined || startAt < approval.expiresAt) return undefined;
  const end = say(approval.expiresAt);
  return text(`Its approval ran out at ${end.en}.`, `Hiệu lực duyệt đã hết lúc ${end.vi}.`);
}

function afterwards(en: string, vi: string, when: Text): Text {
  return text(
    `It was ${en} only at ${when.en}, after this start.`,
    `Bản tin đến ${when.vi} mới được ${vi}, sau giờ phát này.`,
  );
}

function hasExpired(approval: Extract<Approval, { step: "approved" }>, now: EpochMs): boolean {
  return approval.expiresAt !== undefined && approval.expiresAt <= now;
}

function endOf(at: EpochMs, validForMs: number | undefined): EpochMs | undefined {
  return validForMs === undefined ? undefined : ((at + validForMs) as EpochMs);
}
