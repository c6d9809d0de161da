import { afterEach, beforeEach, expect, test } from "vitest";
import { openAccess } from "../../../src/cameras/access.ts";
import { openCameraEvents } from "../../../src/cameras/events/camera-events.ts";
import { eventRoutes } from "../../../src/cameras/events/event-routes.ts";
import { EVENTS_SCHEMA, openEventStore, type EventStore } from "../../../src/cameras/events/event-store.ts";
import type { EventKind } from "../../../src/cameras/rules/model.ts";
import { systemClock } from "../../../src/kernel/clock.ts";
import { DAY_MS, epochMs } from "../../../src/kernel/time.ts";
import { migrate } from "../../../src/store/migrate.ts";
import { aCamera, GATE, MemoryCameras } from "../camera-house.ts";
import { openPrivacyHouse, type PrivacyHouse } from "../privacy/privacy-house.ts";

let house: PrivacyHouse;
let store: EventStore;

beforeEach(async () => {
  const cameras = new MemoryCameras(aCamera({ watchRoles: ["officer"] }));
  house = await openPrivacyHouse(({ database, log, parts: { audit } }) => {
    migrate(database, [EVENTS_SCHEMA]);
    store = openEventStore(database);
    const events = openCameraEvents({
      database,
      cameras,
      clock: systemClock,
      log,
      random: () => 0,
      connect: () => Promise.resolve(undefined),
      clockOffsetMs: () => undefined,
      topics: () => [],
      onLink: () => undefined,
    });
    return [eventRoutes({ events, access: openAccess({ cameras, audit }) })];
  });
});

afterEach(() => house[Symbol.asyncDispose]());

function add(
  atMs: number,
  { endMs, kind = "motion" }: { endMs?: number | null; kind?: EventKind } = {},
): number {
  const at = epochMs(atMs);
  const momentary = endMs === undefined;
  const draft = { camera: GATE, at, arrivedAt: at, kind, topic: "t", source: {}, data: {} };
  const { id } = store.add({ ...draft, momentary });
  if (endMs !== undefined && endMs !== null) store.setEnd(id, epochMs(endMs));
  return id;
}

test("answers what touches the stretch, by its beginning", async () => {
  const as = await house.as("officer");
  add(500);
  add(600, { endMs: 1_000 });
  const over = add(900, { endMs: 1_500 });
  const open = add(200, { endMs: null, kind: "input" });
  const inside = add(1_200);
  add(2_000);
  store.bookmark(inside);
  const { status, body } = await as("GET", `/cameras/${GATE}/events?from=1000&to=2000`);
  expect(status).toBe(200);
  expect(body).toEqual({
    events: [
      {
        id: open,
        at: 200,
        arrivedAt: 200,
        kind: "input",
        topic: "t",
        on: true,
        endAt: null,
        bookmarked: false,
      },
      {
        id: over,
        at: 900,
        arrivedAt: 900,
        kind: "motion",
        topic: "t",
        on: false,
        endAt: 1_500,
        bookmarked: false,
      },
      {
        id: inside,
        at: 1_200,
        arrivedAt: 1_200,
        kind: "motion",
        topic: "t",
        on: null,
        endAt: 1_200,
        bookmarked: true,
      },
    ],
    now: { link: null, since: expect.any(Number), said: null, states: [] },
  });
});

test.each([
  ["ends before it begins", `from=2000&to=1000`, 400, "to"],
  ["is longer than a month", `from=0&to=${32 * DAY_MS}`, 400, "from"],
  ["is no time", `from=yesterday&to=1000`, 400, undefined],
])("refuses a stretch that %s", async (_name, query, status, field) => {
  const as = await house.as("officer");
  const answer = await as("GET", `/cameras/${GATE}/events?${query}`);
  expect(answer.status).toBe(status);
  if (field !== undefined) expect(JSON.stringify(answer.body)).toContain(`"${field}"`);
});

test("is not for those who may not see the camera, nor for strange ids", async () => {
  const viewer = await house.as("viewer");
  expect((await viewer("GET", `/cameras/${GATE}/events?from=0&to=1000`)).status).toBe(403);
  const admin = await house.as("admin");
  expect((await admin("GET", "/cameras/nowhere/events?from=0&to=1000")).status).toBe(404);
  expect((await admin("GET", "/cameras/..%2f..%2fetc/events?from=0&to=1000")).status).toBe(400);
});

test("what was going on when the daemon died is over at the next start", () => {
  const open = add(200, { endMs: null });
  store.endForgotten();
  expect(store.between(GATE, { from: epochMs(0), to: epochMs(1_000) }, 9)).toMatchObject([
    { id: open, on: false, endAt: 200 },
  ]);
});

test("keeps the newest of too many, and never loses one that goes on", () => {
  const open = add(100, { endMs: null });
  for (const at of [200, 300, 400]) add(at);
  expect(store.removeBeyond(GATE, 2)).toBe(1);
  expect(store.between(GATE, { from: epochMs(0), to: epochMs(1_000) }, 9).map(({ at }) => at)).toEqual([
    100, 300, 400,
  ]);
  expect(store.between(GATE, { from: epochMs(0), to: epochMs(1_000) }, 2).map(({ at }) => at)).toEqual([
    300, 400,
  ]);
  store.setEnd(open, epochMs(150));
  expect(store.removeBefore(GATE, epochMs(301))).toBe(2);
  expect(store.cameras()).toEqual([GATE]);
});
