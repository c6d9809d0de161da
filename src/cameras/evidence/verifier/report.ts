import type { Verdict } from "./findings.ts";
import type { Manifest } from "./package-format.ts";

/** What a person reads after a check, line by line. */
export function reportLines(
  { whole, problems, manifest, fingerprint }: Verdict,
  lang: "vi" | "en",
): string[] {
  const say = (vi: string, en: string): string => (lang === "vi" ? vi : en);
  const lines = manifest === null ? [] : factLines(manifest, say);
  if (fingerprint !== null)
    lines.push(say(`Dấu vân tay khóa: ${fingerprint}`, `Key fingerprint: ${fingerprint}`));
  if (lines.length > 0) lines.push("");
  if (whole) {
    lines.push(
      say("KẾT QUẢ: NGUYÊN VẸN. Không tệp nào bị thay đổi.", "RESULT: WHOLE. No file was changed."),
      say(
        "Hãy so dấu vân tay khóa trên với dấu vân tay do UBND xã công bố.",
        "Compare the key fingerprint above with the one that the commune has announced.",
      ),
    );
    return lines;
  }
  lines.push(
    say(
      `KẾT QUẢ: KHÔNG NGUYÊN VẸN (${problems.length} lỗi)`,
      `RESULT: NOT WHOLE (${problems.length} ${problems.length === 1 ? "problem" : "problems"})`,
    ),
  );
  for (const problem of problems) lines.push(`✗ ${problem[lang]}`);
  return lines;
}

function factLines(manifest: Manifest, say: (vi: string, en: string) => string): string[] {
  const { camera, order, requested, delivered, gaps, segments, deleted, time } = manifest;
  const clock = (at: number): string => localTime(at, time.timeZone);
  const lines = [
    say(
      `Hồ sơ: ${manifest.case.number} – ${manifest.case.title}`,
      `Case: ${manifest.case.number} – ${manifest.case.title}`,
    ),
    `Camera: ${camera.name} (${camera.place})`,
    say(
      `Yêu cầu: ${clock(requested.from)} – ${clock(requested.to)}`,
      `Requested: ${clock(requested.from)} – ${clock(requested.to)}`,
    ),
    say(
      `Có trong gói: ${clock(delivered.from)} – ${clock(delivered.to)}, ${segments.length} đoạn ghi`,
      `Delivered: ${clock(delivered.from)} – ${clock(delivered.to)}, ${segments.length} segments`,
    ),
    say(
      `Người xuất: ${order.operator.name}; lý do: ${order.reason}`,
      `Exported by: ${order.operator.name}; reason: ${order.reason}`,
    ),
  ];
  for (const { from, to, said } of gaps) {
    lines.push(
      say(
        `Khoảng trống: ${clock(from)} – ${clock(to)} (${said.vi})`,
        `Gap: ${clock(from)} – ${clock(to)} (${said.en})`,
      ),
    );
  }
  for (const { from, to } of deleted) {
    lines.push(
      say(
        `Đã xóa trước khi xuất: ${clock(from)} – ${clock(to)}`,
        `Deleted before: ${clock(from)} – ${clock(to)}`,
      ),
    );
  }
  return lines;
}

/** `23/11/2026 17:05:09`, in the commune's zone. */
export function localTime(at: number, timeZone: string): string {
  const format = new Intl.DateTimeFormat("en-GB", {
    timeZone,
    dateStyle: "short",
    timeStyle: "medium",
    hourCycle: "h23",
  });
  return format.format(at).replace(",", "");
}
