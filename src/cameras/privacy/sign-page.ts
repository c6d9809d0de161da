import { createHash } from "node:crypto";
import { toString as drawCode } from "qrcode";
import type { NoticeSign } from "../rules/notice-sign.ts";

const STYLE = `
@page { size: A4 portrait; margin: 12mm; }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 186mm; padding: 6mm 0; color: #000; background: #fff;
  font: 15pt/1.4 "Noto Sans", "Segoe UI", Arial, sans-serif; overflow-wrap: break-word; }
.hint { font-size: 11pt; padding: 3mm; border: 1px dashed #555; }
header { display: flex; gap: 8mm; align-items: center; padding: 5mm; color: #fff; background: #123f7a;
  print-color-adjust: exact; -webkit-print-color-adjust: exact; }
header svg { flex: none; width: 30mm; height: 30mm; }
h1 { margin: 0; font-size: 30pt; line-height: 1.15; text-transform: uppercase; text-wrap: balance; }
header p { margin: 2mm 0 0; font-size: 16pt; }
dl { margin: 5mm 0; display: grid; grid-template-columns: 46mm 1fr; gap: 2mm 4mm; }
dt { font-weight: 700; }
dd { margin: 0; white-space: pre-line; }
h2 { margin: 4mm 0 1mm; font-size: 16pt; }
ul { margin: 0; padding-left: 6mm; }
footer { display: flex; gap: 8mm; align-items: center; margin-top: 6mm; padding-top: 4mm; border-top: 1mm solid #123f7a;
  font-size: 12pt; }
footer svg { flex: none; width: 46mm; height: 46mm; }
footer p { margin: 0 0 2mm; }
@media print { .hint { display: none; } body { padding: 0; } }
`;

/** The page runs nothing and loads nothing; its one style is named by its hash. */
export const SIGN_POLICY = [
  "default-src 'none'",
  `style-src 'sha256-${createHash("sha256").update(STYLE).digest("base64")}'`,
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

/** A lens in a frame, drawn rather than fetched. */
const CAMERA_MARK =
  '<svg viewBox="0 0 48 48" aria-hidden="true"><g fill="none" stroke="#fff" stroke-width="3" stroke-linejoin="round">' +
  '<path d="M5 14 33 6l4 11-28 9z"/><path d="m37 12 6-1 1 5-6 1M17 24v10H7m0-6v12"/></g>' +
  '<circle cx="29" cy="14" r="2.5" fill="#fff"/></svg>';

/** The notice sign as one A4 page for the printer. */
export async function signPage(sign: NoticeSign): Promise<string> {
  const code = await drawCode(sign.code, { type: "svg", errorCorrectionLevel: "M", margin: 2 });
  const lines = sign.lines.map(({ label, value }) => `<dt>${safe(label)}</dt><dd>${safe(value)}</dd>`);
  const rights = sign.rights.map((right) => `<li>${safe(right)}</li>`);
  return `<!doctype html>
<html lang="vi">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${safe(sign.title)} – ${safe(sign.owner)}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<p class="hint">Biển báo khổ A4. Nhấn Ctrl+P (hoặc chọn In trong trình duyệt) để in; dòng này không in ra.</p>
<header>${CAMERA_MARK}<div><h1>${safe(sign.title)}</h1><p lang="en">${safe(sign.titleEn)}</p></div></header>
<dl><dt>Đơn vị ghi hình</dt><dd>${safe(sign.owner)}</dd>${lines.join("")}</dl>
<h2>Quyền của người được ghi hình</h2>
<ul>${rights.join("")}</ul>
<footer><div role="img" aria-label="Mã QR của thông báo này">${code.trim()}</div><div>
<p>Căn cứ: ${safe(sign.law)}</p><p lang="en">${safe(sign.english)}</p></div></footer>
</main>
</body>
</html>
`;
}

const ENTITIES: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

function safe(words: string): string {
  return words.replace(/[&<>"]/g, (char) => ENTITIES[char] ?? char);
}
