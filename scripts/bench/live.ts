/**
 * How old a live picture is when it is seen, and how long the first one takes: `node scripts/bench/live.ts [seconds]`.
 * Two ages, both in Chromium on the panel's own page. Whole: a synthetic camera writes the wall time into its pictures,
 * and it is read off what is shown. From the controller: by the time with which the controller stamps each fragment; the
 * camera's encoder and its way are not in it, the waiting for the fragment's end is. The bar is on the second.
 * Peer in the same run: the same page fed by plain `ffmpeg -movflags frag_keyframe`, one fragment for each group.
 */
import { cpus, loadavg } from "node:os";
import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod";
import type { Page } from "playwright-core";
import { z } from "zod";
import { localZone } from "../../src/broadcast/rules/local-time.ts";
import { openAccess } from "../../src/cameras/access.ts";
import { liveRoutes } from "../../src/cameras/live-routes.ts";
import type { LiveViewer } from "../../src/cameras/live/channel.ts";
import { openLiveHub } from "../../src/cameras/live/hub.ts";
import { openWatchLog } from "../../src/cameras/watch-log.ts";
import { allowEveryRole } from "../../src/identity/guard.ts";
import { systemClock } from "../../src/kernel/clock.ts";
import { capture } from "../../src/media/capture.ts";
import { runPiped } from "../../src/media/process.ts";
import { findMediaTools } from "../../src/media/tools.ts";
import { openPanel } from "../../src/panel/server.ts";
import { aCamera, GATE, MemoryCameras } from "../../tests/cameras/camera-house.ts";
import { openLoggedIn, openPanelBrowser, type PanelBrowser } from "../../tests/support/panel-browser.ts";
import { openRtspServer, type RtspServer } from "../../tests/support/rtsp-server.ts";
import { openTestPanel } from "../../tests/support/test-panel.ts";
import { until } from "../../tests/support/until.ts";

const SECONDS = Number(process.argv[2] ?? 30);
const BAR_FIRST_MS = 700;
/** From the controller to the eye. */
const BAR_P95_MS = 600;
const FIRST_PICTURES = 5;
/** The clock's columns: sixteen, lowest bit left, in hundredths of a second. */
const COLUMNS = 16;
const UNIT_MS = 10;
const PERIOD = 2 ** COLUMNS;
const PATIENTLY = { patienceMs: 60_000, everyMs: 20 };

const tools = findMediaTools();

/** What a plain copy gives: a fragment is written when the next key frame is there. */
const captureByGroup: typeof capture = async (spec, { onLive }, signal) => {
  const end = await runPiped(
    {
      command: spec.ffmpeg,
      args: [
        ...["-hide_banner", "-nostdin", "-loglevel", "error", "-rtsp_transport", "tcp"],
        ...["-timeout", "5000000", "-i", spec.url, "-map", "0:v:0", "-c", "copy", "-f", "mp4"],
        ...["-movflags", "frag_keyframe+empty_moov+default_base_moof", "-flush_packets", "1", "pipe:1"],
      ],
      outputs: [onLive, () => undefined],
      graceMs: 2_000,
    },
    signal,
  );
  return { ...end, lastLines: [], pid: undefined };
};

/** Ages of pictures shown, in order of size. */
interface Ages {
  /** From the camera's encoder on. */
  readonly wholeMs: readonly number[];
  /** From the controller on. */
  readonly onwardMs: readonly number[];
  /** How often the picture stood still for want of the next, as the browser tells. */
  readonly stalls: number;
}

interface Result extends Ages {
  readonly name: string;
  /** From the click to the first picture, when others watch already. */
  readonly firstMs: readonly number[];
  /** The same for the very first viewer: the camera has to be called. */
  readonly coldMs: number;
}

const SILENT: LiveViewer = {
  bufferedBytes: () => 0,
  init: () => undefined,
  fragment: () => undefined,
  dropped: () => undefined,
  waiting: () => undefined,
};

async function measure(
  name: string,
  rtsp: RtspServer,
  window: PanelBrowser,
  how: typeof capture,
): Promise<Result> {
  const url = rtsp.url("clock");
  const source = aCamera().streams.main;
  const cameras = new MemoryCameras(
    aCamera({ streams: { main: { ...source, url }, sub: { ...source, url } } }),
  );
  const clock = systemClock;
  const stop = new AbortController();
  await using hall = await openTestPanel({ parts: { uiDir: window.uiDir } });
  const { log, audit } = hall.parts;
  using watchLog = openWatchLog({ audit, clock });
  await using hub = openLiveHub({
    ...{ cameras, clock, log, tools, capture: how, random: Math.random },
    state: () => "recording",
    zone: localZone("Asia/Ho_Chi_Minh"),
    limits: { maxViewers: 20, maxMpeg1: 1 },
  });
  const access = openAccess({ cameras, audit });
  const stillThere = (): { id: string; name: string; roles: ["viewer"] } => ({
    ...{ id: "u-viewer", name: "viewer", roles: ["viewer"] },
  });
  const features = [listRoutes, liveRoutes({ hub, access, watchLog, clock, log, stillThere })];
  await using panel = await openPanel({ ...hall.parts, features }, { host: "127.0.0.1", port: 0 });
  const running = hub.run(stop.signal);
  const [context, page] = await openLoggedIn(window, panel.port, "viewer");
  try {
    await page.evaluate(NOTE_STAMPS);
    const coldMs = await openLive(page);
    const ages = await agesOf(page);
    // Somebody else keeps watching, so that what follows finds the stream running.
    using others = new DisposableStack();
    others.use(hub.watch(GATE, "sub", SILENT));
    const firstMs: number[] = [];
    for (let n = 0; n < FIRST_PICTURES; n += 1) {
      await leaveLive(page);
      firstMs.push(await openLive(page));
    }
    return { name, ...ages, firstMs: firstMs.sort((a, b) => a - b), coldMs };
  } finally {
    await context.close();
    stop.abort();
    await running;
  }
}

const listRoutes: FastifyPluginAsyncZod = (app) => {
  const schema = { tags: ["bench"], summary: "One camera", response: { 200: z.any() } };
  const said = { vi: "Đang ghi.", en: "Recording." };
  app.get("/cameras", { preHandler: allowEveryRole, schema }, () => ({
    cameras: [
      {
        ...{ id: GATE, name: "Quầy 1", place: "Một cửa", enabled: true, purpose: "", retentionDays: 15 },
        ...{ pausedUntil: null, maySee: true, ptz: false },
        status: { state: "recording", since: 0, said, kbps: 400, fps: 10 },
        picture: { verdict: "ok", since: null, said },
        today: { percent: 100, gaps: 0, said },
      },
    ],
  }));
  return Promise.resolve();
};

/** From the click to the first picture that is shown. The mosaic takes the small stream, as the page does. */
async function openLive(page: Page): Promise<number> {
  return page.evaluate<number>(`new Promise((resolve) => {
    const clickedAt = performance.now();
    location.hash = "#/cameras";
    const look = () => {
      const video = document.querySelector("video");
      if ((video?.getVideoPlaybackQuality().totalVideoFrames ?? 0) > 0) resolve(performance.now() - clickedAt);
      else requestAnimationFrame(look);
    };
    look();
  })`);
}

async function leaveLive(page: Page): Promise<void> {
  await page.evaluate(`location.hash = "#/"`);
  await until("the picture is gone", async () =>
    page.evaluate<boolean>(`document.querySelector("video") === null`),
  );
}

/**
 * Notes, for each fragment that is played, the controller's stamp (see `live-routes.ts`: it lies before the fragment's own
 * bytes in the same message) and where in the stream the fragment ends.
 */
const NOTE_STAMPS = `(() => {
  const stamps = (window.benchStamps = []);
  const append = SourceBuffer.prototype.appendBuffer;
  SourceBuffer.prototype.appendBuffer = function (bytes) {
    const at = new DataView(bytes.buffer).getFloat64(1);
    this.addEventListener("updateend", () => {
      const ranges = this.buffered;
      if (at > 0 && ranges.length > 0) stamps.push([ranges.end(ranges.length - 1), at]);
      if (stamps.length > 400) stamps.shift();
    }, { once: true });
    append.call(this, bytes);
  };
  window.benchStalls = 0;
  document.addEventListener("waiting", () => (window.benchStalls += 1), true);
})()`;

async function agesOf(page: Page): Promise<Ages> {
  // The first seconds are those of a player that finds its place.
  await until("the player has settled", async () => (await ageOf(page)) !== undefined, PATIENTLY);
  const settledAt = performance.now() + 5_000;
  await until("five seconds are over", () => performance.now() > settledAt, { everyMs: 100 });
  const wholeMs: number[] = [];
  const onwardMs: number[] = [];
  await page.evaluate("window.benchStalls = 0");
  const endAt = performance.now() + SECONDS * 1_000;
  await until(
    "enough is seen",
    async () => {
      const whole = await ageOf(page);
      if (whole !== undefined) wholeMs.push(whole);
      const onward = await page.evaluate<number | null>(AGE_FROM_CONTROLLER);
      if (onward !== null) onwardMs.push(onward);
      return performance.now() > endAt;
    },
    { patienceMs: (SECONDS + 60) * 1_000, everyMs: 100 },
  );
  const stalls = await page.evaluate<number>("window.benchStalls");
  return { wholeMs: wholeMs.sort((a, b) => a - b), onwardMs: onwardMs.sort((a, b) => a - b), stalls };
}

/** Of the picture at the video's present time: its fragment's stamp, and how far before the fragment's end it lies. */
const AGE_FROM_CONTROLLER = `(() => {
  const at = document.querySelector("video")?.currentTime ?? 0;
  const shown = window.benchStamps.find(([toSec]) => toSec >= at);
  return shown === undefined ? null : Date.now() - shown[1] + (shown[0] - at) * 1000;
})()`;

/** Reads the clock off the picture that is shown, and the browser's own at the same moment. */
async function ageOf(page: Page): Promise<number | undefined> {
  const [now = 0, ...columns] = await page.evaluate<number[]>(`(() => {
    const video = document.querySelector("video");
    if (video === null || video.readyState < 2) return [0];
    const copy = document.createElement("canvas");
    [copy.width, copy.height] = [640, 360];
    const pen = copy.getContext("2d", { willReadFrequently: true });
    pen.drawImage(video, 0, 0, 640, 360);
    const now = Date.now();
    return [now, ...Array.from({ length: ${COLUMNS} }, (_, n) => pen.getImageData(n * 40 + 20, 180, 1, 1).data[0])];
  })()`);
  if (columns.length === 0) return undefined;
  const shown = columns.reduce((sum, bright, bit) => sum + (bright > 128 ? 2 ** bit : 0), 0);
  return (((Math.floor(now / UNIT_MS) % PERIOD) - shown + PERIOD) % PERIOD) * UNIT_MS;
}

function percentile(sorted: readonly number[], part: number): number {
  return Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN);
}

function spread(agesMs: readonly number[]): string {
  return `${percentile(agesMs, 0.5)} / ${percentile(agesMs, 0.95)} ms`.padEnd(18);
}

function row({ name, wholeMs, onwardMs, stalls, firstMs, coldMs }: Result): string {
  const first = `${percentile(firstMs, 0.5)} / ${Math.round(coldMs)} ms`.padEnd(18);
  return `${name.padEnd(34)} ${spread(onwardMs)} ${spread(wholeMs)} ${first} ${stalls} (n=${wholeMs.length})`;
}

await using rtsp = await openRtspServer();
await using window = await openPanelBrowser();
console.log(
  `640x360 at 10 pictures a second, a key frame every 2 s; ${SECONDS} s each; Chromium ${window.browser.version()}`,
);
console.log(`${cpus().length} cores, load ${loadavg()[0]?.toFixed(1)} at the start. Columns: p50 / p95.`);
const ours = await measure("fragments of 250 ms (ours)", rtsp, window, capture);
const peer = await measure("one fragment a group (plain copy)", rtsp, window, captureByGroup);
const columns = ["from controller", "from camera", "first warm / cold"].map((each) => each.padEnd(18));
console.log(`${"".padEnd(34)} ${columns.join(" ")} stalls`);
console.log(row(ours));
console.log(row(peer));
const ratio = percentile(peer.wholeMs, 0.5) / percentile(ours.wholeMs, 0.5);
console.log(`ours is ${ratio.toFixed(1)} times nearer to the present (whole way)`);
const kept = percentile(ours.onwardMs, 0.95) <= BAR_P95_MS && percentile(ours.firstMs, 0.5) < BAR_FIRST_MS;
console.log(
  `bar (p95 from the controller <= ${BAR_P95_MS} ms, first picture < ${BAR_FIRST_MS} ms): ${kept ? "kept" : "MISSED"}`,
);
