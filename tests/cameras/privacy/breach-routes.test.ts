import { afterEach, beforeEach, expect, test } from "vitest";
import { breachRoutes } from "../../../src/cameras/privacy/breach-routes.ts";
import { openBreaches } from "../../../src/cameras/privacy/breaches.ts";
import { PRIVACY_SCHEMA } from "../../../src/cameras/privacy/requests-store.ts";
import { HOUR_MS } from "../../../src/kernel/time.ts";
import { migrate } from "../../../src/store/migrate.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { openPrivacyHouse, type PrivacyHouse } from "./privacy-house.ts";

const NOW = Date.UTC(2026, 10, 23, 2);

let house: PrivacyHouse;
let clock: FakeClock;
let told: unknown[];

beforeEach(async () => {
  clock = new FakeClock(NOW);
  told = [];
  house = await openPrivacyHouse(({ database, parts: { audit } }) => {
    migrate(database, [PRIVACY_SCHEMA]);
    const breaches = openBreaches({ database, audit, clock });
    return [breachRoutes({ breaches, clock, notify: (event) => told.push(event) })];
  });
});

afterEach(() => house[Symbol.asyncDispose]());

test("a breach counts its 72 hours from when it was found until the authority is told", async () => {
  const as = await house.as("technician");
  const foundAt = NOW - 2 * HOUR_MS;
  const added = await as("POST", "/breaches", { what: "Mất điện thoại còn đăng nhập", foundAt });
  expect(added.status).toBe(201);
  expect(added.body).toMatchObject({
    notedBy: "the-technician",
    notifyBy: foundAt + 72 * HOUR_MS,
    late: false,
    said: { vi: "còn 70 giờ 0 phút để thông báo cơ quan" },
  });
  await clock.advance(71 * HOUR_MS);
  expect((await as("GET", "/breaches")).body).toMatchObject({ breaches: [{ late: true }] });
  const id = String(added.body["id"]);
  const done = await as("POST", `/breaches/${id}/steps`, { step: "authority" });
  expect(done.body).toMatchObject({ late: true, said: { vi: "đã thông báo cơ quan, trễ hạn 72 giờ" } });
  await clock.advance(HOUR_MS);
  const again = await as("POST", `/breaches/${id}/steps`, { step: "authority" });
  expect(again.body["steps"]).toEqual(done.body["steps"]);
  expect(told).toHaveLength(3);
  const trail = house.panel.parts.audit.read({ limit: 5, subject: id });
  expect(trail.map(({ action }) => action)).toEqual(["breach.step", "breach.add"]);
});

test.each<[string, object, number, string | null]>([
  ["that nothing is said of", { what: " " }, 400, "what"],
  ["found in the future", { what: "Mất máy", foundAt: NOW + 1 }, 400, "foundAt"],
  ["found years ago", { what: "Mất máy", foundAt: NOW - 9_000 * HOUR_MS }, 400, "foundAt"],
])("refuses a breach %s", async (_name, body, status, field) => {
  const as = await house.as("officer");
  const answer = await as("POST", "/breaches", body);
  expect([answer.status, answer.body["field"]]).toEqual([status, field]);
});

test("knows neither steps nor breaches that are not there, and viewers not at all", async () => {
  const as = await house.as("officer");
  expect((await as("POST", "/breaches/9/steps", { step: "contain" })).status).toBe(404);
  expect((await as("POST", "/breaches/9/steps", { step: "dance" })).status).toBe(400);
  const viewer = await house.as("viewer");
  expect((await viewer("GET", "/breaches")).status).toBe(403);
});
