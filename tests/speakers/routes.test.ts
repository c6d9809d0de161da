import type { FastifyInstance } from "fastify";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { AgentConfig, parseHallPublicKey } from "../../src/agent/config.ts";
import type { Role } from "../../src/identity/actor.ts";
import { buildPanel } from "../../src/panel/app.ts";
import { hamletRoutes } from "../../src/speakers/hamlet-routes.ts";
import { openSpeakerLink } from "../../src/speakers/link.ts";
import { loadSpeakerProfiles } from "../../src/speakers/profile.ts";
import { openRegistry } from "../../src/speakers/registry.ts";
import { speakerRoutes } from "../../src/speakers/routes.ts";
import { openHallKey } from "../../src/speakers/signing.ts";
import { SPEAKERS_SCHEMA } from "../../src/speakers/store.ts";
import { migrate } from "../../src/store/migrate.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { PROFILES } from "../support/speaker-hall.ts";
import { openTestPanel, PASSWORD, type TestPanel } from "../support/test-panel.ts";

/** Noon in Vietnam, and 23:00 of the same day. */
const NOON = Date.UTC(2026, 10, 24, 5);
const NIGHT = Date.UTC(2026, 10, 24, 16);

let panel: TestPanel;
let app: FastifyInstance;
let clock: FakeClock;

beforeEach(async () => {
  clock = new FakeClock(NOON);
  const bare = await openTestPanel();
  const { database, dataDir, log } = bare;
  migrate(database, [SPEAKERS_SCHEMA]);
  const registry = openRegistry({ database, clock, profiles: loadSpeakerProfiles(PROFILES) });
  const key = openHallKey(dataDir);
  const timeZone = "Asia/Ho_Chi_Minh";
  const { audit, tls } = bare.parts;
  const link = openSpeakerLink({
    database,
    clock,
    log,
    registry,
    key,
    timeZone,
    onReceipt: () => undefined,
    onStatus: () => undefined,
  });
  const features = [
    hamletRoutes({ database, registry, audit, consequencesOf: ({ name }) => [{ en: name, vi: name }] }),
    speakerRoutes({
      database,
      registry,
      link,
      audit,
      clock,
      timeZone,
      hallAddresses: () => ({
        mqttUrl: "mqtts://192.168.1.10:8883",
        audioUrl: "https://192.168.1.10:8444",
        radioUrl: "http://192.168.1.10:8000",
        caPem: tls.caPem,
        publicKey: key.publicKey,
      }),
    }),
  ];
  panel = bare;
  app = await buildPanel({ ...bare.parts, features });
});
afterEach(async () => {
  await app.close();
  await panel[Symbol.asyncDispose]();
});

type As = (
  method: "GET" | "POST" | "PATCH" | "PUT" | "DELETE",
  url: string,
  payload?: object,
) => Promise<Answer>;

interface Answer {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

async function login(role: Role): Promise<As> {
  const name = `the-${role}`;
  const answer = await app.inject({
    method: "POST",
    url: "/api/login",
    payload: { name, password: PASSWORD },
  });
  const [cookie = ""] = String(answer.headers["set-cookie"]).split(";");
  const { csrfToken } = answer.json<{ csrfToken: string }>();
  return async (method, url, payload) => {
    const headers = { cookie, "x-csrf-token": csrfToken };
    const got = await app.inject({ method, url: `/api${url}`, headers, ...(payload && { payload }) });
    return { status: got.statusCode, body: got.json<Record<string, unknown>>() };
  };
}

test("a technician sets up a hamlet and a speaker and gets what goes into the device", async () => {
  const as = await login("technician");
  expect((await as("POST", "/hamlets", { name: "Thôn Đông" })).status).toBe(201);
  const { status, body } = await as("POST", "/speakers", { name: "Loa chợ", hamlet: "thon-dong" });
  expect(status).toBe(201);
  const { speaker, provisioning } = body as { speaker: object; provisioning: { config: object } };
  expect(speaker).toMatchObject({
    id: "loa-cho",
    hamletName: "Thôn Đông",
    presence: "unknown",
    playing: null,
  });
  const config = AgentConfig.parse(provisioning.config);
  expect(config).toMatchObject({
    id: "loa-cho",
    hamlet: "thon-dong",
    hall: { mqttUrl: "mqtts://192.168.1.10:8883" },
  });
  expect(parseHallPublicKey(config.hallPublicKey).asymmetricKeyType).toBe("ed25519");
  expect(panel.parts.audit.read({ limit: 10 }).map(({ action }) => action)).toContain("speaker.add");
  expect(JSON.stringify(panel.parts.audit.read({ limit: 10 }))).not.toContain(config.secret);
});

test("a radio box gets the address it is to play, and a new one when renewed", async () => {
  const as = await login("technician");
  await as("POST", "/hamlets", { name: "Thôn Đông" });
  const address = (answer: Answer): unknown => (answer.body["provisioning"] as { address: string }).address;
  const made = address(
    await as("POST", "/speakers", { name: "Hộp", hamlet: "thon-dong", profile: "http-icy" }),
  );
  expect(made).toMatch(/^http:\/\/192\.168\.1\.10:8000\/icy\/[\w-]{32}$/);
  expect(address(await as("POST", "/speakers/hop/renew"))).not.toBe(made);
});

test("what was set up is listed, changed and removed", async () => {
  const as = await login("technician");
  await as("POST", "/hamlets", { name: "Thôn Đông" });
  await as("POST", "/hamlets", { name: "Thôn Tây" });
  await as("POST", "/hamlet-groups", { name: "Cả hai", hamlets: ["thon-dong", "thon-tay"] });
  await as("POST", "/speakers", { name: "A", hamlet: "thon-dong" });
  await as("PATCH", "/speakers/a", { hamlet: "thon-tay", place: { latitude: 16, longitude: 107 } });
  await as("PUT", "/speakers/a/volume", { volumePercent: 35 });
  expect((await as("GET", "/speakers/a")).body).toMatchObject({
    hamlet: "thon-tay",
    volumePercent: 35,
    place: { latitude: 16, longitude: 107 },
  });
  expect((await as("GET", "/speakers")).body).toMatchObject({ speakers: [{ id: "a" }] });
  expect((await as("GET", "/hamlets")).body).toMatchObject({
    hamlets: [
      { id: "thon-dong", speakers: 0 },
      { id: "thon-tay", speakers: 1 },
    ],
  });
  const changed = await as("PATCH", "/hamlets/thon-tay", { quietHours: [], caps: { sessionsPerDay: 3 } });
  expect(changed.body).toMatchObject({ quietHours: [], consequences: [{ vi: "Thôn Tây" }] });
  expect((await as("DELETE", "/hamlets/thon-tay")).status).toBe(409);
  await as("PATCH", "/hamlet-groups/ca-hai", { hamlets: ["thon-dong"] });
  expect((await as("GET", "/hamlet-groups")).body).toEqual({
    groups: [{ id: "ca-hai", name: "Cả hai", hamlets: ["thon-dong"] }],
  });
  expect((await as("GET", "/speaker-profiles")).body).toMatchObject({
    profiles: [{ id: "http-icy" }, {}, {}],
  });
  for (const path of ["/speakers/a", "/hamlets/thon-tay", "/hamlet-groups/ca-hai"]) {
    expect((await as("DELETE", path)).body).toEqual({ removed: true });
  }
});

describe("who may", () => {
  test.each<[Role, number, number, number]>([
    ["viewer", 200, 403, 403],
    ["leader", 200, 403, 403],
    ["officer", 200, 403, 200],
    ["technician", 200, 200, 200],
    ["admin", 200, 200, 200],
  ])("%s: read %i, rename %i, set the volume %i", async (role, read, rename, volume) => {
    const admin = await login("admin");
    await admin("POST", "/hamlets", { name: "Thôn Đông" });
    await admin("POST", "/speakers", { name: "A", hamlet: "thon-dong" });
    const as = await login(role);
    expect([
      (await as("GET", "/speakers")).status,
      (await as("PATCH", "/speakers/a", { name: "B" })).status,
      (await as("PUT", "/speakers/a/volume", { volumePercent: 1 })).status,
    ]).toEqual([read, rename, volume]);
  });
});

describe("the test tone", () => {
  test("is short and quiet, or refused", async () => {
    const as = await login("technician");
    await as("POST", "/hamlets", { name: "Thôn Đông" });
    await as("POST", "/speakers", { name: "A", hamlet: "thon-dong" });
    expect((await as("POST", "/speakers/a/test-tone", { volumePercent: 31 })).status).toBe(400);
    expect((await as("POST", "/speakers/a/test-tone", { toneMs: 10_001 })).status).toBe(400);
  });

  test("does not sound in quiet hours unless said twice", async () => {
    clock.step(NIGHT - NOON);
    const as = await login("technician");
    await as("POST", "/hamlets", { name: "Thôn Đông" });
    await as("POST", "/speakers", { name: "Hộp", hamlet: "thon-dong", profile: "http-icy" });
    const refused = await as("POST", "/speakers/hop/test-tone", {});
    expect([refused.status, refused.body["message"]]).toEqual([
      409,
      "Thôn Đông đang trong khung giờ yên tĩnh.",
    ]);
    const confirmed = await as("POST", "/speakers/hop/test-tone", { confirmed: true });
    expect(confirmed.body).toEqual({ outcome: "unsupported" });
  });
});
