import { beforeEach, describe, expect, test, vi } from "vitest";
import { obstacles, OFFICE, PHONE } from "../../support/panel-browser.ts";
import { PICTURE_MS, stubCamera, type StubCamera } from "../../support/stub-cameras.ts";
import { until } from "../../support/until.ts";
import { CameraWindow, PATIENTLY } from "./camera-window.ts";

vi.setConfig({ testTimeout: 120_000 });

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const PICTURES = 240;
/** 23/11/2026 in the commune; long past for the page, so that nothing grows. */
const NINE = Date.UTC(2026, 10, 20, 2, 0);
const FIRST = { from: NINE, to: NINE + 10 * MINUTE_MS };
/** The camera was away for 3 minutes and 4 seconds. */
const SECOND = { from: FIRST.to + 184 * SECOND_MS, to: FIRST.to + 20 * MINUTE_MS };

const window = new CameraWindow();
let camera: StubCamera;

beforeEach(() => {
  camera = stubCamera("quay-1", "Quầy 1", [FIRST, SECOND]);
  window.stub.cameras.push(camera, stubCamera("quay-2", "Quầy 2", [{ from: FIRST.from, to: SECOND.to }]));
});

function playbackAt(at: number): string {
  return `#/cameras/quay-1/playback?at=${at}`;
}

/** The number of the picture that a recording which began at `from` has of an instant. */
function numberAt(at: number, from: number): number {
  return Math.floor((at - from) / PICTURE_MS) % PICTURES;
}

async function shows(number: number, nth = 0): Promise<void> {
  let last: number | undefined;
  await until(
    `video ${nth} shows picture ${number}`,
    async () => {
      last = await window.shownNumber("video", nth);
      return last === number;
    },
    PATIENTLY,
  ).catch((error: unknown) => {
    throw new Error(`it showed picture ${last}`, { cause: error });
  });
}

describe("a recording", () => {
  test("shows the picture of exactly the instant asked for", async () => {
    const at = NINE + 4 * MINUTE_MS + 750;
    const page = await window.open(playbackAt(at));
    await shows(numberAt(at, FIRST.from));
    expect(await page.getByRole("slider").getAttribute("aria-valuetext")).toBe("09:04:00, có ghi hình");
    expect(await page.locator(".watermark").innerText()).toContain("Người officer");
  });

  test("plays, stops, and goes on picture by picture, by keyboard alone", async () => {
    const page = await window.open(playbackAt(NINE + MINUTE_MS + 50));
    await shows(numberAt(NINE + MINUTE_MS, FIRST.from));
    const slider = page.getByRole("slider");
    await slider.press("Space");
    await page.getByRole("button", { name: "Dừng" }).waitFor();
    await until(
      "it plays",
      async () => Number(await slider.getAttribute("aria-valuenow")) > NINE + MINUTE_MS + 2_000,
      PATIENTLY,
    );
    await slider.press("Space");
    await page.getByRole("button", { name: "Xem", exact: true }).waitFor();
    const now = Number(await slider.getAttribute("aria-valuenow"));
    const stopped = numberAt(now, FIRST.from);
    await shows(stopped);
    await slider.press(".");
    await shows((stopped + 1) % PICTURES);
    await slider.press(".");
    await shows((stopped + 2) % PICTURES);
    await slider.press(",");
    await shows((stopped + 1) % PICTURES);
  });

  test("shows, each time it is stopped, the picture of the instant at which it stopped", async () => {
    const page = await window.open(playbackAt(NINE + MINUTE_MS + 50));
    await shows(numberAt(NINE + MINUTE_MS, FIRST.from));
    const slider = page.getByRole("slider");
    const at = async (): Promise<number> => Number(await slider.getAttribute("aria-valuenow"));
    for (let stops = 0; stops < 6; stops += 1) {
      const before = await at();
      await slider.press("Space");
      await until("it plays", async () => (await at()) > before + 600, PATIENTLY);
      await slider.press("Space");
      await page.getByRole("button", { name: "Xem", exact: true }).waitFor();
      await shows(numberAt(await at(), FIRST.from));
    }
  });

  test("is searched by seconds, hours and a written moment", async () => {
    const page = await window.open(playbackAt(NINE + MINUTE_MS + 50));
    await shows(numberAt(NINE + MINUTE_MS, FIRST.from));
    const slider = page.getByRole("slider");
    await slider.press("ArrowRight");
    await shows(numberAt(NINE + 70 * SECOND_MS, FIRST.from));
    await page.getByRole("button", { name: "Lùi 10 giây" }).click();
    await shows(numberAt(NINE + MINUTE_MS, FIRST.from));
    await page.getByRole("button", { name: "Tới 1 giờ" }).click();
    await page.getByText("Không có ghi hình lúc này.").waitFor();
    await page.getByRole("textbox", { name: "Giờ" }).fill("09:05:30");
    await page.keyboard.press("Enter");
    await shows(numberAt(NINE + 330 * SECOND_MS, FIRST.from));
    await page.getByRole("textbox", { name: "Giờ" }).fill("25:00");
    await page.keyboard.press("Enter");
    await page.getByRole("alert").getByText("Không có ngày giờ này.").waitFor();
  });

  test("is jumped into by pressing the timeline, which tells what lies under the pointer", async () => {
    const page = await window.open(playbackAt(NINE + MINUTE_MS));
    await page.getByRole("button", { name: "1 giờ", exact: true }).click();
    const box = await page.getByRole("slider").boundingBox();
    if (box === null) throw new Error("the timeline is not drawn");
    // The hour around 09:01 begins at 08:31; 09:11 lies in the gap.
    const xAt = (minute: number): number => box.x + (box.width * (minute + 29)) / 60;
    await page.mouse.move(xAt(11), box.y + 10);
    await page.locator(".pointed").getByText("mất kết nối").waitFor();
    await page.mouse.move(xAt(5), box.y + 10);
    await page.locator(".pointed img").waitFor();
    await page.mouse.click(xAt(5), box.y + 10);
    await until(
      "the playhead is there",
      async () => /^09:0[45]:/.test((await page.getByRole("slider").getAttribute("aria-valuetext")) ?? ""),
      PATIENTLY,
    );
  });

  test("jumps over what is missing and says how long it is and why", async () => {
    const page = await window.open(playbackAt(FIRST.to - 2 * SECOND_MS));
    await page.getByText("09:10:00 – 09:13:04, 3 phút 04 giây: mất kết nối").waitFor();
    await page.getByRole("button", { name: "Xem", exact: true }).click();
    await page.getByText(/^Bỏ qua 3 phút 0\d giây không có hình: mất kết nối\.$/).waitFor();
    await until(
      "it plays on behind the gap",
      async () =>
        ((await page.getByRole("slider").getAttribute("aria-valuetext")) ?? "").startsWith("09:13:"),
      PATIENTLY,
    );
    await window.playing();
  });

  test("plays faster, and says when the day's recording is over", async () => {
    const page = await window.open(playbackAt(SECOND.to - 12 * SECOND_MS));
    await page.getByRole("combobox", { name: "Tốc độ" }).selectOption("8");
    await page.getByRole("button", { name: "Xem", exact: true }).click();
    await page.getByText("Đã hết phần ghi hình của ngày này.").waitFor();
    await page.getByRole("button", { name: "Xem", exact: true }).waitFor();
  });

  test("of several cameras runs on one playhead", async () => {
    const page = await window.open(playbackAt(NINE + 2 * MINUTE_MS + 50));
    await page.getByLabel("Quầy 2").check();
    const number = numberAt(NINE + 2 * MINUTE_MS, FIRST.from);
    await shows(number);
    await shows(number, 1);
    await page.getByRole("slider").press("ArrowRight");
    await shows((number + 100) % PICTURES);
    await shows((number + 100) % PICTURES, 1);
    await until("the address tells both", () => page.url().includes("with=quay-2"), PATIENTLY);
  });

  test("is kept from a mark to a mark, of every camera that is shown", async () => {
    const page = await window.open(playbackAt(NINE + 2 * MINUTE_MS));
    await page.getByLabel("Quầy 2").check();
    await page.getByRole("button", { name: "Đặt đầu đoạn ở đây" }).click();
    await page.getByRole("slider").press("ArrowRight");
    await page.getByRole("button", { name: "Đặt cuối đoạn ở đây" }).click();
    await page.getByText("Từ 09:02:00 đến 09:02:10 (10 giây).").waitFor();
    await page.getByLabel("Lý do").fill("Công dân hỏi về hồ sơ bị mất");
    await page.getByRole("button", { name: "Giữ đoạn này của 2 camera" }).click();
    await until("both clips are asked for", () => window.stub.orders.length === 2, PATIENTLY);
    const span = {
      from: NINE + 2 * MINUTE_MS,
      to: NINE + 130 * SECOND_MS,
      reason: "Công dân hỏi về hồ sơ bị mất",
    };
    expect(window.stub.orders.map(({ body }) => body)).toEqual([
      { ...span, camera: "quay-1" },
      { ...span, camera: "quay-2" },
    ]);
  });

  test("of a camera that never recorded says so", async () => {
    camera.runs = [];
    const page = await window.open(playbackAt(NINE));
    await page.getByText("Camera này chưa ghi được gì.").waitFor();
  });

  test("is closed to who may not see the camera", async () => {
    camera.maySee = false;
    const page = await window.open(playbackAt(NINE));
    await page.getByText("Vai trò của bạn không được xem camera này.").waitFor();
    expect(await page.getByRole("slider").count()).toBe(0);
  });

  test("can be used by everyone, by day and by night, on a phone and on an office PC", async () => {
    const page = await window.open(playbackAt(NINE + MINUTE_MS));
    await page.getByLabel("Quầy 2").check();
    await shows(numberAt(NINE + MINUTE_MS, FIRST.from));
    await page.getByText("Sự kiện (2)").click();
    for (const size of [PHONE, OFFICE]) {
      await page.setViewportSize(size);
      for (const colorScheme of ["light", "dark"] as const) {
        await page.emulateMedia({ colorScheme });
        expect(await obstacles(page)).toEqual([]);
      }
    }
  });
});
