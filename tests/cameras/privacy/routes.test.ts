import { createHash } from "node:crypto";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openAccess } from "../../../src/cameras/access.ts";
import { privacyRoutes } from "../../../src/cameras/privacy/routes.ts";
import { openWatchLog, type WatchLog } from "../../../src/cameras/watch-log.ts";
import { HOUR_MS, MINUTE_MS } from "../../../src/kernel/time.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { aCamera, GATE, MemoryCameras, person } from "../camera-house.ts";
import { openPrivacyHouse, type PrivacyHouse } from "./privacy-house.ts";

let house: PrivacyHouse;
let cameras: MemoryCameras;
let clock: FakeClock;
let watchLog: WatchLog;

beforeEach(async () => {
  clock = new FakeClock(Date.now());
  cameras = new MemoryCameras(
    aCamera({ watchRoles: ["leader", "officer"], purpose: "Giữ trật tự <quầy> & an toàn" }),
  );
  house = await openPrivacyHouse(({ parts: { audit } }) => {
    watchLog = openWatchLog({ audit, clock });
    return [
      privacyRoutes({
        cameras,
        access: openAccess({ cameras, audit }),
        audit,
        watchLog,
        clock,
        timeZone: "Asia/Ho_Chi_Minh",
        owner: { commune: "Xã Thử", contact: "Bà Hoa, 0912 345 678", url: null },
      }),
    ];
  });
});

afterEach(async () => {
  watchLog[Symbol.dispose]();
  await house[Symbol.asyncDispose]();
});

test("a leader reads who watched, as a list and as a table", async () => {
  const as = await house.as("leader");
  const watch = watchLog.live(GATE, person("viewer", "Bình"), "main");
  await clock.advance(3_000);
  watch[Symbol.dispose]();
  const { status, body } = await as("GET", `/cameras/${GATE}/watched`);
  expect(status).toBe(200);
  expect(body["watched"]).toMatchObject([
    { actorName: "Bình", act: "live", seconds: 3, state: "done", said: { vi: "xem trực tiếp 3 giây" } },
  ]);
  const table = await as("GET", `/cameras/${GATE}/watched.csv`);
  expect(table.headers).toMatchObject({
    "content-type": "text/csv; charset=utf-8",
    "content-disposition": `attachment; filename="nguoi-xem-${GATE}.csv"`,
  });
  expect(table.text).toContain("Bình,Xem trực tiếp,3,xem trực tiếp 3 giây,camera.watch");
});

test.each(["officer", "viewer", "technician"] as const)("the report is not for the %s", async (role) => {
  const as = await house.as(role);
  expect((await as("GET", `/cameras/${GATE}/watched`)).status).toBe(403);
});

test.each([
  ["from=2000&to=1000"],
  [`from=0&to=${100 * 24 * HOUR_MS}`],
  ["from=-5&to=5"],
  ["from=1e300"],
  ["from=gestern"],
])("refuses to report %s and says which field is wrong", async (query) => {
  const as = await house.as("leader");
  const { status, body } = await as("GET", `/cameras/${GATE}/watched?${query}`);
  expect([status, body["field"]]).toEqual([400, "from"]);
});

test("a camera is paused by hand, the pause is ended, and both are in the trail", async () => {
  const as = await house.as("officer");
  const paused = await as("POST", `/cameras/${GATE}/pause`, { minutes: 30, reason: "Họp kín" });
  const until = clock.now() + 30 * MINUTE_MS;
  expect([paused.status, paused.body]).toEqual([200, { pausedUntil: until }]);
  expect(cameras.get(GATE).pausedUntil).toBe(until);
  const resumed = await as("POST", `/cameras/${GATE}/pause`, { until: null });
  expect(resumed.body).toEqual({ pausedUntil: null });
  const trail = house.panel.parts.audit.read({ limit: 10, subject: GATE });
  expect(trail.map(({ action, details }) => [action, details])).toEqual([
    ["camera.resume", { until: null, reason: "Tạm dừng bằng tay" }],
    ["camera.pause", { until, reason: "Họp kín" }],
  ]);
});

test.each<[string, () => object, string]>([
  ["neither minutes nor an end", () => ({}), "minutes"],
  ["both", () => ({ minutes: 5, until: null }), "minutes"],
  ["too many minutes", () => ({ minutes: 721 }), "minutes"],
  ["an end that is past", () => ({ until: clock.now() }), "until"],
  ["an end too far away", () => ({ until: clock.now() + 13 * HOUR_MS }), "until"],
])("refuses a pause with %s", async (_name, wish, field) => {
  const as = await house.as("leader");
  const { status, body } = await as("POST", `/cameras/${GATE}/pause`, wish());
  expect([status, body["field"]]).toEqual([400, field]);
  expect(cameras.get(GATE).pausedUntil).toBeNull();
});

test("who may not watch a camera may not pause it either, and the attempt is noted", async () => {
  cameras.change(GATE, { watchRoles: ["leader"] });
  const as = await house.as("officer");
  const { status, body } = await as("POST", `/cameras/${GATE}/pause`, { minutes: 5 });
  expect(status).toBe(403);
  expect(body["message"]).toContain("tạm dừng");
  expect(house.panel.parts.audit.read({ limit: 1 })).toMatchObject([
    { action: "camera.refused", details: { act: "pause" } },
  ]);
});

test("the sign is a page that runs nothing, names what it must, and escapes it", async () => {
  const as = await house.as("viewer");
  const { status, headers, text } = await as("GET", `/cameras/${GATE}/sign`);
  expect([status, headers["content-type"]]).toEqual([200, "text/html; charset=utf-8"]);
  const style = /<style>([^<]*)<\/style>/.exec(text)?.[1] ?? "";
  const hash = createHash("sha256").update(style).digest("base64");
  expect(headers["content-security-policy"]).toContain(`default-src 'none'; style-src 'sha256-${hash}'`);
  for (const words of [
    "Khu vực có camera ghi hình",
    "Ủy ban nhân dân xã Thử",
    "Giữ trật tự &lt;quầy&gt; &amp; an toàn",
    "Không ghi âm.",
    "Tối đa 15 ngày",
    "91/2025/QH15, Điều 32",
    "Bà Hoa, 0912 345 678",
    'lang="en">This area is recorded on video, without sound.',
  ]) {
    expect(text).toContain(words);
  }
  expect(text).toMatch(/<svg [^>]*viewBox="0 0 \d+ \d+"/);
  expect(text).not.toMatch(/<script|style="|onclick/);
});

test("there is no sign for a camera that is not there", async () => {
  const as = await house.as("viewer");
  expect((await as("GET", "/cameras/khong-co/sign")).status).toBe(404);
});
