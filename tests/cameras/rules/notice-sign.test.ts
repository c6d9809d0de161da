import { expect, test } from "vitest";
import { noticeSignOf } from "../../../src/cameras/rules/notice-sign.ts";
import { aCamera } from "../camera-house.ts";

const OWNER = { commune: "Phường Hòa Bình", contact: "", url: null };

test("says who records, why, how long, whether voices too, and whom to ask", () => {
  const sign = noticeSignOf(aCamera(), OWNER);
  expect(Object.fromEntries(sign.lines.map(({ label, value }) => [label, value]))).toEqual({
    "Nơi ghi hình": "Bộ phận Một cửa, quầy 1",
    "Mục đích": "Bảo đảm an ninh, trật tự nơi tiếp công dân",
    "Âm thanh": "Không ghi âm.",
    "Thời gian lưu":
      "Tối đa 15 ngày (Đủ thời gian giải quyết khiếu nại), sau đó tự động xóa; lâu hơn chỉ khi giữ làm chứng cứ.",
    "Liên hệ": "Bộ phận Một cửa, Ủy ban nhân dân phường Hòa Bình",
  });
  expect(sign.code).toBe(
    "Khu vực có camera ghi hình, Ủy ban nhân dân phường Hòa Bình.\n" +
      "Mục đích: Bảo đảm an ninh, trật tự nơi tiếp công dân.\nLưu 15 ngày.\n" +
      "Liên hệ: Bộ phận Một cửa, Ủy ban nhân dân phường Hòa Bình",
  );
});

test.each([
  ["Xã Thử", "Ủy ban nhân dân xã Thử"],
  ["Đặc khu Côn Đảo", "Ủy ban nhân dân đặc khu Côn Đảo"],
  ["Xãm Lạ", "Ủy ban nhân dân Xãm Lạ"],
])("the authority of %s is %s", (commune, expected) => {
  expect(noticeSignOf(aCamera(), { ...OWNER, commune }).owner).toBe(expected);
});

test("a camera that records voices says so in both languages", () => {
  const sign = noticeSignOf(aCamera({ audio: true }), OWNER);
  expect(sign.title).toBe("Khu vực có camera ghi hình và ghi âm");
  expect(sign.lines).toContainEqual({ label: "Âm thanh", value: "Có ghi âm." });
  expect(sign.english).toContain("with sound");
});

test("the code is the commune's address when there is one", () => {
  const url = "https://xathu.example/camera";
  expect(noticeSignOf(aCamera(), { ...OWNER, url }).code).toBe(url);
});

test("a long purpose leaves a code that a phone can still read", () => {
  const sign = noticeSignOf(aCamera({ purpose: "rất dài ".repeat(120) }), OWNER);
  expect(sign.code.length).toBeLessThanOrEqual(220);
  expect(sign.code.endsWith("…")).toBe(true);
});
