import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import AxeBuilder from "@axe-core/playwright";
import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod";
import { chromium, type Browser, type BrowserContext, type Page } from "playwright-core";
import { build } from "vite";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { z } from "zod";
import { OnAir, RecordWire, Upcoming } from "../../src/broadcast/airing-wire.ts";
import { allow } from "../../src/identity/guard.ts";
import { openPanel, type Panel } from "../../src/panel/server.ts";
import { SpeakerAnswer } from "../../src/speakers/speaker-answer.ts";
import { openTestPanel, PASSWORD, type TestPanel } from "../support/test-panel.ts";

// A browser beside other work on two cores takes its time.
vi.setConfig({ testTimeout: 120_000 });

const PHONE = { width: 390, height: 844 };
const OFFICE = { width: 1366, height: 768 };
/** 23/11/2026, 17:05 in the commune. */
const NOW = Date.UTC(2026, 10, 23, 10, 5);
const MINUTE = 60_000;

/** What the stand-ins for the features answer. */
interface HallState {
  speakers: z.infer<typeof SpeakerAnswer>[];
  onAir: z.infer<typeof OnAir>[];
  next: z.infer<typeof Upcoming>[];
  airings: z.infer<typeof RecordWire>[];
  holdUntil: number | null;
}

const EMPTY: HallState = { speakers: [], onAir: [], next: [], airings: [], holdUntil: null };

function speaker(id: string, name: string, presence: "online" | "offline"): z.infer<typeof SpeakerAnswer> {
  return {
    id,
    name,
    hamlet: "thon-1",
    hamletName: "Thôn 1",
    profile: "native",
    transport: "native",
    place: null,
    createdAt: 0,
    volumePercent: 70,
    reportedVolumePercent: 70,
    presence,
    since: NOW - 90 * MINUTE,
    playing: null,
    address: null,
    firmware: null,
    clockOffsetMs: null,
    storageFreeBytes: null,
    missingFiles: 0,
    temperatureCelsius: null,
    supplyVolts: null,
    amplifierFault: null,
    signalDbm: null,
    outputLevelDbfs: null,
    deliveredBytes: null,
    planVersion: 1,
    planVersionHeld: 1,
    planLeftOut: 0,
    pendingOrders: 0,
    lastReceiptAt: null,
    droppedMessages: 0,
  };
}

function busy(): HallState {
  const silence = { vi: "Mất điện lúc 16:58.", en: "No power at 16:58." };
  return {
    speakers: [speaker("loa-1", "Loa đình", "online"), speaker("loa-2", "Loa chợ", "offline")],
    onAir: [
      {
        airing: "e1",
        title: "Cảnh báo lũ",
        kind: "emergency",
        level: 850,
        startedAt: NOW - MINUTE,
        endsAt: NOW + 60 * MINUTE,
        speakersPlaying: 1,
        speakersTotal: 2,
      },
    ],
    next: [
      {
        airing: "n1",
        title: "Bản tin tối",
        level: 400,
        startsAt: NOW + 55 * MINUTE,
        endsAt: NOW + 65 * MINUTE,
        speakers: 2,
        problems: [{ speaker: "loa-2", sentence: { vi: "Loa chợ chưa có tệp.", en: "No file." } }],
      },
    ],
    airings: [
      {
        airing: "a1",
        title: "Bản tin chiều",
        kind: "slot",
        level: 400,
        plannedAt: NOW - 5 * MINUTE,
        until: NOW - MINUTE,
        outcome: "partial",
        proof: { speakersPlayed: 1, speakersTotal: 2, durationPercent: 50 },
        sentence: { vi: "Đã phát 1/2 cụm, 50 % thời lượng.", en: "Sounded on 1 of 2." },
        speakers: [
          {
            speaker: "loa-1",
            name: "Loa đình",
            outcome: "played",
            startErrorMs: 12.4,
            playedMs: 240_000,
            expectedMs: 240_000,
            levelDbfs: -16,
          },
          {
            speaker: "loa-2",
            name: "Loa chợ",
            outcome: "silent",
            startErrorMs: null,
            playedMs: 0,
            expectedMs: 240_000,
            levelDbfs: null,
            sentence: silence,
          },
        ],
      },
    ],
    holdUntil: null,
  };
}

let uiDir: string;
let browser: Browser;
let state: HallState;
let orders: { url: string; body: unknown }[];
let hall: TestPanel;
let panel: Panel;
let context: BrowserContext;
let page: Page;

const described = (answer: z.ZodType) => ({
  preHandler: allow("officer", "leader", "viewer"),
  schema: { tags: ["test"], summary: "Stands in for a feature", response: { 200: answer } },
});

const features: FastifyPluginAsyncZod = (app) => {
  app.get("/speakers", described(z.object({ speakers: z.array(SpeakerAnswer) })), () => ({
    speakers: state.speakers,
  }));
  app.get(
    "/on-air",
    described(z.object({ now: z.int(), onAir: z.array(OnAir), next: z.array(Upcoming) })),
    () => ({ now: NOW, onAir: state.onAir, next: state.next }),
  );
  app.get("/airings", described(z.object({ airings: z.array(RecordWire) })), () => ({
    airings: state.airings,
  }));
  for (const url of ["/stop-all", "/resume", "/airings/:airing/stop"]) {
    app.post(url, described(z.object({})), (request) => {
      orders.push({ url: request.url, body: request.body ?? null });
      state.holdUntil = request.url === "/api/stop-all" ? NOW + 10 * MINUTE : null;
      return {};
    });
  }
  return Promise.resolve();
};

beforeAll(async () => {
  uiDir = await mkdtemp(path.join(os.tmpdir(), "ui-"));
  await build({ configFile: "scripts/quality/vite.config.ts", logLevel: "error", build: { outDir: uiDir } });
  browser = await chromium.launch({
    executablePath: process.env["CHROMIUM"] ?? "/usr/bin/chromium",
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      "--use-fake-ui-for-media-stream",
      "--use-fake-device-for-media-stream",
      "--autoplay-policy=no-user-gesture-required",
    ],
  });
}, 120_000);

afterAll(async () => {
  await browser.close();
  await rm(uiDir, { recursive: true, force: true });
});

async function open(size: { width: number; height: number }): Promise<void> {
  context = await browser.newContext({
    // The test's authority is nobody's; trusting it is a matter of the browser's set-up.
    ignoreHTTPSErrors: true,
    locale: "vi-VN",
    // Elsewhere on purpose: the page shows the commune's time, not the reader's.
    timezoneId: "America/New_York",
    viewport: size,
  });
  page = await context.newPage();
  await page.goto(`https://127.0.0.1:${panel.port}/`);
}

async function logIn(role: string): Promise<void> {
  await page.getByLabel("Tên đăng nhập").fill(`the-${role}`);
  await page.getByLabel("Mật khẩu").fill(PASSWORD);
  await page.getByRole("button", { name: "Đăng nhập" }).click();
  await page.getByRole("heading", { name: "Đang phát" }).waitFor();
}

async function violations(): Promise<string[]> {
  const tags = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"];
  const found = await new AxeBuilder({ page }).withTags(tags).analyze();
  return found.violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`);
}

function overflow(): Promise<boolean> {
  return page.evaluate("document.documentElement.scrollWidth > window.innerWidth");
}

beforeEach(async () => {
  state = structuredClone(EMPTY);
  orders = [];
  hall = await openTestPanel({
    features: [features],
    parts: {
      uiDir,
      status: () => ({
        version: "1.2.3",
        at: NOW,
        startedAt: 0,
        commune: "Xã Tân Hòa",
        timeZone: "Asia/Ho_Chi_Minh",
        ready: true,
        speakers: {
          total: state.speakers.length,
          online: state.speakers.filter((one) => one.presence === "online").length,
          playing: 0,
        },
        onAir: state.onAir.length,
        holdUntil: state.holdUntil,
        problems: [],
      }),
    },
  });
  panel = await openPanel(hall.parts, { host: "127.0.0.1", port: 0 });
});

afterEach(async () => {
  await context.close();
  await panel[Symbol.asyncDispose]();
  await hall[Symbol.asyncDispose]();
});

describe("everyone can use the page, without scrolling sideways:", () => {
  const usable = async (): Promise<void> => {
    expect([await violations(), await overflow()]).toEqual([[], false]);
  };

  test("the login, and an empty hall", async () => {
    await open(PHONE);
    await page.getByRole("button", { name: "Đăng nhập" }).waitFor();
    await usable();
    await logIn("officer");
    await usable();
  });

  test("a busy hall on a phone and on an office PC, by day and by night", async () => {
    state = busy();
    await open(PHONE);
    await logIn("officer");
    await page.getByText("Từng cụm loa").click();
    for (const size of [PHONE, OFFICE]) {
      await page.setViewportSize(size);
      for (const colorScheme of ["light", "dark"] as const) {
        await page.emulateMedia({ colorScheme });
        await usable();
      }
    }
    await page.getByRole("button", { name: "Dừng tất cả loa" }).click();
    await usable();
  });
});

describe("the page", () => {
  test("says what was wrong with a login, in the hall's words", async () => {
    await open(OFFICE);
    await page.getByLabel("Tên đăng nhập").fill("the-officer");
    await page.getByLabel("Mật khẩu").fill("sai mật khẩu");
    await page.keyboard.press("Enter");
    await page.getByRole("alert").getByText("Tên đăng nhập hoặc mật khẩu không đúng.").waitFor();
  });

  test("an empty hall says why each list is empty and what to do", async () => {
    await open(OFFICE);
    await logIn("viewer");
    for (const words of [
      "Không có gì đang phát",
      "Chưa có lịch phát nào",
      "tienglang speaker add",
      "Hôm nay chưa có lượt phát",
    ]) {
      await page.getByText(words).waitFor();
    }
  });

  test("shows what sounds, where, what is proven and why something was silent, in the commune's time", async () => {
    state = busy();
    await open(OFFICE);
    await logIn("viewer");
    const section = (name: string) => page.getByRole("region", { name });
    expect(await section("Đang phát").innerText()).toContain("từ 17:04 đến 18:05 · 1/2 cụm đang phát");
    expect(await section("Sắp phát").innerText()).toContain("18:00 · 2 cụm");
    expect(await section("Sắp phát").innerText()).toContain("Loa chợ chưa có tệp.");
    expect(await section("Cụm loa").innerText()).toContain("Mất kết nối từ 15:35");
    const log = section("Nhật ký hôm nay");
    expect(await log.innerText()).toContain("Đã phát 1/2 cụm, 50 % thời lượng.");
    expect(await log.innerText()).toContain("Loa chợ: Mất điện lúc 16:58.");
    await log.getByText("Từng cụm loa").click();
    expect(await log.innerText()).toContain("lệch giờ +12 ms");
  });

  test("follows what happens without being touched", async () => {
    await open(PHONE);
    await logIn("viewer");
    await page.getByText("Không có gì đang phát").waitFor();
    state = busy();
    hall.parts.events.publish({ type: "on-air" });
    await page.getByText("Cảnh báo lũ").first().waitFor();
    state = structuredClone(EMPTY);
    hall.parts.events.publish({ type: "on-air" });
    await page.getByText("Không có gì đang phát").waitFor();
  });

  test("stops everything in two steps, by keyboard alone, and lets it go on in one", async () => {
    state = busy();
    await open(OFFICE);
    await logIn("officer");
    await page.getByRole("button", { name: "Dừng tất cả loa" }).press("Enter");
    await page.getByRole("dialog").getByText("Dừng tất cả 2 cụm loa?").waitFor();
    await page.getByRole("button", { name: "Dừng tất cả", exact: true }).press("Enter");
    await page.getByText("không phát gì trước 17:15").waitFor();
    await page.getByRole("button", { name: "Cho phát lại" }).press("Enter");
    await page.getByRole("button", { name: "Dừng tất cả loa" }).waitFor();
    expect(orders).toEqual([
      { url: "/api/stop-all", body: { holdMinutes: 10 } },
      { url: "/api/resume", body: null },
    ]);
  });

  test("a viewer is not offered what would be refused", async () => {
    state = busy();
    await open(OFFICE);
    await logIn("viewer");
    await page.getByText("Cảnh báo lũ").first().waitFor();
    expect(await page.getByRole("button").allInnerTexts()).toEqual(["Đăng xuất"]);
  });

  test("says so when the hall is gone, keeps what it knew, and recovers by itself", async () => {
    state = busy();
    await open(OFFICE);
    await logIn("viewer");
    await page.getByText("Cảnh báo lũ").first().waitFor();
    await context.setOffline(true);
    await page.evaluate("window.dispatchEvent(new Event('offline'))");
    await panel[Symbol.asyncDispose]();
    await page.getByText("Mất kết nối với bộ điều khiển").waitFor();
    expect(await page.getByText("Cảnh báo lũ").count()).toBeGreaterThan(0);
    panel = await openPanel(hall.parts, { host: "127.0.0.1", port: panel.port });
    await context.setOffline(false);
    await page.getByText("Mất kết nối với bộ điều khiển").waitFor({ state: "detached", timeout: 60_000 });
  });

  test("comes back to the login when the session has ended", async () => {
    await open(OFFICE);
    await logIn("officer");
    hall.database.run("DELETE FROM session");
    hall.parts.events.publish({ type: "speaker" });
    await page.getByRole("button", { name: "Đăng nhập" }).waitFor();
  });

  test("breaks no rule of its own security policy and logs no error", async () => {
    const said: string[] = [];
    state = busy();
    await open(OFFICE);
    page.on("console", (message) => {
      if (message.type() === "error" || message.type() === "warning") said.push(message.text());
    });
    await page.reload();
    await logIn("officer");
    // Not being logged in yet is answered with 401, which the browser tells.
    expect(said.filter((line) => !line.includes("401"))).toEqual([]);
  });
});
