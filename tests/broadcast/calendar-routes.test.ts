import fastify, { type FastifyInstance, type LightMyRequestResponse } from "fastify";
import { serializerCompiler, validatorCompiler } from "fastify-type-provider-zod";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { bulletinRoutes } from "../../src/broadcast/bulletin-routes.ts";
import { calendarRoutes } from "../../src/broadcast/calendar-routes.ts";
import type { OffCalendar } from "../../src/broadcast/calendar-view.ts";
import type { Actor } from "../../src/identity/actor.ts";
import { epochMs, HOUR_MS, MINUTE_MS } from "../../src/kernel/time.ts";
import { answerError } from "../../src/panel/answers.ts";
import { addRouteRules } from "../../src/panel/route-rules.ts";
import { RecordingLog } from "../support/recording-log.ts";
import { LAN, MINH, MORNING, openHouse, person, TIME_ZONE, type House } from "./calendar-house.ts";

const VIEWER = person("Xem", "viewer");
const PEOPLE = new Map([LAN, MINH, VIEWER].map((actor) => [actor.id, actor]));
const AT_FIVE = Date.parse("2026-11-23T17:00:00+07:00");

let house: House;
let app: FastifyInstance;
let broken: () => readonly string[];
let offCalendar: OffCalendar;

beforeEach(async () => {
  house = openHouse();
  offCalendar = { unscheduled: [], stops: [], holds: [] };
  app = fastify();
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  app.setErrorHandler(answerError(new RecordingLog()));
  app.decorateRequest("actor", undefined);
  app.addHook("onRequest", (request, _reply, done) => {
    request.actor = PEOPLE.get(String(request.headers["as"]));
    done();
  });
  broken = addRouteRules(app);
  const { calendar, clock, bulletins } = house;
  await app.register(bulletinRoutes(bulletins), { prefix: "/api" });
  await app.register(
    calendarRoutes({ calendar, clock, timeZone: TIME_ZONE, offCalendar: () => offCalendar }),
    { prefix: "/api" },
  );
});

afterEach(async () => {
  await app.close();
  house[Symbol.dispose]();
});

type Method = "GET" | "POST" | "PUT" | "DELETE";

async function ask(
  who: Actor,
  call: `${Method} ${string}`,
  payload?: object,
): Promise<LightMyRequestResponse> {
  const [method, path] = call.split(" ") as [Method, string];
  return app.inject({
    method,
    url: `/api${path}`,
    headers: { as: who.id },
    ...(payload === undefined ? {} : { payload }),
  });
}

async function asked<T>(who: Actor, call: `${Method} ${string}`, payload?: object): Promise<T> {
  const answer = await ask(who, call, payload);
  if (answer.statusCode >= 300) throw new Error(`${call}: ${answer.statusCode} ${answer.body}`);
  return answer.json<T>();
}

interface BulletinAnswer {
  readonly id: string;
  readonly version: number;
  readonly seal: string;
  readonly state: string;
}
interface SavedAnswer {
  readonly slots: { readonly id: string; readonly version: number }[];
  readonly said: { readonly vi: string };
  readonly saved: boolean;
}

const NEWS = {
  title: "Tin sáng",
  category: "Thời sự",
  class: "ordinary",
  chime: false,
  content: { type: "audio", audioId: "news" },
};

async function approvedBulletin(changes: object = {}): Promise<string> {
  const { id, version } = await asked<BulletinAnswer>(LAN, "POST /bulletins", { ...NEWS, ...changes });
  const sent = await asked<BulletinAnswer>(LAN, `POST /bulletins/${id}/submit`, { version });
  await asked(MINH, `POST /bulletins/${id}/approve`, { version: sent.version, seal: sent.seal });
  return id;
}

const daily = (bulletinId: string, startTime = "17:00"): object => ({
  bulletinId,
  startTime,
  recurrence: { type: "daily" },
  targets: { type: "everywhere" },
});

test("every route has a guard, a summary, tags and an answer", () => {
  expect(broken()).toEqual([]);
});

test("a bulletin's whole way, by its addresses", async () => {
  const { id, version } = await asked<BulletinAnswer>(LAN, "POST /bulletins", NEWS);
  const changed = await asked<BulletinAnswer>(LAN, `PUT /bulletins/${id}`, {
    ...NEWS,
    title: "Tin trưa",
    version,
  });
  const sent = await asked<BulletinAnswer>(LAN, `POST /bulletins/${id}/submit`, { version: changed.version });
  const back = await asked<BulletinAnswer>(MINH, `POST /bulletins/${id}/return`, {
    version: sent.version,
    reason: "Sai tên thôn",
  });
  const again = await asked<BulletinAnswer>(LAN, `POST /bulletins/${id}/submit`, { version: back.version });
  const decision = { version: again.version, seal: again.seal, expiresAt: MORNING + HOUR_MS };
  expect(await asked(MINH, `POST /bulletins/${id}/approve`, decision)).toMatchObject({
    title: "Tin trưa",
    state: "approved",
    approved: { name: "Minh" },
    expiresAt: MORNING + HOUR_MS,
    barred: null,
    note: null,
  });
  const { steps } = await asked<{ steps: { step: string; reason: string | null }[] }>(
    VIEWER,
    `GET /bulletins/${id}`,
  );
  expect(steps.map(({ step }) => step)).toEqual(["submit", "return", "submit", "approve"]);
  expect(steps[1]?.reason).toBe("Sai tên thôn");
  const listed = async (query: string): Promise<number> =>
    (await asked<{ bulletins: unknown[] }>(VIEWER, `GET /bulletins${query}`)).bulletins.length;
  expect([await listed(""), await listed("?state=approved"), await listed("?class=emergency")]).toEqual([
    1, 1, 0,
  ]);
  expect((await ask(LAN, `DELETE /bulletins/${id}?version=6`)).json()).toEqual({ removed: true });
  expect((await ask(LAN, `GET /bulletins/${id}`)).statusCode).toBe(404);
});

test("an emergency shows in the list of what awaits a countersignature", async () => {
  const { id, version } = await asked<BulletinAnswer>(LAN, "POST /bulletins", {
    ...NEWS,
    class: "emergency",
  });
  const sent = await asked<BulletinAnswer>(LAN, `POST /bulletins/${id}/submit`, { version });
  const waiting = async (): Promise<unknown[]> =>
    (
      await asked<{ bulletins: { id: string }[] }>(MINH, "GET /bulletins?awaitsCountersign=true")
    ).bulletins.map((one) => one.id);
  expect(await waiting()).toEqual([id]);
  await asked(MINH, `POST /bulletins/${id}/countersign`, { version: sent.version, seal: sent.seal });
  expect(await waiting()).toEqual([]);
});

test.each<[string, Actor, `${Method} ${string}`, number]>([
  ["a viewer may look", VIEWER, "GET /slots", 200],
  ["a viewer may not write", VIEWER, "POST /bulletins", 403],
  ["a viewer may not plan", VIEWER, "POST /slots", 403],
  ["an officer may not approve", LAN, "POST /bulletins/b1/approve", 403],
  ["an officer may not return", LAN, "POST /bulletins/b1/return", 403],
  ["an officer may not countersign", LAN, "POST /bulletins/b1/countersign", 403],
  ["a stranger may nothing", person("Lạ"), "GET /calendar?from=0&to=1", 401],
])("%s", async (_name, who, call, expected) => {
  const bodies: Record<string, object> = {
    "POST /bulletins": NEWS,
    "POST /slots": daily("b1"),
    "POST /bulletins/b1/return": { version: 1, reason: "x" },
  };
  const body = bodies[call] ?? (call.startsWith("POST") ? { version: 1, seal: "0".repeat(64) } : undefined);
  expect((await ask(who, call, body)).statusCode).toBe(expected);
});

describe("a slot", () => {
  test("is rehearsed, saved, changed, excepted and removed", async () => {
    const bulletin = await approvedBulletin();
    const rehearsal = await ask(LAN, "POST /slots?preview=true", daily(bulletin));
    expect([rehearsal.statusCode, rehearsal.json<SavedAnswer>().saved]).toEqual([200, false]);
    expect(house.calendar.list()).toEqual([]);

    const saved = await asked<SavedAnswer>(LAN, "POST /slots", daily(bulletin));
    expect(saved.said.vi).toBe(rehearsal.json<SavedAnswer>().said.vi);
    const id = saved.slots[0]?.id ?? "";
    expect(await asked(VIEWER, `GET /slots/${id}`)).toMatchObject({
      title: "Tin sáng",
      startTime: "17:00:00",
      from: "2026-11-23",
      level: 400,
      lastsMs: 10 * MINUTE_MS,
      barred: null,
      closedAt: null,
    });

    const change = {
      ...daily(bulletin, "18:00"),
      version: 1,
      scope: { type: "following", date: "2026-11-25" },
    };
    const split = await asked<SavedAnswer>(LAN, `PUT /slots/${id}`, change);
    expect(split.slots).toHaveLength(2);
    const move = { version: 2, edit: { type: "move", toDate: "2026-11-24", toTime: "16:00" } };
    await asked(LAN, `POST /slots/${id}/occurrences/2026-11-24`, move);
    expect(house.calendar.get(id)).toMatchObject({
      to: "2026-11-24",
      exceptions: [{ type: "moved", date: "2026-11-24", toTime: "16:00:00" }],
    });
    await asked(LAN, `DELETE /slots/${id}?version=3&scope=one&date=2026-11-24`);
    await asked(LAN, `DELETE /slots/${id}?version=4`);
    expect(await asked(VIEWER, `GET /slots/${id}`)).toMatchObject({ closedAt: MORNING });
    expect((await asked<{ slots: unknown[] }>(VIEWER, "GET /slots")).slots).toHaveLength(1);
  });

  test("at 03:15 is refused in words, with the field and the remedy", async () => {
    const answer = await ask(LAN, "POST /slots", daily(await approvedBulletin(), "03:15"));
    expect(answer.statusCode).toBe(400);
    expect(answer.json()).toMatchObject({
      kind: "invalid",
      field: "startTime",
      message: expect.stringContaining("Sẽ phát lúc 03:15 ngày 24/11/2026, 6 cụm loa") as string,
      hint: expect.stringContaining("21:30–05:00") as string,
    });
  });

  test("of one's own imagination is refused field by field", async () => {
    const answer = await ask(LAN, "POST /slots", { ...daily("b1"), loud: true });
    expect([answer.statusCode, answer.json<{ message: string }>().message.includes("loud")]).toEqual([
      400,
      true,
    ]);
  });

  test("that somebody else has changed is a conflict", async () => {
    const bulletin = await approvedBulletin();
    const { slots } = await asked<SavedAnswer>(LAN, "POST /slots", daily(bulletin));
    const change = { ...daily(bulletin, "18:00"), version: 7, scope: { type: "all" } };
    expect((await ask(LAN, `PUT /slots/${slots[0]?.id ?? ""}`, change)).statusCode).toBe(409);
  });
});

test("holidays are read with what is offered, and replaced", async () => {
  const { version, suggested } = await asked<{ version: number; suggested: object[] }>(
    VIEWER,
    "GET /holidays",
  );
  expect([version, suggested.length > 5]).toEqual([0, true]);
  await asked(LAN, "PUT /holidays", { version: 0, holidays: suggested });
  expect(await asked(VIEWER, "GET /holidays")).toMatchObject({ version: 1, changed: { name: "Lan" } });
});

test("clashes with quiet hours that were changed afterwards are listed", async () => {
  await asked(LAN, "POST /slots", daily(await approvedBulletin()));
  house.places.quietHours = [{ fromMinute: 16 * 60, toMinute: 18 * 60 }];
  const { clashes } = await asked<{ clashes: object[] }>(VIEWER, "GET /calendar/quiet-clashes");
  expect(clashes).toMatchObject([{ title: "Tin sáng", startAt: AT_FIVE, speakers: 6 }]);
});

interface PageAnswer {
  readonly occurrences: { readonly title: string; readonly barred: unknown }[];
  readonly lanes: {
    readonly hamlets: string[];
    readonly speakers: string[];
    readonly stretches: {
      title: string;
      sounds: boolean;
      startAt: number;
      endAt: number;
      said: { vi: string } | null;
    }[];
  }[];
}

describe("the calendar's page", () => {
  const page = (query = ""): Promise<PageAnswer> =>
    asked<PageAnswer>(VIEWER, `GET /calendar?from=${AT_FIVE - HOUR_MS}&to=${AT_FIVE + HOUR_MS}${query}`);
  const lanes = ({ lanes: all }: PageAnswer): string[] =>
    all.map(
      ({ hamlets, stretches }) =>
        `${hamlets.join("+")}: ` +
        stretches
          .map(
            ({ title, sounds, startAt, endAt, said }) =>
              `${sounds ? "" : "-"}${title} ${(startAt - AT_FIVE) / MINUTE_MS}..${(endAt - AT_FIVE) / MINUTE_MS}` +
              (said === null ? "" : ` (${said.vi})`),
          )
          .join("; "),
    );

  test("is the resolver's own answer, with its reasons", async () => {
    await asked(LAN, "POST /slots", daily(await approvedBulletin()));
    const storm = await approvedBulletin({ title: "Bão", class: "priority" });
    await asked(LAN, "POST /slots", {
      ...daily(storm, "17:05"),
      targets: { type: "some", hamlets: ["dong"], speakers: [] },
    });
    const draft = await asked<BulletinAnswer>(LAN, "POST /bulletins", { ...NEWS, title: "Nháp" });
    await asked(LAN, "POST /slots", daily(draft.id, "17:30"));
    const answer = await page();
    expect(answer.occurrences.map(({ title, barred }) => `${title}${barred === null ? "" : "*"}`)).toEqual([
      "Tin sáng",
      "Bão",
      "Nháp*",
    ]);
    expect(lanes(answer)).toEqual([
      "dong: Tin sáng 0..5; Bão 5..15 (thay cho “Tin sáng”); -Tin sáng 5..15 (bị “Bão” thay thế); Tin sáng 15..20 (phát tiếp sau “Bão”); -Nháp 30..40 (Bản tin chưa gửi duyệt.)",
      "tay+nam: Tin sáng 0..10; -Nháp 30..40 (Bản tin chưa gửi duyệt.)",
    ]);
    expect(lanes(await page("&hamlet=tay"))).toEqual([
      "tay: Tin sáng 0..10; -Nháp 30..40 (Bản tin chưa gửi duyệt.)",
    ]);
  });

  test("knows of what is not on it: alerts and stops", async () => {
    await asked(LAN, "POST /slots", daily(await approvedBulletin()));
    offCalendar = {
      unscheduled: [
        {
          airing: "alert-1",
          title: "Vỡ đê",
          level: 850,
          startAt: epochMs(AT_FIVE + 2 * MINUTE_MS),
          durationMs: MINUTE_MS,
          targets: { type: "everywhere" },
          afterPreempt: "resume",
          rank: 0,
        },
      ],
      stops: [{ at: epochMs(AT_FIVE + 5 * MINUTE_MS) }],
      holds: [],
    };
    expect(lanes(await page())[0]).toMatch(
      /^dong\+tay\+nam: Tin sáng 0\.\.2; .*Vỡ đê 2\.\.3 \(thay cho “Tin sáng”\); .*Tin sáng 3\.\.5/,
    );
  });

  test.each([
    ["a year", `from=0&to=${365 * 24 * HOUR_MS}`, 400],
    ["backwards", "from=2&to=1", 400],
    ["an unknown hamlet", "from=1&to=2&hamlet=bac", 404],
  ])("is refused for %s", async (_name, query, expected) => {
    expect((await ask(VIEWER, `GET /calendar?${query}`)).statusCode).toBe(expected);
  });
});
