import { afterEach, beforeEach, expect, test } from "vitest";
import { DEFAULT_HOLIDAYS } from "../../../src/broadcast/rules/holidays.ts";
import { openDataRequests, type DataRequests } from "../../../src/cameras/privacy/data-requests.ts";
import { dataRequestRoutes } from "../../../src/cameras/privacy/request-routes.ts";
import { PRIVACY_SCHEMA } from "../../../src/cameras/privacy/requests-store.ts";
import { DAY_MS, HOUR_MS } from "../../../src/kernel/time.ts";
import { migrate } from "../../../src/store/migrate.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { GATE } from "../camera-house.ts";
import { openPrivacyHouse, type As, type PrivacyHouse } from "./privacy-house.ts";

/** 09:00 on Monday, 23/11/2026, in the commune. */
const NOW = Date.UTC(2026, 10, 23, 2);
const DRAFT = {
  kind: "copy",
  person: "Nguyễn Văn An",
  contact: "0912 345 678",
  camera: GATE,
  from: NOW - DAY_MS,
  to: NOW - DAY_MS + HOUR_MS,
  what: "Xin bản sao lúc tôi nộp hồ sơ",
};

let house: PrivacyHouse;
let clock: FakeClock;
let requests: DataRequests;
let told: unknown[];
let as: As;

beforeEach(async () => {
  clock = new FakeClock(NOW);
  told = [];
  house = await openPrivacyHouse(({ database, parts: { audit } }) => {
    migrate(database, [PRIVACY_SCHEMA]);
    requests = openDataRequests({
      database,
      audit,
      clock,
      timeZone: "Asia/Ho_Chi_Minh",
      holidays: () => DEFAULT_HOLIDAYS,
    });
    return [dataRequestRoutes({ requests, clock, notify: (event) => told.push(event) })];
  });
  as = await house.as("officer");
});

afterEach(() => house[Symbol.asyncDispose]());

test("a request runs from its receipt to its answer, with every step in the trail and no name in it", async () => {
  const added = await as("POST", "/data-requests", DRAFT);
  expect(added.status).toBe(201);
  expect(added.body).toMatchObject({
    id: "YC-2026-0001",
    state: "received",
    receivedBy: "the-officer",
    late: false,
    acknowledgeBy: Date.UTC(2026, 10, 25, 17),
    answerBy: Date.UTC(2026, 11, 3, 17),
    said: { vi: "xác nhận đã nhận chậm nhất ngày 25/11/2026, còn 2 ngày" },
  });
  const acknowledged = await as("POST", "/data-requests/YC-2026-0001/acknowledge");
  expect(acknowledged.body).toMatchObject({ state: "acknowledged", handler: "the-officer" });
  await clock.advance(3 * DAY_MS);
  const answered = await as("POST", "/data-requests/YC-2026-0001/answer", {
    outcome: "granted",
    answer: "Đã giao bản sao cho công dân",
    others: "Đã che mờ người khác",
    exportId: "x-1",
  });
  expect(answered.body).toMatchObject({
    state: "answered",
    endedAt: NOW + 3 * DAY_MS,
    said: { vi: "đã trả lời đúng hạn" },
  });
  expect((await as("GET", "/data-requests/YC-2026-0001")).body).toEqual(answered.body);
  expect(told).toEqual(Array(3).fill({ type: "data-request", id: "YC-2026-0001" }));
  const trail = house.panel.parts.audit.read({ limit: 10, subject: "YC-2026-0001" });
  expect(trail.map(({ action }) => action)).toEqual([
    "data-request.answer",
    "data-request.acknowledge",
    "data-request.add",
  ]);
  expect(JSON.stringify(trail)).not.toContain("Nguyễn");
});

test("numbers count on within their year of receipt", async () => {
  const idOf = async (receivedAt: number): Promise<unknown> =>
    (await as("POST", "/data-requests", { ...DRAFT, from: null, to: null, receivedAt })).body["id"];
  expect(await idOf(NOW)).toBe("YC-2026-0001");
  expect(await idOf(NOW - 300 * DAY_MS)).toBe("YC-2026-0002");
  expect(await idOf(Date.UTC(2025, 11, 30))).toBe("YC-2025-0001");
  expect(await idOf(NOW)).toBe("YC-2026-0003");
});

test("what is due first stands first, what is closed last, and what is overdue is said", async () => {
  for (const kind of ["delete", "view", "restrict"]) {
    await as("POST", "/data-requests", { ...DRAFT, kind });
    await as(
      "POST",
      `/data-requests/YC-2026-000${["delete", "view", "restrict"].indexOf(kind) + 1}/acknowledge`,
    );
  }
  await as("POST", "/data-requests/YC-2026-0003/withdraw", { reason: "Đã tự giải quyết" });
  const listed = async (): Promise<string[]> => {
    const { requests: all } = (await as("GET", "/data-requests")).body as { requests: { id: string }[] };
    return all.map(({ id }) => id);
  };
  expect(await listed()).toEqual(["YC-2026-0002", "YC-2026-0001", "YC-2026-0003"]);
  expect(requests.problems()).toEqual([]);
  await clock.advance(11 * DAY_MS);
  expect(requests.problems().map(({ vi }) => vi)).toEqual([
    "Yêu cầu về dữ liệu hình ảnh đã quá hạn: YC-2026-0002. Hãy xử lý ở trang Yêu cầu.",
  ]);
});

test.each<[string, object, string]>([
  ["no kind", { kind: "look" }, "kind"],
  ["nobody who asks", { person: "  " }, "person"],
  ["half a time", { to: null }, "to"],
  ["a time that ends before it begins", { to: NOW - 2 * DAY_MS }, "from"],
  ["a time that has not come", { from: NOW + DAY_MS, to: NOW + 2 * DAY_MS }, "from"],
  ["a receipt in the future", { receivedAt: NOW + 1 }, "receivedAt"],
  ["a receipt long ago", { receivedAt: NOW - 400 * DAY_MS }, "receivedAt"],
  ["a camera whose id is none", { camera: "../etc" }, "camera"],
])("refuses a request with %s and says which field is wrong", async (_name, change, field) => {
  const { status, body } = await as("POST", "/data-requests", { ...DRAFT, ...change });
  expect([status, body["field"]]).toEqual([400, field]);
  expect(requests.list(10)).toEqual([]);
});

test("pictures that may show others are not handed over without a ground", async () => {
  await as("POST", "/data-requests", DRAFT);
  const answer = { outcome: "granted", answer: "Đã giao" };
  const refused = await as("POST", "/data-requests/YC-2026-0001/answer", answer);
  expect([refused.status, refused.body["field"]]).toEqual([400, "others"]);
  const not = await as("POST", "/data-requests/YC-2026-0001/answer", { ...answer, outcome: "refused" });
  expect(not.status).toBe(200);
});

test("a closed request takes no further step, and says so", async () => {
  await as("POST", "/data-requests", DRAFT);
  await as("POST", "/data-requests/YC-2026-0001/withdraw", { reason: "Nhầm ngày" });
  for (const [step, body] of [
    ["acknowledge", {}],
    ["answer", { outcome: "refused", answer: "Không" }],
    ["withdraw", { reason: "Lại nhầm" }],
  ] as const) {
    const again = await as("POST", `/data-requests/YC-2026-0001/${step}`, body);
    expect(again.status).toBe(409);
    expect(again.body["message"]).toBe("Yêu cầu YC-2026-0001 đã qua bước này: người yêu cầu đã rút.");
  }
});

test("the register is for those who handle requests, and knows what it does not have", async () => {
  for (const role of ["viewer", "technician"] as const) {
    const other = await house.as(role);
    expect((await other("GET", "/data-requests")).status).toBe(403);
  }
  expect((await as("GET", "/data-requests/YC-2026-0009")).status).toBe(404);
});
