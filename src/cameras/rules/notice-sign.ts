import type { Camera } from "./model.ts";

/** Who stands behind the cameras, as the commune's settings say it. */
export interface NoticeOwner {
  readonly commune: string;
  /** Whom people may ask; empty: the One-Stop desk. */
  readonly contact: string;
  /** The commune's notice on cameras; null: the QR code holds the notice itself. */
  readonly url: string | null;
}

export interface NoticeLine {
  readonly label: string;
  readonly value: string;
}

/** What the sign at the door tells whoever walks in (law 91/2025/QH15, article 32, paragraph 2). */
export interface NoticeSign {
  readonly title: string;
  readonly titleEn: string;
  readonly owner: string;
  readonly lines: readonly NoticeLine[];
  readonly rights: readonly string[];
  readonly law: string;
  readonly english: string;
  /** What the QR code says. */
  readonly code: string;
}

/** More would need a code too fine for an old phone at arm's length. */
const LONGEST_CODE_CHARS = 220;

const LAW =
  "Luật Bảo vệ dữ liệu cá nhân số 91/2025/QH15, Điều 32; Nghị định số 356/2025/NĐ-CP. " +
  "Hình ảnh chỉ dùng đúng mục đích nêu trên.";

const RIGHTS: readonly string[] = [
  "Được biết mình đang được ghi hình, ai ghi và để làm gì.",
  "Xem hoặc xin bản sao hình ảnh của mình: trả lời trong 10 ngày.",
  "Yêu cầu hạn chế, phản đối xử lý: trả lời trong 15 ngày.",
  "Yêu cầu xóa hình ảnh của mình: trả lời trong 20 ngày.",
  "Khiếu nại, tố cáo theo quy định của pháp luật.",
];

type SignedCamera = Pick<
  Camera,
  "place" | "purpose" | "retentionDays" | "retentionReason" | "audio" | "name"
>;

export function noticeSignOf(camera: SignedCamera, owner: NoticeOwner): NoticeSign {
  const { purpose, retentionDays, retentionReason, audio } = camera;
  const authority = authorityOf(owner.commune);
  const contact = owner.contact.trim() === "" ? `Bộ phận Một cửa, ${authority}` : owner.contact.trim();
  const place = camera.place.trim() === "" ? camera.name : camera.place;
  const kept = retentionReason.trim() === "" ? "" : ` (${trimmed(retentionReason)})`;
  const sign = {
    title: audio ? "Khu vực có camera ghi hình và ghi âm" : "Khu vực có camera ghi hình",
    titleEn: audio ? "CCTV with sound recording in operation" : "CCTV in operation",
    owner: authority,
    lines: [
      { label: "Nơi ghi hình", value: place },
      { label: "Mục đích", value: trimmed(purpose) },
      { label: "Âm thanh", value: audio ? "Có ghi âm." : "Không ghi âm." },
      {
        label: "Thời gian lưu",
        value: `Tối đa ${retentionDays} ngày${kept}, sau đó tự động xóa; lâu hơn chỉ khi giữ làm chứng cứ.`,
      },
      { label: "Liên hệ", value: contact },
    ],
    rights: RIGHTS,
    law: LAW,
    english:
      `This area is recorded on video${audio ? " with sound" : ", without sound"}. ` +
      `Recordings are kept for at most ${retentionDays} days. Ask at the One-Stop desk about your rights.`,
  };
  const told = [
    `${sign.title}, ${authority}.`,
    `Mục đích: ${trimmed(purpose)}.`,
    `Lưu ${retentionDays} ngày.`,
    `Liên hệ: ${contact}`,
  ].join("\n");
  return { ...sign, code: owner.url ?? shortened(told) };
}

/** “Xã Thử” → “Ủy ban nhân dân xã Thử”. */
function authorityOf(commune: string): string {
  const name = commune.trim();
  const [first = "", ...rest] = name;
  const isUnit = /^(xã|phường|đặc khu|thị trấn)\s/i.test(name);
  return `Ủy ban nhân dân ${isUnit ? first.toLowerCase() + rest.join("") : name}`;
}

function trimmed(words: string): string {
  return words.trim().replace(/[.\s]+$/, "");
}

function shortened(words: string): string {
  return words.length <= LONGEST_CODE_CHARS ? words : `${words.slice(0, LONGEST_CODE_CHARS - 1)}…`;
}
