import { durationWords } from "../rules/recording-words.ts";
import type { Manifest } from "./verifier/package-format.ts";
import { localTime } from "./verifier/report.ts";

const STYLE = `body{font:16px/1.5 "Times New Roman",serif;max-width:46rem;margin:2rem auto;padding:0 1rem;color:#000;background:#fff}
h1{font-size:1.4rem;text-align:center}table{border-collapse:collapse;width:100%;margin:1rem 0}
th,td{border:1px solid #555;padding:.3rem .5rem;text-align:left;vertical-align:top}th{width:32%;font-weight:600}
.key{font:1.1rem/1.6 monospace;border:2px solid #000;padding:.6rem;overflow-wrap:anywhere}@media print{body{margin:0}}`;

/** `TOM-TAT.html`: what is in the package, in words, to be printed and put into the file. */
export function summaryPage(manifest: Manifest): string {
  const clock = (at: number): string => localTime(at, manifest.time.timeZone);
  const stretch = ({ from, to }: { from: number; to: number }): string => `${clock(from)} – ${clock(to)}`;
  const { camera, order, segments, clip } = manifest;
  const rows: readonly (readonly [string, string])[] = [
    ["Hồ sơ", `${manifest.case.number} – ${manifest.case.title}`],
    ["Lý do lập hồ sơ", manifest.case.reason],
    ["Camera", `${camera.name} – ${camera.place}`],
    ["Thiết bị", deviceOf(camera.identity)],
    ["Mục đích ghi hình", camera.purpose],
    ["Ghi âm", camera.audio ? "có" : "không"],
    ["Thời gian yêu cầu", stretch(manifest.requested)],
    ["Thời gian có trong gói", stretch(manifest.delivered)],
    [
      "Đoạn trích để xem",
      `${clip.file}: ${stretch(clip.delivered)}, ${clip.widthPx}×${clip.heightPx}, ${clip.codec}`,
    ],
    ["Đoạn ghi gốc", `${segments.length} tệp, giữ nguyên từng byte như khi ghi`],
    ["Đồng hồ bộ điều khiển", controllerClock(manifest)],
    ["Đồng hồ camera", cameraClock(manifest)],
    ["Người xuất", `${order.operator.name} (${order.operator.roles.join(", ")})`],
    ["Lý do xuất", order.reason],
    ["Mục đích sử dụng", order.purpose],
    ["Người khác trong hình", order.redaction],
    ["Thời điểm lập gói", clock(manifest.madeAt)],
    ["Phần mềm", `${manifest.software.name} ${manifest.software.version}`],
  ];
  return `<!doctype html>
<html lang="vi"><head><meta charset="utf-8"><title>Tóm tắt gói bằng chứng ${escaped(manifest.case.number)}</title>
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'"><style>${STYLE}</style></head>
<body><p>${escaped(manifest.commune)}</p><h1>TÓM TẮT GÓI BẰNG CHỨNG GHI HÌNH</h1>
<table>${rows.map(([name, value]) => `<tr><th>${name}</th><td>${escaped(value)}</td></tr>`).join("\n")}</table>
<h2>Khoảng trống</h2>${gapList(manifest, stretch)}
${changedList(manifest)}
<h2>Dấu vân tay khóa ký</h2>
<p>Gói này do khóa có dấu vân tay dưới đây ký. Hãy so với dấu vân tay mà UBND xã công bố hoặc đọc qua điện thoại:</p>
<p class="key">${escaped(manifest.key.fingerprint)}</p>
<h2>Cách kiểm tra</h2>
<p>Mở tệp <b>verify.html</b> trong gói bằng trình duyệt rồi chọn thư mục hoặc tệp .zip; hoặc chạy <b>node verify.mjs .</b> trong
thư mục đã giải nén. Không cần mạng.</p>
<table><tr><th>Người giao</th><th>Người nhận</th></tr><tr><td style="height:5rem"></td><td></td></tr></table>
</body></html>
`;
}

function gapList({ gaps, deleted }: Manifest, stretch: (of: { from: number; to: number }) => string): string {
  const items = [
    ...gaps.map((gap) => `${stretch(gap)}: ${durationWords(gap.to - gap.from).vi}, ${gap.said.vi}`),
    ...deleted.map(
      (part) =>
        `${stretch(part)}: đã ghi nhưng không còn (${part.reason === "lost" ? "mất tệp" : `đã xóa theo quy định, mục ${part.deletionN} của chuỗi nhật ký`})`,
    ),
  ];
  if (items.length === 0) return "<p>Không có: thời gian yêu cầu được ghi đầy đủ.</p>";
  return `<ul>${items.map((item) => `<li>${escaped(item)}</li>`).join("")}</ul>`;
}

function changedList({ changedOnDisk }: Manifest): string {
  if (changedOnDisk.length === 0) return "";
  return `<h2>Cảnh báo</h2><p>Các tệp sau đã khác với lúc ghi ngay khi lập gói: ${changedOnDisk.map(escaped).join(", ")}.</p>`;
}

function deviceOf({ manufacturer, model, firmware, serial }: Manifest["camera"]["identity"]): string {
  const said = [
    [manufacturer, model].filter(Boolean).join(" "),
    firmware ? `phần mềm ${firmware}` : "",
    serial ? `số máy ${serial}` : "",
  ];
  return said.filter((part) => part !== "").join(", ") || "không rõ";
}

function controllerClock({ time }: Manifest): string {
  if (time.controllerSynchronized === null) return "chưa rõ có đồng bộ qua mạng không";
  return time.controllerSynchronized ? "được đồng bộ qua mạng" : "KHÔNG được đồng bộ qua mạng";
}

function cameraClock({ time }: Manifest): string {
  if (time.cameraClock === null) return "không đo được; mọi giờ trong gói là giờ của bộ điều khiển";
  const { offsetMs } = time.cameraClock;
  const way = offsetMs < 0 ? "chậm hơn" : "nhanh hơn";
  return `${way} bộ điều khiển ${(Math.abs(offsetMs) / 1_000).toFixed(1).replace(".", ",")} giây; mọi giờ trong gói là giờ của bộ điều khiển`;
}

const ENTITY: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

function escaped(said: string): string {
  return said.replaceAll(/[&<>"']/g, (letter) => ENTITY[letter] ?? letter);
}
