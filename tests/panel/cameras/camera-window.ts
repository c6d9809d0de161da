import type { BrowserContext, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach } from "vitest";
import { openPanel, type Panel } from "../../../src/panel/server.ts";
import { openMadeFiles, type MadeFiles } from "../../support/made-files.ts";
import { openLoggedIn, openPanelBrowser, type PanelBrowser } from "../../support/panel-browser.ts";
import {
  makeFootage,
  numberOf,
  openStubCameras,
  type Footage,
  type StubCameras,
} from "../../support/stub-cameras.ts";
import { openTestPanel, type TestPanel } from "../../support/test-panel.ts";
import { until } from "../../support/until.ts";

/** For what a browser does beside other work on two cores. */
export const PATIENTLY = { patienceMs: 60_000, everyMs: 100 };

/** A panel with stand-ins for cameras behind it, and a browser in front; anew for each test. */
export class CameraWindow {
  private files!: MadeFiles;
  private footage!: Footage;
  private browser!: PanelBrowser;
  private panel!: Panel;
  private context: BrowserContext | undefined;
  stub!: StubCameras;
  hall!: TestPanel;
  page!: Page;

  /** To be called at the top of a test file: sets up and clears away around its tests. */
  constructor() {
    beforeAll(async () => {
      this.files = await openMadeFiles();
      [this.footage, this.browser] = await Promise.all([makeFootage(this.files), openPanelBrowser()]);
    }, 120_000);
    afterAll(async () => {
      await this.browser[Symbol.asyncDispose]();
      await this.files[Symbol.asyncDispose]();
    });
    beforeEach(async () => {
      this.stub = openStubCameras(this.footage);
      this.hall = await openTestPanel({ features: [this.stub.routes], parts: { uiDir: this.browser.uiDir } });
      this.panel = await openPanel(this.hall.parts, { host: "127.0.0.1", port: 0 });
    });
    afterEach(async () => {
      await this.context?.close();
      await this.panel[Symbol.asyncDispose]();
      await this.hall[Symbol.asyncDispose]();
    });
  }

  async open(where: string, role = "officer"): Promise<Page> {
    [this.context, this.page] = await openLoggedIn(this.browser, this.panel.port, role);
    await this.page.evaluate(`location.hash = ${JSON.stringify(where)}`);
    return this.page;
  }

  /** Waits until the first video's pictures advance. */
  async playing(): Promise<void> {
    const count = "document.querySelector('video')?.getVideoPlaybackQuality().totalVideoFrames ?? 0";
    await until("pictures advance", async () => (await this.page.evaluate<number>(count)) > 5, PATIENTLY);
  }

  /** The number written in the picture that is shown; undefined: there is none. */
  async shownNumber(of: "video" | "canvas", nth = 0): Promise<number | undefined> {
    const columns = await this.page.evaluate<number[]>(`(() => {
      const shown = document.querySelectorAll(${JSON.stringify(of)})[${nth}];
      if (shown === undefined || (shown.readyState ?? 4) < 2) return [];
      const copy = document.createElement("canvas");
      [copy.width, copy.height] = [320, 180];
      const pen = copy.getContext("2d", { willReadFrequently: true });
      pen.drawImage(shown, 0, 0, 320, 180);
      return Array.from({ length: 8 }, (_, n) => pen.getImageData(n * 40 + 20, 90, 1, 1).data[0]);
    })()`);
    return columns.length === 0 ? undefined : numberOf(columns);
  }
}
