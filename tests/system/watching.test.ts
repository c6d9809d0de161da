import { existsSync, readFileSync } from "node:fs";
import { dirname, extname, join } from "node:path";
import type { BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { z } from "zod";
import { openPanelBrowser, type PanelBrowser } from "../support/panel-browser.ts";
import { PATIENTLY, RealHall } from "../support/real-hall.ts";
import { openRtspServer, type RtspServer } from "../support/rtsp-server.ts";
import { until } from "../support/until.ts";

vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

const PASSWORD = "con trâu đi trước";
const Anything = z.unknown();
/** The synthetic camera writes the time into each picture in 16 columns, lowest bit left, hundredths of a second. */
const COLUMNS = 16;
const UNIT_MS = 10;
const TURN_MS = 2 ** COLUMNS * UNIT_MS;
const TYPES: Record<string, string> = { ".js": "text/javascript", ".css": "text/css", ".html": "text/html" };

/** The browser takes a page that the test hands it for a stranger's, and would keep it from this machine. */
const PAGE_FROM_HERE = "--disable-features=LocalNetworkAccessChecks";

let rtsp: RtspServer;
let hall: RealHall;
let browser: PanelBrowser;
let context: BrowserContext;
let page: Page;

beforeAll(async () => {
  [rtsp, browser] = await Promise.all([openRtspServer({ auth: "digest" }), openPanelBrowser(PAGE_FROM_HERE)]);
  hall = new RealHall({ cameras: { segmentSeconds: 10 } });
  await hall.start();
  await hall.api.send("POST", "/api/users", {
    body: { name: "canbo", fullName: "Trần Thị Bình", roles: ["officer"], password: PASSWORD },
    schema: Anything,
  });
  await hall.api.send("POST", "/api/cameras", {
    body: {
      ...{ id: "quay-1", name: "Quầy 1", place: "Bộ phận Một cửa", host: "127.0.0.1" },
      ...{ user: rtsp.user, password: rtsp.password, streamUrl: rtsp.url("clock") },
      ...{ purpose: "Giữ trật tự và an toàn nơi tiếp dân.", watchRoles: ["officer"] },
    },
    schema: Anything,
  });
  [context, page] = await logIn();
});

afterAll(async () => {
  await context.close();
  await hall[Symbol.asyncDispose]();
  await browser[Symbol.asyncDispose]();
  await rtsp[Symbol.asyncDispose]();
});

/** The page as it is in the sources now, the hall's interface as it runs. */
async function logIn(): Promise<[BrowserContext, Page]> {
  const { panel } = JSON.parse(readFileSync(join(dirname(hall.dataDir), "tienglang.json"), "utf8")) as {
    panel: { port: number };
  };
  const opened = await browser.browser.newContext({ ignoreHTTPSErrors: true, locale: "vi-VN" });
  await opened.route(
    ({ pathname }) => !pathname.startsWith("/api/"),
    async (route) => {
      const { pathname } = new URL(route.request().url());
      const file = join(browser.uiDir, pathname === "/" ? "index.html" : pathname);
      if (!existsSync(file)) await route.fulfill({ status: 404 });
      else
        await route.fulfill({ path: file, contentType: TYPES[extname(file)] ?? "application/octet-stream" });
    },
  );
  const window = await opened.newPage();
  await window.goto(`https://127.0.0.1:${panel.port}/`);
  await window.getByLabel("Tên đăng nhập").fill("canbo");
  await window.getByLabel("Mật khẩu").fill(PASSWORD);
  await window.getByRole("button", { name: "Đăng nhập" }).click();
  await window.getByRole("button", { name: "Đăng xuất" }).waitFor();
  return [opened, window];
}

/** The time written in the picture that a video shows; undefined: there is none. `near` tells which turn of the clock. */
async function timeIn(video: string, near: number): Promise<number | undefined> {
  const columns = await page.evaluate<number[]>(`(() => {
    const video = document.querySelector(${JSON.stringify(video)});
    if (video === null || video.readyState < 2) return [];
    const copy = document.createElement("canvas");
    [copy.width, copy.height] = [640, 360];
    const pen = copy.getContext("2d", { willReadFrequently: true });
    pen.drawImage(video, 0, 0, 640, 360);
    return Array.from({ length: ${COLUMNS} }, (_, n) => pen.getImageData(n * 40 + 20, 180, 1, 1).data[0]);
  })()`);
  if (columns.length === 0) return undefined;
  const shown = columns.reduce((sum, bright, bit) => sum + (bright > 128 ? 2 ** bit : 0), 0) * UNIT_MS;
  return near + ((((shown - near + TURN_MS / 2) % TURN_MS) + TURN_MS) % TURN_MS) - TURN_MS / 2;
}

async function go(hash: string): Promise<void> {
  await page.evaluate(`location.hash = ${JSON.stringify(hash)}`);
}

async function isRecorded(at: number): Promise<boolean> {
  const path = `/api/cameras/quay-1/timeline?from=${at - 60_000}&to=${at + 1_000}`;
  const Timeline = z.object({ runs: z.array(z.object({ from: z.number(), to: z.number() })) });
  const { runs } = await hall.api.get(path, Timeline);
  return runs.some(({ from, to }) => from < at && to > at);
}

/** How long ago the shown live picture was taken. */
async function liveAges(count: number): Promise<number[]> {
  const ages: number[] = [];
  let last: number | undefined;
  await until(
    "live pictures come",
    async () => {
      const now = Date.now();
      const taken = await timeIn("video", now);
      if (taken !== undefined && taken !== last) ages.push(now - taken);
      last = taken;
      return ages.length >= count;
    },
    PATIENTLY,
  );
  return ages.sort((a, b) => a - b);
}

/** More than the way from the camera takes on a busy machine, less than any mistake in dating a file. */
const BESIDE_MS = 700;

async function shows(wanted: number): Promise<void> {
  let played: number | undefined;
  await until(
    "the recording of then is shown",
    async () => {
      played = await timeIn("video", wanted);
      return played !== undefined && Math.abs(played - wanted) < BESIDE_MS;
    },
    PATIENTLY,
  ).catch((error: unknown) => {
    throw new Error(`it showed ${played === undefined ? "nothing" : `${played - wanted} ms beside it`}`, {
      cause: error,
    });
  });
}

test("an officer watches the counter live, keeps what happened, plays it back, and learns when the camera is away", async () => {
  // Live: the clock in the picture tells how old it is.
  await go("#/cameras/quay-1");
  const ages = await liveAges(20);
  expect(ages[10]).toBeLessThan(5_000);
  expect(ages[0]).toBeGreaterThan(-1_000);
  const watchedAt = Date.now();

  // Kept: the clip plays at once and holds this time.
  await page.getByRole("button", { name: "Giữ lại 5 phút vừa rồi" }).click();
  const clip = ".made-clip video";
  await page.locator(clip).waitFor({ timeout: PATIENTLY.patienceMs });
  await page.evaluate(`document.querySelector(${JSON.stringify(clip)}).currentTime = 1`);
  await until(
    "the clip shows the last minutes",
    async () => {
      const shown = await timeIn(clip, watchedAt);
      return shown !== undefined && shown <= Date.now() && shown > watchedAt - 300_000;
    },
    PATIENTLY,
  );

  // Played back, without pressing anything: the picture of an instant is the one that was taken then, but for its own
  // length and the way from the camera; wherever in a group of pictures (two seconds) the instant lies.
  for (const afterMs of [2_000, 2_700, 3_500]) {
    const wanted = watchedAt + afterMs;
    await until("it is recorded", () => isRecorded(wanted + 1_000), PATIENTLY);
    await go("#/cameras");
    await go(`#/cameras/quay-1/playback?at=${wanted}`);
    await page.getByRole("slider").waitFor();
    await shows(wanted);
  }

  // Away: said in words, and the picture comes back by itself.
  await rtsp.kill();
  await go("#/cameras");
  await page
    .getByText(/^Mất kết nối từ/)
    .first()
    .waitFor({ timeout: PATIENTLY.patienceMs });
  await rtsp.restart();
  const back = await liveAges(3);
  expect(back[0]).toBeLessThan(10_000);
});
