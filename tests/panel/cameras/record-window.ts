import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod";
import type { BrowserContext, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach } from "vitest";
import { z } from "zod";
import { DEFAULT_HOLIDAYS } from "../../../src/broadcast/rules/holidays.ts";
import { openAccess } from "../../../src/cameras/access.ts";
import { breachRoutes } from "../../../src/cameras/privacy/breach-routes.ts";
import { openBreaches } from "../../../src/cameras/privacy/breaches.ts";
import {
  openDataRequests,
  type DataRequests,
  type RequestDraft,
} from "../../../src/cameras/privacy/data-requests.ts";
import { dataRequestRoutes } from "../../../src/cameras/privacy/request-routes.ts";
import { PRIVACY_SCHEMA } from "../../../src/cameras/privacy/requests-store.ts";
import { privacyRoutes } from "../../../src/cameras/privacy/routes.ts";
import { openWatchLog, type WatchLog } from "../../../src/cameras/watch-log.ts";
import { allow } from "../../../src/identity/guard.ts";
import { systemClock } from "../../../src/kernel/clock.ts";
import { openPanel, type Panel } from "../../../src/panel/server.ts";
import { migrate } from "../../../src/store/migrate.ts";
import type { GATE } from "../../cameras/camera-house.ts";
import { aCamera, MemoryCameras, person } from "../../cameras/camera-house.ts";
import { openLoggedIn, openPanelBrowser, type PanelBrowser } from "../../support/panel-browser.ts";
import { openTestPanel, type TestPanel } from "../../support/test-panel.ts";

const TIME_ZONE = "Asia/Ho_Chi_Minh";

/** A route that the real house has elsewhere: what it answers, or what it does. */
export type StubAnswers = Record<string, (body: unknown) => unknown>;

/** A panel with the real routes of privacy, stand-ins for the others, and a browser in front; anew for each test. */
export class RecordWindow {
  private browser!: PanelBrowser;
  private panel!: Panel;
  private contexts: BrowserContext[] = [];
  hall!: TestPanel;
  cameras!: MemoryCameras;
  watchLog!: WatchLog;
  private requests!: DataRequests;
  /** `METHOD /path` → what stands in for it; to be set before it is asked. */
  answers: StubAnswers = {};
  /** What was asked of the stand-ins beyond reading, oldest first. */
  orders: { readonly what: string; readonly body: unknown }[] = [];

  /** To be called at the top of a test file: sets up and clears away around its tests. */
  constructor() {
    beforeAll(async () => {
      this.browser = await openPanelBrowser();
    }, 120_000);
    afterAll(() => this.browser[Symbol.asyncDispose]());
    beforeEach(async () => {
      this.answers = {};
      this.orders = [];
      this.contexts = [];
      this.cameras = new MemoryCameras(
        aCamera({ watchRoles: ["leader", "officer", "technician"] }),
        aCamera({ id: "quay-2" as typeof GATE, name: "Quầy 2", watchRoles: ["leader"] }),
      );
      const features: FastifyPluginAsyncZod[] = [];
      this.hall = await openTestPanel({ features, parts: { uiDir: this.browser.uiDir } });
      const { database, parts } = this.hall;
      migrate(database, [PRIVACY_SCHEMA]);
      features.push(...this.routes(database, parts));
      this.panel = await openPanel(this.hall.parts, { host: "127.0.0.1", port: 0 });
    });
    afterEach(async () => {
      for (const context of this.contexts) await context.close();
      this.watchLog[Symbol.dispose]();
      await this.panel[Symbol.asyncDispose]();
      await this.hall[Symbol.asyncDispose]();
    });
  }

  async open(where: string, role = "officer"): Promise<Page> {
    const [context, page] = await openLoggedIn(this.browser, this.panel.port, role);
    this.contexts.push(context);
    await page.evaluate(`location.hash = ${JSON.stringify(where)}`);
    return page;
  }

  /** Enters one into the register. */
  request(about: Pick<RequestDraft, "kind" | "camera" | "span">): void {
    const draft = { person: "An", contact: "0912", what: "Xin xóa", receivedAt: systemClock.now() };
    this.requests.add({ ...draft, ...about }, person("officer"));
  }

  private routes(
    database: TestPanel["database"],
    { audit, events }: TestPanel["parts"],
  ): FastifyPluginAsyncZod[] {
    const { cameras } = this;
    const clock = systemClock;
    const access = openAccess({ cameras, audit });
    this.watchLog = openWatchLog({ audit, clock });
    const requests = (this.requests = openDataRequests({
      database,
      audit,
      clock,
      timeZone: TIME_ZONE,
      holidays: () => DEFAULT_HOLIDAYS,
    }));
    return [
      privacyRoutes({
        cameras,
        access,
        audit,
        watchLog: this.watchLog,
        clock,
        timeZone: TIME_ZONE,
        owner: { commune: "Xã Thử", contact: "", url: null },
      }),
      dataRequestRoutes({ requests, clock, notify: (event) => events.publish(event) }),
      breachRoutes({
        breaches: openBreaches({ database, audit, clock }),
        clock,
        notify: (event) => events.publish(event),
      }),
      this.standIns(),
    ];
  }

  private standIns(): FastifyPluginAsyncZod {
    return (app) => {
      const described = {
        preHandler: allow("officer", "leader", "technician", "viewer"),
        schema: { tags: ["test"], summary: "Stands in for a route", response: { 200: z.any() } },
      };
      app.get("/cameras", described, (request) => ({
        cameras: this.cameras.all().map((camera) => ({
          ...camera,
          status: { state: "recording", since: 0, said: { vi: "Đang ghi.", en: "" }, kbps: 400, fps: 10 },
          picture: { verdict: "ok", since: null, said: { vi: "Hình tốt.", en: "" } },
          today: { percent: 100, gaps: 0, said: { vi: "Hôm nay ghi đủ.", en: "" } },
          maySee: request.actor?.roles.some((role) => role === "admin" || camera.watchRoles.includes(role)),
          ptz: false,
        })),
      }));
      const stubbed = (request: { method: string; url: string; body?: unknown }): unknown => {
        const what = `${request.method} ${request.url.replace(/^\/api/, "").split("?", 1)[0] ?? ""}`;
        if (request.method !== "GET") this.orders.push({ what, body: request.body ?? null });
        const answer = this.answers[what];
        if (answer === undefined) throw new Error(`nothing stands in for ${what}`);
        return answer(request.body);
      };
      for (const url of STUBBED) {
        for (const method of ["GET", "POST", "PUT", "DELETE"] as const) {
          if (!(method === "GET" && url === "/cameras"))
            app.route({ ...described, method, url, handler: stubbed });
        }
      }
      return Promise.resolve();
    };
  }
}

const STUBBED = [
  "/cameras",
  "/cameras/:id",
  "/cameras/discover",
  "/cameras/probe",
  "/cameras/:id/erase",
  "/cameras/:id/completeness",
  "/cameras/:id/completeness/month",
  "/camera-profiles",
  "/speakers",
  "/clips",
  "/clips/:id",
  "/clips/:id/thumbnail",
  "/clips/:id/video",
  "/cases",
  "/cases/:id",
  "/cases/:id/holds",
  "/cases/:id/exports",
  "/cases/:id/release",
  "/cases/:id/release/confirm",
];
