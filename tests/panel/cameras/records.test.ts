import type { Page } from "playwright-core";
import { describe, expect, test, vi } from "vitest";
import { epochMs } from "../../../src/kernel/time.ts";
import { GATE, person } from "../../cameras/camera-house.ts";
import { obstacles, OFFICE, PHONE } from "../../support/panel-browser.ts";
import { RecordWindow } from "./record-window.ts";

// A browser beside other work on two cores takes its time.
vi.setConfig({ testTimeout: 120_000 });

const window = new RecordWindow();

type Where = "on a phone by night" | "on an office PC by day";

/** Each look costs seconds on a busy machine, so each state is looked at in one of the two. */
async function expectUsable(page: Page, where: Where): Promise<void> {
  const byNight = where === "on a phone by night";
  await page.setViewportSize(byNight ? PHONE : OFFICE);
  await page.emulateMedia({ colorScheme: byNight ? "dark" : "light" });
  expect(await obstacles(page)).toEqual([]);
}

describe("the register of requests", () => {
  test("takes a request from the counter to its answer", async () => {
    const about = { number: "12/2026", title: "Mất ví" };
    const made = { id: "x1", state: "ready", reason: "Giao công dân", askedAt: Date.UTC(2026, 10, 23) };
    window.answers["GET /cases"] = () => ({ cases: [{ id: "k1", ...about }] });
    window.answers["GET /cases/k1"] = () => ({ id: "k1", ...about, exports: [made] });
    const page = await window.open("#/requests");
    await page.getByText("Chưa có yêu cầu nào.").waitFor();
    await page.getByRole("button", { name: "Ghi yêu cầu mới" }).click();
    await page.getByLabel("Người dân muốn").selectOption({ label: "Xin bản sao" });
    await page.getByText("trả lời trong 10 ngày").waitFor();
    await expectUsable(page, "on a phone by night");
    await page.getByLabel("Họ tên người yêu cầu").fill("Nguyễn Văn An");
    await page.getByLabel("Liên hệ").fill("0912 345 678");
    await page.getByLabel("Nội dung yêu cầu").fill("Xin bản sao lúc nộp hồ sơ");
    await page.getByLabel("Camera").selectOption({ label: "Quầy 1" });
    await page.getByRole("group", { name: "Có mặt trong hình từ" }).getByLabel("Ngày").fill("31/02/2026");
    await page.getByRole("button", { name: "Ghi vào sổ" }).click();
    await page.getByRole("alert").getByText("hãy viết ngày như 23/11/2026").waitFor();
    await page.getByRole("group", { name: "Có mặt trong hình từ" }).getByLabel("Ngày").fill("");
    await page.getByRole("button", { name: "Ghi vào sổ" }).click();
    const entry = page.getByRole("listitem").filter({ hasText: "Xin bản sao" });
    await entry.getByText("Xác nhận đã nhận chậm nhất ngày").or(entry.getByText("Phải xác nhận")).waitFor();
    expect(await entry.innerText()).toContain("Nguyễn Văn An (0912 345 678): “Xin bản sao lúc nộp hồ sơ”");
    await entry.getByRole("button", { name: "Đã báo người dân là đã nhận" }).click();
    await entry.getByText("Trả lời chậm nhất ngày").waitFor();
    await entry.getByRole("button", { name: "Trả lời" }).click();
    await entry.getByLabel("Đã làm gì").fill("Đã giao bản sao");
    await entry.getByLabel("Người khác trong hình").fill("đã che mờ");
    await entry.getByLabel("Hồ sơ vụ việc").selectOption({ label: "12/2026: Mất ví" });
    await entry.getByLabel("Gói đã giao").selectOption("x1");
    await expectUsable(page, "on an office PC by day");
    await entry.getByRole("button", { name: "Ghi là đã trả lời" }).click();
    await entry.getByText("Đã trả lời đúng hạn.").waitFor();
    expect(await entry.getByRole("link", { name: "Xem hồ sơ" }).getAttribute("href")).toBe("#/cases/k1");
    expect(await entry.getByRole("link", { name: "Gói đã giao" }).getAttribute("href")).toContain("/x1/");
    expect(await entry.innerText()).toContain("Đáp ứng. Đã giao bản sao Người khác trong hình: đã che mờ.");
    await expectUsable(page, "on a phone by night");
  });

  test("lets a leader delete what a person asked to be deleted, and nobody else", async () => {
    const [from, to] = [Date.now() - 7_200_000, Date.now() - 7_100_000];
    const erase = `POST /cameras/${GATE}/erase`;
    window.answers[erase] = () => ({
      from: from - 20_000,
      to: to + 5_000,
      files: 5,
      bytes: 1,
      clips: 2,
      packages: 0,
    });
    window.request({ kind: "delete", camera: GATE, span: { from: epochMs(from), to: epochMs(to) } });
    window.request({ kind: "delete", camera: null, span: null });
    const officers = await window.open("#/requests");
    await officers.getByRole("heading", { name: "0002: Xóa hình ảnh" }).waitFor();
    expect(await officers.getByRole("button", { name: "Xóa hình ảnh của đoạn này" }).count()).toBe(0);
    const page = await window.open("#/requests", "leader");
    await page.getByText("chưa ghi camera và khoảng thời gian nên chưa xóa được").waitFor();
    await page.getByRole("button", { name: "Xóa hình ảnh của đoạn này" }).click();
    const dialog = page.getByRole("dialog", { name: "Xóa hẳn hình ảnh camera Quầy 1?" });
    await dialog.getByText("không lấy lại được").waitFor();
    await expectUsable(page, "on a phone by night");
    expect(window.orders).toEqual([]);
    await dialog.getByRole("button", { name: "Xóa hình ảnh của đoạn này" }).click();
    await page.getByText("cùng 2 đoạn trích").waitFor();
    expect(window.orders).toMatchObject([
      { what: erase, body: { from, to, request: expect.stringMatching(/^YC-/) } },
    ]);
  });

  test("leads through a breach, step by step", async () => {
    const page = await window.open("#/requests", "leader");
    const breaches = page.getByRole("region", { name: "Sự cố" });
    await breaches.getByText("Ghi một sự cố").click();
    await breaches.getByLabel("Chuyện gì đã xảy ra").fill("Mất điện thoại còn đăng nhập");
    await breaches.getByRole("button", { name: "Ghi sự cố" }).click();
    await breaches.getByText("còn 71 giờ").waitFor();
    await expectUsable(page, "on an office PC by day");
    await breaches.getByRole("button", { name: "Đã làm Thông báo cho cơ quan" }).click();
    await breaches.getByText("đã thông báo cơ quan đúng hạn").waitFor();
    await breaches.getByText("the-leader đã làm lúc").waitFor();
  });

  test("is not shown to who does not handle requests", async () => {
    const page = await window.open("#/requests", "viewer");
    await page.getByText("chỉ dành cho cán bộ tiếp nhận").waitFor();
  });
});

describe("who watched", () => {
  test("is a list for the leader, and a table to take away", async () => {
    window.watchLog.live(GATE, person("viewer", "Bình"), "main")[Symbol.dispose]();
    const page = await window.open(`#/cameras/${GATE}/watched`, "leader");
    await page.getByRole("cell", { name: "xem trực tiếp 0 giây" }).waitFor();
    await expectUsable(page, "on a phone by night");
    await page.getByLabel("Việc").selectOption({ label: "Bị từ chối" });
    await page.getByText("Không có ai xem trong khoảng này.").waitFor();
    // Asked for by the page: Chromium's own downloads do not trust what the test told the page to trust.
    const table = "fetch(document.querySelector('a[download]').href).then((answer) => answer.text())";
    expect(await page.evaluate<string>(table)).toContain("Bình,Xem trực tiếp,0");
  });

  test("is refused to others in words", async () => {
    const page = await window.open(`#/cameras/${GATE}/watched`);
    await page.getByText("chỉ dành cho lãnh đạo và quản trị").waitFor();
  });
});

test("the notice sign opens as a page of its own, styled and readable", async () => {
  const page = await window.open(`#/cameras/${GATE}/sign`, "viewer");
  await expectUsable(page, "on an office PC by day");
  const [sign] = await Promise.all([
    page.waitForEvent("popup"),
    page.getByRole("link", { name: "Mở biển để in" }).click(),
  ]);
  await sign.getByRole("heading", { name: "Khu vực có camera ghi hình" }).waitFor();
  expect(await obstacles(sign)).toEqual([]);
  const ground = "getComputedStyle(document.querySelector('header')).backgroundColor";
  expect(await sign.evaluate(ground)).toBe("rgb(18, 63, 122)");
  const pages = (await sign.pdf({ preferCSSPageSize: true })).toString("latin1").match(/\/Type\s*\/Page\b/g);
  expect(pages).toHaveLength(1);
});

test("a month shows which days have gaps, and a day says why", async () => {
  const said = { vi: "99,8 %, 1 khoảng trống 3 phút 04 giây, mất kết nối", en: "" };
  const gap = { from: Date.UTC(2026, 10, 3, 2), to: Date.UTC(2026, 10, 3, 2, 3, 4), cause: "camera-offline" };
  window.answers[`GET /cameras/${GATE}/completeness/month`] = () => ({
    days: [
      { day: "2026-11-02", percent: 100, gaps: 0, said: { vi: "100 %", en: "" } },
      { day: "2026-11-03", percent: 98.5, gaps: 1, said },
      { day: "2026-11-04", percent: null, gaps: 0, said: { vi: "không có giờ cần ghi", en: "" } },
    ],
  });
  window.answers[`GET /cameras/${GATE}/completeness`] = () => ({
    percent: 98.5,
    said,
    gaps: [{ ...gap, said: { vi: "mất kết nối", en: "" } }],
    erased: [{ from: gap.to + 3_600_000, to: gap.to + 3_630_000 }],
  });
  const page = await window.open(`#/cameras/${GATE}/completeness`);
  await page.getByRole("button", { name: "03/11/2026: 98,5 %, thiếu" }).click();
  const day = page.getByRole("region", { name: "Ngày 03/11/2026" });
  await day.getByText(said.vi).waitFor();
  expect(await day.innerText()).toContain("03/11/2026 09:00:00 – 03/11/2026 09:03:04");
  expect(await day.innerText()).toContain("đã xóa theo yêu cầu");
  await expectUsable(page, "on a phone by night");
});

describe("clips", () => {
  const clip = {
    id: "c1",
    camera: GATE,
    reason: "Cãi nhau ở quầy",
    origin: "hand",
    by: "the-officer",
    requestedAt: Date.UTC(2026, 10, 23, 2, 6),
    requested: { from: Date.UTC(2026, 10, 23, 2), to: Date.UTC(2026, 10, 23, 2, 5) },
    delivered: { from: Date.UTC(2026, 10, 23, 1, 59, 58), to: Date.UTC(2026, 10, 23, 2, 5, 1) },
    state: "ready",
    failure: null,
    bytes: 12_300_000,
    gaps: [{ from: 0, to: 4_000, cause: "stalled" }],
    keepUntil: Date.UTC(2026, 11, 23),
  };

  test("say what was asked for and what is in the file, and are removed in two steps", async () => {
    const list: object[] = [clip];
    window.answers["GET /clips"] = () => ({ clips: list });
    window.answers["GET /clips/c1/thumbnail"] = () => ({});
    window.answers["DELETE /clips/c1"] = () => ({ removed: list.splice(0).length > 0 });
    const page = await window.open("#/clips", "leader");
    const article = page.getByRole("article", { name: "Quầy 1, 23/11/2026 09:00:00 – 09:05:00" });
    await article.waitFor();
    expect(await article.innerText()).toContain("Trong tệp: 23/11/2026 08:59:58 – 09:05:01 (5 phút 03 giây)");
    expect(await article.innerText()).toContain("Thiếu 4 giây trong đoạn này (1 khoảng trống).");
    await expectUsable(page, "on an office PC by day");
    await article.getByRole("button", { name: "Xóa" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Xóa" }).click();
    await page.getByText("Chưa có đoạn trích nào.").waitFor();
    expect(window.orders).toEqual([{ what: "DELETE /clips/c1", body: null }]);
  });
});

test("a case holds, is exported, and is let go of by a second person", async () => {
  const file = {
    id: "k1",
    number: "12/2026/HS",
    title: "Mất ví ở quầy 1",
    reason: "Công an xã đề nghị",
    openedAt: Date.UTC(2026, 10, 23, 2),
    openedBy: "the-officer",
    state: "open",
    holds: [] as object[],
    release: null as object | null,
    exports: [] as object[],
  };
  const release = { reason: "Đã xong", askedBy: "the-officer", askedAt: Date.UTC(2026, 10, 23, 3) };
  const span = { camera: GATE, from: Date.UTC(2026, 10, 23, 1), to: Date.UTC(2026, 10, 23, 2) };
  window.answers = {
    "GET /cases": () => ({ cases: [] }),
    "POST /cases": () => file,
    "GET /cases/k1": () => file,
    "POST /cases/k1/holds": () => file.holds.push({ ...span, id: "h1", addedBy: "the-officer" }),
    "POST /cases/k1/exports": () =>
      file.exports.push({
        ...span,
        id: "x1",
        reason: "Giao công an",
        by: "the-officer",
        askedAt: span.to,
        state: "ready",
        bytes: 5e6,
        sha256: "ab".repeat(32),
        failure: null,
      }),
    "POST /cases/k1/release": () =>
      Object.assign(file, {
        state: "release-asked",
        release: { ...release, confirmedBy: null, confirmedAt: null },
      }),
    "POST /cases/k1/release/confirm": () =>
      Object.assign(file, {
        state: "released",
        release: { ...release, confirmedBy: "the-leader", confirmedAt: release.askedAt },
      }),
  };
  const page = await window.open("#/cases");
  await page.getByText("Chưa có hồ sơ nào.").waitFor();
  await page.getByRole("button", { name: "Lập hồ sơ mới" }).click();
  await expectUsable(page, "on a phone by night");
  await page.getByLabel("Số hồ sơ").fill("12/2026/HS");
  await page.getByLabel("Tên vụ việc").fill("Mất ví ở quầy 1");
  await page.getByLabel("Lý do niêm giữ").fill("Công an xã đề nghị");
  await page.getByRole("button", { name: "Lập hồ sơ", exact: true }).click();
  await page.getByText("Niêm giữ thêm một đoạn").click();
  await page.getByRole("button", { name: "Niêm giữ", exact: true }).click();
  await page.getByRole("link", { name: "23/11/2026 08:00:00 – 23/11/2026 09:00:00" }).waitFor();
  await page.getByText("Xuất một gói bằng chứng").click();
  const exports = page.getByRole("region", { name: "Gói bằng chứng" });
  await exports.getByLabel("Lý do xuất").fill("Giao công an");
  await exports.getByLabel("Giao cho ai").fill("Công an xã, điều tra");
  await exports.getByLabel("Người khác trong hình").fill("Giữ nguyên");
  await expectUsable(page, "on an office PC by day");
  await exports.getByRole("button", { name: "Xuất gói" }).click();
  await exports.getByRole("link", { name: "Tải gói về (5 MB)" }).waitFor();
  await page.getByLabel("Lý do giải tỏa").fill("Đã xong");
  await page.getByRole("button", { name: "Đề nghị giải tỏa" }).click();
  await page.getByText("Chờ người thứ hai xác nhận giải tỏa").waitFor();
  expect(await page.getByRole("button", { name: "Xác nhận giải tỏa" }).count()).toBe(0);

  const second = await window.open("#/cases/k1", "leader");
  await second.getByRole("button", { name: "Xác nhận giải tỏa" }).click();
  await second.getByRole("dialog").getByRole("button", { name: "Xác nhận giải tỏa" }).click();
  await second.getByText("Đã giải tỏa.").waitFor();
  expect(window.orders.map(({ what }) => what)).toEqual([
    "POST /cases",
    "POST /cases/k1/holds",
    "POST /cases/k1/exports",
    "POST /cases/k1/release",
    "POST /cases/k1/release/confirm",
  ]);
});
