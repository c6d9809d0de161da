import { beforeEach, describe, expect, test, vi } from "vitest";
import { obstacles, OFFICE, PHONE } from "../../support/panel-browser.ts";
import { stubCamera, type StubCamera } from "../../support/stub-cameras.ts";
import { until } from "../../support/until.ts";
import { CameraWindow, PATIENTLY } from "./camera-window.ts";

// A browser beside other work on two cores takes its time.
vi.setConfig({ testTimeout: 120_000 });

const window = new CameraWindow();

describe("the cameras side by side", () => {
  test("show moving pictures of those one may see, and say in words what is wrong with the others", async () => {
    window.stub.cameras.push(
      stubCamera("quay-1", "Quầy 1"),
      {
        ...stubCamera("quay-2", "Quầy 2"),
        state: "offline",
        said: { vi: "Mất kết nối từ 09:12 (3 phút): camera không trả lời", en: "" },
      },
      { ...stubCamera("quay-3", "Quầy 3"), state: "paused", said: { vi: "Tạm dừng đến 13:30.", en: "" } },
      {
        ...stubCamera("quay-4", "Quầy 4"),
        picture: { verdict: "black", since: 0, said: { vi: "Hình đen từ 10:02.", en: "" } },
      },
      { ...stubCamera("phong-rieng", "Phòng riêng"), maySee: false },
    );
    const page = await window.open("#/cameras");
    await window.playing();
    const tile = (name: string) => page.getByRole("article", { name });
    expect(await tile("Quầy 1").innerText()).toContain(
      "Hôm nay ghi được 99,8 %, 1 khoảng trống 3 phút 04 giây",
    );
    expect(await tile("Quầy 2").innerText()).toContain("Mất kết nối từ 09:12 (3 phút): camera không trả lời");
    expect(await tile("Quầy 3").innerText()).toContain("Tạm dừng đến 13:30.");
    expect(await tile("Quầy 4").innerText()).toContain("Hình đen từ 10:02.");
    expect(await tile("Phòng riêng").innerText()).toContain("Vai trò của bạn không được xem camera này.");
    await page.getByText("4/5 đang ghi").waitFor({ state: "detached" });
    // Neither the paused camera nor the one of others is asked for, and only small streams are.
    expect(window.stub.lines().every((line) => line.endsWith("sub mse"))).toBe(true);
    expect(window.stub.lines().some((line) => /quay-3|phong-rieng/.test(line))).toBe(false);
  });

  test("are let go when they are left", async () => {
    window.stub.cameras.push(stubCamera("quay-1", "Quầy 1"));
    const page = await window.open("#/cameras");
    await window.playing();
    await page.getByRole("link", { name: "Phát thanh" }).click();
    await until("the line is closed", () => window.stub.lines().length === 0, PATIENTLY);
    await page.goBack();
    await window.playing();
    expect(await page.getByRole("link", { name: "Camera", exact: true }).getAttribute("aria-current")).toBe(
      "page",
    );
  });

  test("say what to do when there is none", async () => {
    const page = await window.open("#/cameras", "technician");
    await page.getByText("tienglang camera discover").waitFor();
    expect(await obstacles(page)).toEqual([]);
  });

  test("can be used by everyone, by day and by night, on a phone and on an office PC", async () => {
    window.stub.cameras.push(stubCamera("quay-1", "Quầy 1"), {
      ...stubCamera("quay-2", "Quầy 2"),
      state: "offline",
      said: { vi: "Mất kết nối từ 09:12.", en: "" },
    });
    const page = await window.open("#/cameras");
    await window.playing();
    for (const size of [PHONE, OFFICE]) {
      await page.setViewportSize(size);
      for (const colorScheme of ["light", "dark"] as const) {
        await page.emulateMedia({ colorScheme });
        expect(await obstacles(page)).toEqual([]);
      }
    }
  });
});

describe("one camera live", () => {
  let camera: StubCamera;
  beforeEach(() => {
    camera = stubCamera("quay-1", "Quầy 1");
    window.stub.cameras.push(camera);
  });

  test("is seen soon after it happens, with the viewer's name over it", async () => {
    const page = await window.open("#/cameras/quay-1");
    await window.playing();
    expect(await page.locator(".watermark").first().innerText()).toContain("Người officer");
    // The clock in the picture is the picture's number; the hall knows when it sent it.
    const ages: number[] = [];
    await until(
      "enough pictures are read",
      async () => {
        const sentAt = window.stub.sentAt.get((await window.shownNumber("video")) ?? -1);
        if (sentAt !== undefined) ages.push(Date.now() - sentAt);
        return ages.length > 20;
      },
      PATIENTLY,
    );
    const middle = ages.sort((a, b) => a - b)[Math.floor(ages.length / 2)] ?? Infinity;
    expect(middle).toBeLessThan(3_000);
    await page.getByText(/^Trễ \d,\d giây$/).waitFor();
  });

  test("takes the large stream unless the line is weak", async () => {
    const page = await window.open("#/cameras/quay-1");
    await window.playing();
    expect(window.stub.lines()).toEqual(["quay-1 main mse"]);
    await page.getByRole("combobox", { name: "Hình" }).selectOption("sub");
    await until(
      "the small stream is asked for",
      () => window.stub.lines().join() === "quay-1 sub mse",
      PATIENTLY,
    );
    await window.playing();
  });

  test("comes back by itself when the line breaks, and says so meanwhile", async () => {
    const page = await window.open("#/cameras/quay-1");
    await window.playing();
    window.stub.dropLines();
    await page.getByText("Mất kết nối với bộ điều khiển, đang thử lại…").waitFor();
    await until("it is asked for again", () => window.stub.lines().length === 1, PATIENTLY);
    await page.getByText("đang thử lại…").waitFor({ state: "detached" });
  });

  test("says the hall's own words when it refuses, and asks again only when told to", async () => {
    camera.refusal = {
      kind: "rejected",
      said: { vi: "Đã có đủ người xem.", en: "Full." },
      hint: { vi: "Hãy thử lại sau.", en: "Later." },
    };
    const page = await window.open("#/cameras/quay-1");
    await page.getByText("Đã có đủ người xem. Hãy thử lại sau.").waitFor();
    camera.refusal = undefined;
    await page.getByRole("button", { name: "Thử lại" }).click();
    await window.playing();
  });

  test("shows what the browser can't play re-encoded, says why, and breaks no security rule for it", async () => {
    camera.codec = "hvc1.1.6.L93.B0";
    const page = await window.open("#/cameras");
    const said: string[] = [];
    page.on("console", (message) => {
      if (/security policy/i.test(message.text())) said.push(message.text());
    });
    await page.getByText("Trình duyệt này không xem được H.265").waitFor();
    const first = await window.shownNumber("canvas");
    await until(
      "the re-encoded picture moves",
      async () => (await window.shownNumber("canvas")) !== first,
      PATIENTLY,
    );
    expect(window.stub.lines()).toEqual(["quay-1 sub mpeg1"]);
    expect(said).toEqual([]);
  });

  test("keeps the last five minutes with one press and shows the clip at once", async () => {
    const page = await window.open("#/cameras/quay-1");
    await page.getByRole("button", { name: "Giữ lại 5 phút vừa rồi" }).click();
    await page.getByText("Đang cắt đoạn trích…").waitFor();
    expect(window.stub.orders).toEqual([
      {
        url: "/api/clips",
        body: { camera: "quay-1", lastMinutes: 5, reason: "Giữ lại khi đang xem trực tiếp" },
      },
    ]);
    const [clip] = window.stub.clips;
    if (clip !== undefined) clip.state = "ready";
    window.hall.parts.events.publish({ type: "clip", id: "c1" });
    const video = page.getByLabel("Đoạn trích: Giữ lại khi đang xem trực tiếp");
    await video.waitFor();
    const wide = "document.querySelector('.made-clip video').videoWidth";
    await until("the clip can be played", async () => (await page.evaluate<number>(wide)) === 320, PATIENTLY);
  });

  test("turns a camera that can be turned, by keyboard", async () => {
    camera.ptz = true;
    const page = await window.open("#/cameras/quay-1");
    await page.getByRole("button", { name: "Quay trái" }).press("Enter");
    await page.getByRole("button", { name: "Quầy 1" }).press("Enter");
    await until("both orders came", () => window.stub.orders.length === 2, PATIENTLY);
    expect(window.stub.orders.map(({ body }) => body)).toEqual([
      { action: "move", pan: -0.5, tilt: 0, zoom: 0, forMs: 400 },
      { action: "preset", token: "1" },
    ]);
  });

  test("offers a viewer nothing that would be refused, and can be used by everyone", async () => {
    const page = await window.open("#/cameras/quay-1", "viewer");
    await window.playing();
    expect(await page.getByRole("button").allInnerTexts()).toEqual(["Đăng xuất", "Toàn màn hình"]);
    for (const size of [OFFICE, PHONE]) {
      await page.setViewportSize(size);
      expect(await obstacles(page)).toEqual([]);
    }
  });

  test("an address that leads nowhere says so", async () => {
    const page = await window.open("#/cameras/quay-9");
    await page.getByText("Không có camera nào tên là “quay-9”").waitFor();
    await page.evaluate("location.hash = '#/khong-co'");
    await page.getByRole("heading", { name: "Không có trang này" }).waitFor();
    expect(await page.title()).toBe("Không có trang này · Xã Thử");
  });
});
