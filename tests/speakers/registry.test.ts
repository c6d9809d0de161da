import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Fault } from "../../src/kernel/faults.ts";
import { loadSpeakerProfiles } from "../../src/speakers/profile.ts";
import { openRegistry, type Registry } from "../../src/speakers/registry.ts";
import { SPEAKERS_SCHEMA } from "../../src/speakers/store.ts";
import { openDatabase, type Database } from "../../src/store/database.ts";
import { migrate } from "../../src/store/migrate.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { PROFILES } from "../support/speaker-hall.ts";

let database: Database;
let registry: Registry;

beforeEach(() => {
  database = openDatabase(":memory:");
  migrate(database, [SPEAKERS_SCHEMA]);
  registry = open();
});
afterEach(() => database[Symbol.dispose]());

function open(): Registry {
  return openRegistry({ database, clock: new FakeClock(5_000), profiles: loadSpeakerProfiles(PROFILES) });
}

/** `kind field: Vietnamese sentence` of the Fault, or "accepted". */
function refusal(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    return `${error.kind} ${error.field ?? "-"}: ${error.said.vi}`;
  }
  return "accepted";
}

describe("hamlets", () => {
  test("get an id from their name and quiet hours from the house", () => {
    expect(registry.hamlets.add({ name: " Thôn  Đông Hòa " })).toEqual({
      id: "thon-dong-hoa",
      name: "Thôn Đông Hòa",
      quietHours: [{ fromMinute: 1_290, toMinute: 300 }],
      caps: {},
    });
    expect(open().hamlets.get("thon-dong-hoa").name).toBe("Thôn Đông Hòa");
  });

  test("are changed as asked and keep the rest", () => {
    registry.hamlets.add({ name: "Thôn 1", caps: { sessionsPerDay: 3, minutesPerSession: 45 } });
    registry.hamlets.change("thon-1", { quietHours: [] });
    const changed = registry.hamlets.change("thon-1", { name: "Thôn Một" });
    expect(changed).toMatchObject({ name: "Thôn Một", quietHours: [], caps: { sessionsPerDay: 3 } });
  });

  test.each<[string, () => unknown, string]>([
    [
      "no name",
      () => registry.hamlets.add({ name: " \t" }),
      'invalid name: " \t" không dùng làm tên thôn được.',
    ],
    [
      "the same name, written with other code points",
      () => registry.hamlets.add({ name: "Thôn Đông".normalize("NFD") }),
      'conflict name: Đã có thôn khác mang tên "Thôn Đông".',
    ],
    [
      "the same id",
      () => registry.hamlets.add({ name: "Khác", id: "thon-dong" }),
      'conflict id: Mã "thon-dong" đã thuộc về một thôn khác.',
    ],
    [
      "a reserved id",
      () => registry.hamlets.add({ name: "Tất cả", id: "all" }),
      'invalid id: "all" không dùng làm mã thôn được.',
    ],
    [
      "an id with a space",
      () => registry.hamlets.add({ name: "Khác", id: "thon 4" }),
      'invalid id: "thon 4" không dùng làm mã thôn được.',
    ],
    [
      "an unknown hamlet",
      () => registry.hamlets.change("nowhere", {}),
      'not-found hamlet: Không có thôn "nowhere".',
    ],
    [
      "a minute that is none",
      () => registry.hamlets.change("thon-dong", { quietHours: [{ fromMinute: 1_440, toMinute: 0 }] }),
      "invalid quietHours: Giá trị quietHours là 1440.",
    ],
    [
      "five quiet windows",
      () =>
        registry.hamlets.change("thon-dong", {
          quietHours: Array.from({ length: 5 }, () => ({ fromMinute: 0, toMinute: 1 })),
        }),
      "invalid quietHours: Giá trị quietHours là 5.",
    ],
    [
      "no session a day",
      () => registry.hamlets.change("thon-dong", { caps: { sessionsPerDay: 0 } }),
      "invalid sessionsPerDay: Giá trị sessionsPerDay là 0.",
    ],
  ])("refuse %s", (_name, work, expected) => {
    registry.hamlets.add({ name: "Thôn Đông" });
    expect(refusal(work)).toBe(expected);
    expect(registry.hamlets.all()).toHaveLength(1);
  });

  test("stay while they have speakers, and say which", () => {
    registry.hamlets.add({ name: "Thôn 1" });
    registry.speakers.add({ name: "Loa chợ", hamlet: "thon-1" });
    expect(refusal(() => registry.hamlets.remove("thon-1"))).toBe(
      "conflict id: Thôn 1 còn 1 cụm loa: Loa chợ.",
    );
    registry.speakers.remove("loa-cho");
    registry.hamlets.remove("thon-1");
    expect(registry.hamlets.all()).toEqual([]);
  });
});

describe("groups of hamlets", () => {
  test("hold each hamlet once and lose it when it is removed", () => {
    registry.hamlets.add({ name: "Thôn 1" });
    registry.hamlets.add({ name: "Thôn 2" });
    const group = registry.groups.add({ name: "Vùng núi", hamlets: ["thon-2", "thon-1", "thon-2"] });
    expect(group).toEqual({ id: "vung-nui", name: "Vùng núi", hamlets: ["thon-1", "thon-2"] });
    registry.hamlets.remove("thon-1");
    expect(registry.groups.get("vung-nui").hamlets).toEqual(["thon-2"]);
    registry.groups.change("vung-nui", { hamlets: [] });
    registry.groups.remove("vung-nui");
    expect(registry.groups.all()).toEqual([]);
  });

  test("refuse a hamlet that is not there, and a second group of the name", () => {
    registry.groups.add({ name: "Vùng núi", hamlets: [] });
    expect(refusal(() => registry.groups.add({ name: "Khác", hamlets: ["x"] }))).toBe(
      'not-found hamlets: Không có thôn "x".',
    );
    expect(refusal(() => registry.groups.add({ name: "Vùng núi", hamlets: [] }))).toBe(
      'conflict name: Đã có nhóm thôn khác mang tên "Vùng núi".',
    );
  });
});

describe("speakers", () => {
  beforeEach(() => {
    registry.hamlets.add({ name: "Thôn 1" });
    registry.hamlets.add({ name: "Thôn 2" });
  });

  test("get a secret that is shown once and only its hash is kept", () => {
    const { speaker, secret = "" } = registry.speakers.add({ name: "Loa nhà văn hóa", hamlet: "thon-1" });
    expect(speaker).toMatchObject({ id: "loa-nha-van-hoa", profile: "native", volumePercent: 80 });
    expect(Buffer.from(secret, "base64url")).toHaveLength(32);
    expect(JSON.stringify(database.all("SELECT * FROM speaker"))).not.toContain(secret);
    expect(registry.speakers.authenticate(speaker.id, secret)).toBe(true);
    expect(registry.speakers.authenticate(speaker.id, `${secret}x`)).toBe(false);
    expect(registry.speakers.authenticate("nobody", secret)).toBe(false);
  });

  test("radio boxes get an address instead, and no place on the broker", () => {
    const box = registry.speakers.add({ name: "Hộp", hamlet: "thon-1", profile: "http-icy" });
    expect(box.secret).toBeUndefined();
    expect(box.speaker.streamToken).toMatch(/^[\w-]{32}$/);
    expect(registry.speakers.boxOf(box.speaker.streamToken ?? "")?.id).toBe("hop");
    expect(registry.speakers.boxOf("guessed")).toBeUndefined();
    expect(registry.speakers.authenticate("hop", "")).toBe(false);
    expect(registry.speakers.credentials()).toEqual([]);
  });

  test("a renewed speaker's old secret is void, and its device learns its hamlet", () => {
    const { secret = "" } = registry.speakers.add({ name: "A", hamlet: "thon-1" });
    registry.speakers.change("a", { hamlet: "thon-2" });
    expect(registry.speakers.get("a")).toMatchObject({ hamlet: "thon-2", provisionedHamlet: "thon-1" });
    const { secret: fresh = "" } = registry.speakers.renew("a");
    expect(registry.speakers.authenticate("a", secret)).toBe(false);
    expect(registry.speakers.authenticate("a", fresh)).toBe(true);
    expect(registry.speakers.get("a").provisionedHamlet).toBe("thon-2");
  });

  test("may do on the broker what is their own and nothing else", () => {
    registry.speakers.add({ name: "A", hamlet: "thon-1" });
    const [credential] = registry.speakers.credentials();
    expect(credential?.publish).toEqual([
      "loa/v1/a/state",
      "loa/v1/a/health",
      "loa/v1/a/receipt",
      "loa/v1/a/ack",
      "loa/v1/a/time",
    ]);
    expect(credential?.subscribe).toContain("loa/v1/hamlet/thon-1/order");
    expect(credential?.subscribe.join()).not.toMatch(/[+#]/);
  });

  test("move, are renamed, get a place and lose it", () => {
    registry.speakers.add({ name: "A", hamlet: "thon-1", place: { latitude: 16.5, longitude: 107.6 } });
    const moved = registry.speakers.change("a", { name: "Loa đình", hamlet: "thon-2", volumePercent: 40 });
    expect(moved).toMatchObject({
      name: "Loa đình",
      hamlet: "thon-2",
      volumePercent: 40,
      place: { latitude: 16.5, longitude: 107.6 },
    });
    registry.speakers.change("a", { place: null });
    expect(open().speakers.get("a").place).toBeUndefined();
  });

  test.each<[string, () => unknown, string]>([
    [
      "an unknown hamlet",
      () => registry.speakers.add({ name: "B", hamlet: "x" }),
      'not-found hamlet: Không có thôn "x".',
    ],
    [
      "an unknown make",
      () => registry.speakers.add({ name: "B", hamlet: "thon-1", profile: "acme" }),
      'invalid profile: Không có hồ sơ thiết bị "acme".',
    ],
    [
      "the same name in the same hamlet",
      () => registry.speakers.add({ name: "A", hamlet: "thon-1" }),
      'conflict name: Đã có cụm loa khác mang tên "A".',
    ],
    [
      "the same id",
      () => registry.speakers.add({ name: "B", hamlet: "thon-1", id: "a" }),
      'conflict id: Mã "a" đã thuộc về một cụm loa khác.',
    ],
    [
      "a volume of 101",
      () => registry.speakers.change("a", { volumePercent: 101 }),
      "invalid volumePercent: Giá trị volumePercent là 101.",
    ],
    [
      "a place off the globe",
      () => registry.speakers.change("a", { place: { latitude: 91, longitude: 0 } }),
      "invalid latitude: Giá trị latitude là 91.",
    ],
    [
      "a speaker that is not there",
      () => registry.speakers.remove("z"),
      'not-found speaker: Không có cụm loa "z".',
    ],
  ])("refuse %s", (_name, work, expected) => {
    registry.speakers.add({ name: "A", hamlet: "thon-1" });
    expect(refusal(work)).toBe(expected);
    expect(registry.speakers.all()).toHaveLength(1);
  });

  test("the same name is fine in another hamlet", () => {
    registry.speakers.add({ name: "Loa 1", hamlet: "thon-1" });
    expect(registry.speakers.add({ name: "Loa 1", hamlet: "thon-2" }).speaker.id).toBe("loa-1-2");
  });

  test("a speaker whose make's file is missing keeps the hall from starting blind, and names it", () => {
    registry.speakers.add({ name: "A", hamlet: "thon-1" });
    const clock = new FakeClock();
    expect(refusal(() => openRegistry({ database, clock, profiles: new Map() }))).toBe(
      'invalid profile: Không có hồ sơ thiết bị "native".',
    );
  });

  test("whoever listens hears of each change, until it stops", () => {
    let heard = 0;
    const listening = registry.onChange(() => (heard += 1));
    registry.speakers.add({ name: "A", hamlet: "thon-1" });
    registry.speakers.remove("a");
    listening[Symbol.dispose]();
    registry.hamlets.remove("thon-2");
    expect(heard).toBe(2);
  });
});
