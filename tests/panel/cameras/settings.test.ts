import { describe, expect, test, vi } from "vitest";
import { Fault } from "../../../src/kernel/faults.ts";
import { text } from "../../../src/kernel/text.ts";
import { MINUTE_MS } from "../../../src/kernel/time.ts";
import { GATE } from "../../cameras/camera-house.ts";
import { obstacles, OFFICE, PHONE } from "../../support/panel-browser.ts";
import { RecordWindow } from "./record-window.ts";

// A browser beside other work on two cores takes its time.
vi.setConfig({ testTimeout: 120_000 });

const window = new RecordWindow();
const SETTINGS = `#/cameras/${GATE}/settings`;

describe("a camera's settings", () => {
  test("are changed by a technician, with hours and rules, and a refusal is shown in the hall's words", async () => {
    window.answers["GET /speakers"] = () => ({ speakers: [{ id: "loa-1", name: "Loa quầy" }] });
    window.answers[`PUT /cameras/${GATE}`] = () => {
      if (window.orders.length === 1) {
        throw new Fault(
          "invalid",
          text("The purpose does not speak of voices.", "Mục đích chưa nói đến ghi âm."),
        );
      }
      return {};
    };
    const page = await window.open(SETTINGS, "technician");
    await page.getByLabel("Mục đích ghi hình").fill("Bảo vệ cán bộ và người dân tại quầy");
    await page.getByLabel("Ghi cả âm thanh").check();
    await page.getByText("Ghi giọng nói xâm phạm riêng tư").waitFor();
    await page.getByRole("checkbox", { name: "Cán bộ" }).uncheck();
    await page.getByRole("button", { name: "Thêm khoảng giờ vào Giờ tạm dừng" }).click();
    const noon = page.getByRole("group", { name: /Giờ tạm dừng.*khoảng 1/ });
    await noon.getByLabel("Từ").fill("11:45");
    await noon.getByLabel("Thứ Bảy").check();
    await page.getByRole("button", { name: "Thêm quy tắc" }).click();
    const rule = page.getByRole("group", { name: "Quy tắc 1", exact: true });
    await rule.getByLabel("khi", { exact: false }).first().selectOption("tamper");
    await rule.getByLabel("Đọc một câu ra loa").check();
    await rule.getByLabel("Câu đọc ra loa").fill("Đề nghị không che camera");
    await rule.getByLabel("Loa quầy").check();
    for (const size of [PHONE, OFFICE]) {
      await page.setViewportSize(size);
      expect(await obstacles(page)).toEqual([]);
    }
    await page.getByRole("button", { name: "Lưu cài đặt" }).click();
    await page.getByRole("alert").getByText("Mục đích chưa nói đến ghi âm.").waitFor();
    await page.getByLabel("Ghi cả âm thanh").uncheck();
    await page.getByRole("button", { name: "Lưu cài đặt" }).click();
    await page.getByText("Đã lưu.").waitFor();
    expect(window.orders[1]?.body).toMatchObject({
      name: "Quầy 1",
      purpose: "Bảo vệ cán bộ và người dân tại quầy",
      audio: false,
      watchRoles: ["leader", "technician"],
      pauseHours: [{ weekdays: [1, 2, 3, 4, 5, 6], fromMinute: 705, toMinute: 780 }],
      eventRules: [
        {
          on: "tamper",
          actions: ["bookmark", "say"],
          say: { text: "Đề nghị không che camera", speakers: ["loa-1"] },
        },
      ],
    });
  });

  test("an hour that is none is marked, and the hour of a stretch that moved up is its own", async () => {
    window.answers["GET /speakers"] = () => ({ speakers: [] });
    const weekdays = [1];
    window.cameras.change(GATE, {
      pauseHours: [
        { weekdays, fromMinute: 60, toMinute: 120 },
        { weekdays, fromMinute: 180, toMinute: 240 },
      ],
    });
    const page = await window.open(SETTINGS, "technician");
    const stretch = page.getByRole("group", { name: /Giờ tạm dừng.*khoảng 1/ });
    await stretch.getByLabel("Từ").fill("25:00");
    expect(await stretch.getByLabel("Từ").getAttribute("aria-invalid")).toBe("true");
    await stretch.getByLabel("Từ").fill("01:30");
    await stretch.getByRole("button", { name: "Bỏ" }).click();
    expect(await stretch.getByLabel("Từ").inputValue()).toBe("03:00");
    expect(await stretch.getByLabel("đến").inputValue()).toBe("04:00");
  });

  test("are only read by others; an officer pauses the camera for a reason, and ends that", async () => {
    const page = await window.open(SETTINGS);
    await page.getByText("Kỹ thuật viên hoặc quản trị đổi được").waitFor();
    await page.getByLabel("Tạm dừng trong").selectOption({ label: "1 giờ" });
    await page.getByLabel("Lý do (được ghi vào nhật ký)").fill("Họp kín tại quầy");
    expect(await obstacles(page)).toEqual([]);
    await page.getByRole("button", { name: "Tạm dừng ghi hình" }).click();
    await page.getByText("không ghi, không xem trực tiếp.").waitFor();
    const left = (window.cameras.get(GATE).pausedUntil ?? 0) - Date.now();
    expect(left).toBeGreaterThan(50 * MINUTE_MS);
    await page.getByRole("button", { name: "Ghi lại ngay" }).click();
    await page.getByLabel("Tạm dừng trong").waitFor();
    expect(window.cameras.get(GATE).pausedUntil).toBeNull();
  });

  test("of a camera that is gone say so", async () => {
    const page = await window.open("#/cameras/khong-co/settings", "technician");
    await page.getByRole("alert").getByText("Không có camera nào mang mã “khong-co”.").waitFor();
  });
});

describe("adding a camera", () => {
  test("goes from a search over its password to its purpose", async () => {
    const wrong = {
      id: "login",
      outcome: "fail",
      said: { vi: "Camera từ chối mật khẩu.", en: "" },
      remedy: { vi: "Hãy kiểm tra tài khoản trên camera.", en: "" },
    };
    const right = { id: "stream", outcome: "ok", said: { vi: "H.264 1920x1080.", en: "" } };
    window.answers = {
      "GET /camera-profiles": () => ({
        profiles: [{ id: "imou", name: { vi: "Imou", en: "" }, enabling: null }],
      }),
      "POST /cameras/discover": () => ({
        found: [
          { endpoint: "e1", host: "192.168.1.64", port: 8899, name: "IPC", hardware: "X1", camera: null },
          { endpoint: "e2", host: "192.168.1.65", port: 80, name: "IPC", hardware: "X1", camera: GATE },
        ],
      }),
      "POST /cameras/probe": (body) =>
        (body as { password: string }).password === "dung"
          ? { findings: [right], camera: { identity: { manufacturer: "Kho", model: "X1" } } }
          : { findings: [wrong], camera: null },
      "POST /cameras": () => ({ camera: { id: GATE }, findings: [] }),
    };
    const page = await window.open("#/add-camera", "technician");
    await page.getByRole("button", { name: "Tìm camera", exact: true }).click();
    await page.getByRole("link", { name: "Đã thêm" }).waitFor();
    await page.getByRole("button", { name: "Chọn 192.168.1.64" }).click();
    expect(await page.getByLabel("Địa chỉ của camera").inputValue()).toBe("192.168.1.64");
    await page.getByLabel("Mật khẩu của camera").fill("sai");
    await page.getByRole("button", { name: "Kiểm tra camera" }).click();
    await page.getByText("Camera từ chối mật khẩu.").waitFor();
    await page.getByRole("alert").getByText("Chưa thêm được camera này.").waitFor();
    await page.getByLabel("Mật khẩu của camera").fill("dung");
    await page.getByRole("button", { name: "Kiểm tra camera" }).click();
    await page.getByText("Đã thấy Kho X1.").waitFor();
    for (const size of [PHONE, OFFICE]) {
      await page.setViewportSize(size);
      expect(await obstacles(page)).toEqual([]);
    }
    await page.getByLabel("Tên camera").fill("Quầy 3");
    await page.getByLabel("Nơi lắp").fill("Bộ phận Một cửa, quầy 3");
    await page.getByLabel("Mục đích ghi hình").fill("Giữ trật tự");
    await page.getByRole("button", { name: "Thêm camera" }).click();
    await page.waitForURL(new RegExp(`#/cameras/${GATE}$`));
    expect(window.orders.at(-1)).toEqual({
      what: "POST /cameras",
      body: {
        host: "192.168.1.64",
        port: 8899,
        user: "admin",
        password: "dung",
        name: "Quầy 3",
        place: "Bộ phận Một cửa, quầy 3",
        purpose: "Giữ trật tự",
        retentionDays: 30,
        retentionReason: "Đủ thời gian giải quyết phản ánh, khiếu nại của người dân",
      },
    });
  });

  test("is refused to others in words", async () => {
    const page = await window.open("#/add-camera", "leader");
    await page.getByText("Chỉ kỹ thuật viên hoặc quản trị thêm được camera.").waitFor();
  });
});
