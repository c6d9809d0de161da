import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import AxeBuilder from "@axe-core/playwright";
import { chromium, type Browser, type BrowserContext, type Page } from "playwright-core";
import { build } from "vite";
import { PASSWORD } from "./test-panel.ts";

export const PHONE = { width: 390, height: 844 };
export const OFFICE = { width: 1366, height: 768 };

/** The page built from its sources, and Debian's Chromium to show it. */
export interface PanelBrowser extends AsyncDisposable {
  readonly uiDir: string;
  readonly browser: Browser;
}

export async function openPanelBrowser(...more: readonly string[]): Promise<PanelBrowser> {
  const uiDir = await mkdtemp(path.join(os.tmpdir(), "ui-"));
  await build({ configFile: "scripts/quality/vite.config.ts", logLevel: "error", build: { outDir: uiDir } });
  const browser = await chromium.launch({
    executablePath: process.env["CHROMIUM"] ?? "/usr/bin/chromium",
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      ...more,
    ],
  });
  return {
    uiDir,
    browser,
    [Symbol.asyncDispose]: async () => {
      await browser.close();
      await rm(uiDir, { recursive: true, force: true });
    },
  };
}

/** A window of its own, logged in as the test panel's person of this role. */
export async function openLoggedIn(
  { browser }: PanelBrowser,
  port: number,
  role: string,
): Promise<[BrowserContext, Page]> {
  const context = await browser.newContext({
    // The test's authority is nobody's; trusting it is a matter of the browser's set-up.
    ignoreHTTPSErrors: true,
    locale: "vi-VN",
    // Elsewhere on purpose: the page shows the commune's time, not the reader's.
    timezoneId: "America/New_York",
    viewport: OFFICE,
  });
  const page = await context.newPage();
  await page.goto(`https://127.0.0.1:${port}/`);
  await page.getByLabel("Tên đăng nhập").fill(`the-${role}`);
  await page.getByLabel("Mật khẩu").fill(PASSWORD);
  await page.getByRole("button", { name: "Đăng nhập" }).click();
  await page.getByRole("button", { name: "Đăng xuất" }).waitFor();
  return [context, page];
}

/** What keeps someone from using the page: rules broken, or a need to scroll sideways. */
export async function obstacles(page: Page): Promise<string[]> {
  const tags = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"];
  const found = await new AxeBuilder({ page }).withTags(tags).analyze();
  const broken = found.violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`);
  const wide = await page.evaluate<boolean>("document.documentElement.scrollWidth > window.innerWidth");
  return wide ? [...broken, "the page must be scrolled sideways"] : broken;
}
