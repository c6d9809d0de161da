import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { chromium, type Browser, type Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { composePackage } from "../../../src/cameras/evidence/package.ts";
import { writeFolder, writeZip } from "../../../src/cameras/evidence/package-writer.ts";
import { filmSegments } from "../made-ring.ts";
import { openEvidenceHouse, type EvidenceHouse } from "./evidence-house.ts";

const SLOW_MS = 30_000;
let house: EvidenceHouse;
let browser: Browser;
let folder: string;
let zip: string;

beforeAll(async () => {
  house = openEvidenceHouse();
  const [file = ""] = await filmSegments({ folder: house.folder, name: "film", files: 1 });
  house.record(file, 0, { session: "s", n: 0 });
  const signal = new AbortController().signal;
  const entries = await composePackage(house.packageOrder(0, 8_000), house.packageParts, signal);
  folder = join(house.folder, "package");
  zip = join(house.folder, "package.zip");
  await writeFolder(entries, folder);
  await writeZip(entries, zip, { madeAt: new Date(), signal });
  browser = await chromium.launch({
    executablePath: process.env["CHROMIUM"] ?? "/usr/bin/chromium",
    args: ["--no-sandbox"],
  });
});

afterAll(async () => {
  await browser.close();
  house[Symbol.dispose]();
});

/** The page as it is opened from the disk, without any network. */
async function opened(): Promise<{ page: Page; asked: string[] } & AsyncDisposable> {
  const context = await browser.newContext({ offline: true });
  const page = await context.newPage();
  const asked: string[] = [];
  page.on("request", (request) => asked.push(request.url()));
  await page.goto(pathToFileURL(join(folder, "verify.html")).href);
  return { page, asked, [Symbol.asyncDispose]: () => context.close() };
}

test("opened from the disk, the page finds an untouched folder whole, and asks nobody", async () => {
  await using there = await opened();
  await there.page.locator("#folder").setInputFiles(folder);
  const result = there.page.locator("#result.whole");
  await result.waitFor({ timeout: SLOW_MS });
  const said = await result.textContent();
  expect(said).toContain("KẾT QUẢ: NGUYÊN VẸN");
  expect(said).toContain(house.key.fingerprint);
  expect(there.asked).toEqual([pathToFileURL(join(folder, "verify.html")).href]);
});

test("it reads the zip as it was handed over", async () => {
  await using there = await opened();
  await there.page.locator("#zip").setInputFiles(zip);
  await there.page.locator("#result.whole").waitFor({ timeout: SLOW_MS });
});

test("it names the file in which a byte was changed", async () => {
  await using there = await opened();
  const bytes = readFileSync(zip);
  const at = Math.floor(bytes.length / 2);
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  const tampered = join(house.folder, "tampered.zip");
  writeFileSync(tampered, bytes);
  await there.page.locator("#zip").setInputFiles(tampered);
  const result = there.page.locator("#result.broken");
  await result.waitFor({ timeout: SLOW_MS });
  expect(await result.textContent()).toMatch(/Tệp (clip\.mp4|segments\/\S+) đã bị thay đổi/);
});

test("what is no package is told so", async () => {
  await using there = await opened();
  const words = join(house.folder, "words.zip");
  writeFileSync(words, "no zip at all");
  await there.page.locator("#zip").setInputFiles(words);
  await there.page.locator("#result.broken").waitFor({ timeout: SLOW_MS });
});
