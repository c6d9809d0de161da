import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Fault } from "../../src/kernel/faults.ts";
import { LEVEL, type HamletId, type Order, type SpeakerId } from "../../src/speakers/protocol.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { SpeakerHall } from "../support/speaker-hall.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { until } from "../support/until.ts";

const volume: Order = { kind: "volume", percent: 80 };
const minute = { ttlMs: 60_000 };
const everyone = { type: "all" } as const;

function playOrder(airing: string, at: number): Order {
  return {
    kind: "play",
    airing: airing as never,
    level: LEVEL.programme,
    at,
    until: at + 60_000,
    source: { type: "stream", path: "/stream/p1", kbps: 64 },
    afterPreempt: "resume",
  };
}

let folder: ReturnType<typeof temporaryFolder>;
let hall: SpeakerHall;

beforeEach(async () => {
  folder = temporaryFolder();
  hall = new SpeakerHall(folder.path);
  hall.registry.hamlets.add({ name: "Thôn 1", id: "t1" });
  hall.registry.hamlets.add({ name: "Thôn 2", id: "t2" });
  await hall.connect();
});
afterEach(async () => {
  await hall[Symbol.asyncDispose]();
  folder[Symbol.dispose]();
});

const id = (name: string): SpeakerId => name as SpeakerId;
const inHamlet = (name: string): HamletId => name as HamletId;

describe("orders", () => {
  test("an order for all is published once and done by each", async () => {
    await using a = await hall.add("A", "t1");
    await using b = await hall.add("B", "t2");
    const ticket = hall.link.send(everyone, playOrder("x", Date.now()), minute);
    await ticket.reachedAll(AbortSignal.timeout(10_000));
    expect([...ticket.outcomes()]).toEqual([
      ["a", "done"],
      ["b", "done"],
    ]);
    expect(a.received[0]?.scope).toBe("all");
    expect(b.received[0]?.seq).toBe(a.received[0]?.seq);
    expect([a.received.length, b.received.length]).toEqual([1, 1]);
  });

  test("an order for a hamlet reaches its speakers only, one for a speaker that one only", async () => {
    await using a = await hall.add("A", "t1");
    await using b = await hall.add("B", "t2");
    const first = hall.link.send({ type: "hamlets", hamlets: [inHamlet("t1")] }, { kind: "time" }, minute);
    const second = hall.link.send({ type: "speakers", speakers: [id("b")] }, { kind: "time" }, minute);
    await first.reachedAll(AbortSignal.timeout(10_000));
    await second.reachedAll(AbortSignal.timeout(10_000));
    expect(a.received.map(({ scope }) => scope)).toEqual(["hamlet/t1"]);
    expect(b.received.map(({ scope }) => scope)).toEqual(["speaker/b"]);
  });

  test("numbers rise within a scope and go on after a restart", async () => {
    await using a = await hall.add("A", "t1");
    for (let i = 0; i < 3; i += 1) {
      await hall.link.send(everyone, { kind: "time" }, minute).reachedAll(AbortSignal.timeout(10_000));
    }
    const seqs = a.received.map(({ seq }) => seq);
    expect(seqs).toEqual([...seqs].sort((x, y) => x - y));
    expect(new Set(seqs).size).toBe(3);
    await hall.disconnect();
    hall.database[Symbol.dispose]();
    hall = new SpeakerHall(folder.path);
    await hall.connect();
    await using again = await reconnect("a", {});
    await hall.link.send(everyone, { kind: "time" }, minute).reachedAll(AbortSignal.timeout(10_000));
    expect(again.received[0]?.seq).toBeGreaterThan(seqs[2] ?? 0);
  });

  test("a speaker that is away gets its orders the moment it comes, in order", async () => {
    const { speaker, secret = "" } = hall.registry.speakers.add({ name: "A", hamlet: "t1" });
    const play = hall.link.send(everyone, playOrder("x", Date.now()), minute);
    const other = hall.link.send(everyone, playOrder("y", Date.now()), minute);
    expect(hall.link.status(speaker.id).pendingOrders).toBe(2);
    await using device = await hall.device("a", secret);
    await play.reachedAll(AbortSignal.timeout(10_000));
    await other.reachedAll(AbortSignal.timeout(10_000));
    expect(device.executed.map(({ order }) => order["airing"])).toEqual(["x", "y"]);
  });

  test("a repeat carries the same bytes, and is carried out once", async () => {
    await using mute = await hall.add("A", "t1", { answers: "nothing" });
    hall.link.send(everyone, playOrder("x", Date.now()), minute);
    await until("the order came again", () => mute.received.length >= 2);
    expect(mute.received[1]).toEqual(mute.received[0]);
    expect(mute.executed).toHaveLength(1);
  });

  test("what an order makes pointless is not sent any more", () => {
    const { speaker } = hall.registry.speakers.add({ name: "A", hamlet: "t1" });
    const play = hall.link.send(everyone, playOrder("x", Date.now() - 1), minute);
    const later = hall.link.send(everyone, playOrder("y", Date.now() + 3_600_000), minute);
    hall.link.send(everyone, { kind: "stop" }, minute);
    expect(play.outcomes().get(speaker.id)).toBe("superseded");
    expect(later.outcomes().get(speaker.id)).toBe("pending");
  });

  test("radio boxes take no orders, and that is known at once", () => {
    const box = hall.registry.speakers.add({ name: "Hộp", hamlet: "t1", profile: "http-icy" });
    const ticket = hall.link.send(everyone, volume, minute);
    expect(ticket.outcomes().get(box.speaker.id)).toBe("unsupported");
  });

  test("an order past its time is given up, and not sent to who comes later", async () => {
    const { secret = "" } = hall.registry.speakers.add({ name: "A", hamlet: "t1" });
    const ticket = hall.link.send(everyone, playOrder("stale", Date.now()), { ttlMs: 1 });
    await ticket.reachedAll(AbortSignal.timeout(10_000));
    expect(ticket.outcomes().get(id("a"))).toBe("expired");
    await using device = await hall.device("a", secret);
    await hall.link
      .send(everyone, playOrder("fresh", Date.now()), minute)
      .reachedAll(AbortSignal.timeout(10_000));
    expect(device.received.map(({ order }) => order["airing"])).toEqual(["fresh"]);
  });

  test("an order overheard can't be sent by a device, not even to itself", async () => {
    await using device = await hall.add("A", "t1");
    await device.publishRaw("loa/v1/a/order", JSON.stringify(hall.key.sealed("{}")));
    await until("it was cut off", () => !device.connected);
    expect(device.received).toEqual([]);
  });

  test("an order of a transaction that is undone never goes out", async () => {
    await using a = await hall.add("A", "t1");
    expect(() =>
      hall.database.transact(() => {
        hall.link.send(everyone, playOrder("undone", Date.now()), minute);
        throw new Fault("unavailable", "disk full");
      }),
    ).toThrow("disk full");
    await hall.link
      .send(everyone, playOrder("kept", Date.now()), minute)
      .reachedAll(AbortSignal.timeout(10_000));
    expect(a.received.map(({ order }) => order["airing"])).toEqual(["kept"]);
  });

  test("a refusal is final and told", async () => {
    await using device = await hall.add("A", "t1", { answers: "refused" });
    const ticket = hall.link.send(everyone, { kind: "reboot" }, minute);
    await ticket.reachedAll(AbortSignal.timeout(10_000));
    expect(ticket.outcomes().get(id("a"))).toBe("refused");
    expect(device.received).toHaveLength(1);
  });

  test("a moved speaker, whose device knows its old hamlet only, hears its new hamlet and not its old", async () => {
    const { speaker, secret = "" } = hall.registry.speakers.add({ name: "A", hamlet: "t1" });
    await using stayed = await hall.add("B", "t1");
    hall.registry.speakers.change(speaker.id, { hamlet: "t2" });
    await using moved = await hall.device("a", secret);
    const old = hall.link.send(
      { type: "hamlets", hamlets: [inHamlet("t1")] },
      playOrder("old", Date.now()),
      minute,
    );
    const young = hall.link.send(
      { type: "hamlets", hamlets: [inHamlet("t2")] },
      playOrder("new", Date.now()),
      minute,
    );
    await old.reachedAll(AbortSignal.timeout(10_000));
    await young.reachedAll(AbortSignal.timeout(10_000));
    expect(moved.executed.map(({ order }) => order["airing"])).toEqual(["new"]);
    expect(stayed.executed.map(({ order }) => order["airing"])).toEqual(["old"]);
  });
});

describe("what survives", () => {
  test("orders that wait go out after a restart of the daemon", async () => {
    const { secret = "" } = hall.registry.speakers.add({ name: "A", hamlet: "t1" });
    hall.link.send(everyone, playOrder("x", Date.now()), minute);
    // As kill -9 leaves it: nothing is closed in order but the database's own files.
    await hall.disconnect();
    hall.database[Symbol.dispose]();
    hall = new SpeakerHall(folder.path);
    await hall.connect();
    await using device = await hall.device("a", secret);
    await until("the order came", () => device.executed.length === 1);
    await until("and was acknowledged", () => hall.link.status(id("a")).pendingOrders === 0);
  });

  test("a broker that dies loses nothing: the link fails, and carries on with the next broker", async () => {
    const { secret = "" } = hall.registry.speakers.add({ name: "A", hamlet: "t1" });
    hall.link.setPlan(id("a"), { quietHours: [], items: [] });
    await hall.endBroker();
    const ticket = hall.link.send(everyone, playOrder("x", Date.now()), minute);
    expect(await hall.disconnect()).toBeInstanceOf(Fault);
    await hall.connect();
    await using device = await hall.device("a", secret);
    await ticket.reachedAll(AbortSignal.timeout(10_000));
    await until("the plan is retained again", () => device.plans.length === 1);
    expect(device.executed).toHaveLength(1);
  });

  test("a stop of everything waits at the broker for who comes later", async () => {
    const { secret = "" } = hall.registry.speakers.add({ name: "A", hamlet: "t1" });
    hall.link.send(everyone, { kind: "stop", holdUntil: Date.now() + 60_000 }, minute);
    await hall.disconnect();
    hall.database[Symbol.dispose]();
    hall = new SpeakerHall(folder.path);
    await hall.connect();
    await using device = await hall.device("a", secret, { tellsState: false });
    await until("the stop came", () => device.executed.some(({ order }) => order.kind === "stop"));
  });
});

describe("desired state", () => {
  test("a speaker whose volume differs is told, and again when the wish changes", async () => {
    await using device = await hall.add("A", "t1");
    hall.registry.speakers.change("a", { volumePercent: 35 });
    await until("the volume was set", () => device.volumePercent === 35);
    await device.tellState();
    hall.registry.speakers.change("a", { volumePercent: 60 });
    await until("the volume was set again", () => device.volumePercent === 60);
  });

  test("a speaker that can't is not told all the time", async () => {
    await using device = await hall.add("A", "t1", { stuckAtPercent: 50 });
    await until("it was told", () => device.executed.length === 1);
    for (let i = 0; i < 5; i += 1) await device.tellState();
    await device.askTime(1);
    await until("all that was taken in", () => device.timeAnswers.length === 1);
    expect(device.executed).toHaveLength(1);
  });

  test("a plan is retained for the speaker and signed for it alone", async () => {
    const { secret = "" } = hall.registry.speakers.add({ name: "A", hamlet: "t1" });
    const news = hall.link.setPlan(id("a"), {
      quietHours: [{ fromMinute: 1_290, toMinute: 300 }],
      items: [],
    });
    expect(news).toEqual({ version: 1, isNew: true, leftOut: 0 });
    await using device = await hall.device("a", secret);
    await until("it came", () => device.plans.length === 1);
    expect(device.plans[0]).toMatchObject({ version: 1, scope: "speaker/a", timeZone: "Asia/Ho_Chi_Minh" });
    await device.tellState();
    await until("it is known to be held", () => hall.link.status(id("a")).planVersionHeld === 1);
  });

  test("radio boxes keep no plan", () => {
    const box = hall.registry.speakers.add({ name: "Hộp", hamlet: "t1", profile: "http-icy" });
    expect(hall.link.setPlan(box.speaker.id, { quietHours: [], items: [] }).version).toBe(0);
  });
});

describe("receipts", () => {
  test("are stored once and acknowledged, however often they come", async () => {
    await using device = await hall.add("A", "t1");
    await device.tellReceipt(1);
    await until("the first is acknowledged", () => device.receiptAcks.includes(1));
    await device.tellReceipt(1);
    await device.tellReceipt(2, { outcome: "partial", reason: "power-cut" });
    await until("the second is acknowledged", () => device.receiptAcks.includes(2));
    expect(hall.receipts).toEqual(["a 1 played", "a 2 partial"]);
    expect(hall.link.status(id("a")).lastReceiptAt).toBeGreaterThan(0);
  });

  test("what the hall can't store is not acknowledged, and taken when it comes again", async () => {
    await using device = await hall.add("A", "t1");
    hall.receiptFailure = new Fault("unavailable", "disk full");
    await device.tellReceipt(1);
    await until("a person is told", () =>
      hall.log.lines.includes("error receipts can't be stored; speakers keep them"),
    );
    expect(hall.receipts).toEqual([]);
    await device.tellReceipt(1);
    await until("it is acknowledged", () => device.receiptAcks.includes(1));
    expect(hall.receipts).toEqual(["a 1 played"]);
  });

  test("a device with a new memory counts from 1 again and loses nothing", async () => {
    await using device = await hall.add("A", "t1");
    await device.tellReceipt(1);
    await device.tellReceipt(2);
    await until("both are acknowledged", () => device.receiptAcks.includes(2));
    await device.tellReceipt(1, { airing: "after-the-swap" });
    await until("it is acknowledged as the first", () => device.receiptAcks.at(-1) === 1);
    expect(hall.receipts).toHaveLength(3);
  });
});

describe("the door", () => {
  test.each([
    ["not JSON", "state", "{oops"],
    ["invalid UTF-8", "health", Buffer.from([0xff, 0xfe, 0x00])],
    ["a wrong shape", "receipt", '{"n":0}'],
    ["an unknown field", "ack", '{"scope":"all","seq":1,"outcome":"done","surprise":1}'],
    ["a number too large for a number", "time", '{"t1":1e999}'],
  ])("drops %s, counts it and says so once", async (_name, kind, payload) => {
    await using device = await hall.add("A", "t1");
    for (let i = 0; i < 3; i += 1) await device.publishRaw(`loa/v1/a/${kind}`, payload);
    await until("it was counted", () => hall.link.status(id("a")).droppedMessages === 3);
    expect(hall.log.lines.filter((line) => line.includes("dropped"))).toEqual([
      "warn message of a speaker was dropped",
    ]);
  });

  test("a device that uses another's topics is cut off and changes nothing", async () => {
    await using victim = await hall.add("A", "t1");
    await using thief = await hall.add("B", "t1");
    await until("both are known", () => hall.link.statuses().every(({ presence }) => presence === "online"));
    await thief.publishRaw("loa/v1/a/state", '{"online":false}');
    await until("the thief was cut", () => !thief.connected);
    expect(victim.connected).toBe(true);
    expect(hall.link.status(id("a")).presence).toBe("online");
  });

  test("a device hears its own topics only", async () => {
    await using device = await hall.add("A", "t1");
    expect(await device.subscribeTo("loa/v1/b/order")).toBe(false);
    expect(await device.subscribeTo("loa/v1/hamlet/t2/order")).toBe(false);
  });

  test("a message larger than allowed cuts the sender off and is not taken in", async () => {
    await using device = await hall.add("A", "t1");
    await device.publishRaw("loa/v1/a/health", Buffer.alloc(100_000, 0x20));
    await until("it was cut", () => !device.connected);
  });
});

test("time is told at once, with when the question came and when the answer left", async () => {
  await using device = await hall.add("A", "t1");
  const before = Date.now();
  await device.askTime(12_345.5);
  await until("the answer came", () => device.timeAnswers.length === 1);
  const { t1, t2, t3 } = device.timeAnswers[0] ?? { t1: 0, t2: 0, t3: 0 };
  expect(t1).toBe(12_345.5);
  expect(t2).toBeGreaterThanOrEqual(before);
  expect(t3).toBeGreaterThanOrEqual(t2);
});

describe("presence", () => {
  test("a speaker is online when it says so, and gone at once when its cable is pulled", async () => {
    await using device = await hall.add("A", "t1");
    await until("online", () => hall.link.status(id("a")).presence === "online");
    device.vanish();
    await until("offline", () => hall.link.status(id("a")).presence === "offline");
    expect(hall.link.status(id("a")).state?.firmware).toBe("scripted 1");
  });

  test("a radio box is where its stream server says", () => {
    const { speaker } = hall.registry.speakers.add({ name: "Hộp", hamlet: "t1", profile: "http-icy" });
    const box = { connected: true, address: "10.0.0.9", deliveredBytes: 0 };
    hall.link.reportBox(speaker.id, box);
    expect(hall.link.status(speaker.id)).toMatchObject({ presence: "online", box });
    hall.link.reportBox(speaker.id, { ...box, connected: false, deliveredBytes: 80_000 });
    expect(hall.link.status(speaker.id)).toMatchObject({
      presence: "offline",
      box: { deliveredBytes: 80_000 },
    });
  });

  test("a removed speaker is cut off and forgotten", async () => {
    await using device = await hall.add("A", "t1");
    await until("online", () => hall.link.status(id("a")).presence === "online");
    hall.registry.speakers.remove("a");
    await until("cut", () => !device.connected);
    expect(hall.link.statuses()).toEqual([]);
    expect(() => hall.link.status(id("a"))).toThrow(Fault);
  });
});

function reconnect(name: string, behaviour: object): ReturnType<SpeakerHall["device"]> {
  const { secret = "" } = hall.registry.speakers.renew(name);
  return hall.device(name, secret, behaviour);
}

test("silence, a will and flapping in virtual time", async () => {
  const clock = new FakeClock(Date.now());
  using other = temporaryFolder();
  await using quiet = new SpeakerHall(other.path, clock);
  quiet.registry.hamlets.add({ name: "Thôn 1", id: "t1" });
  await quiet.connect();
  await using device = await quiet.add("A", "t1");
  const presence = (): string => quiet.link.status(id("a")).presence;
  await until("online", () => presence() === "online");
  await clock.advance(90_000);
  expect(presence()).toBe("online");
  await clock.advance(10_000);
  expect(presence()).toBe("offline");
  await clock.advance(15_000);
  await device.tellHealth();
  await until("back", () => presence() === "online");
  await clock.advance(15_000);
  expect(quiet.log.lines).toEqual(["warn speaker is gone", "info speaker is back"]);
});

test("a speaker that does not take its plan over is asked to, once in ten minutes", async () => {
  const clock = new FakeClock(Date.now());
  using other = temporaryFolder();
  await using slow = new SpeakerHall(other.path, clock);
  slow.registry.hamlets.add({ name: "Thôn 1", id: "t1" });
  await slow.connect();
  await using device = await slow.add("A", "t1");
  await until("online", () => slow.link.status(id("a")).presence === "online");
  slow.link.setPlan(id("a"), { quietHours: [], items: [] });
  await until("the plan came", () => device.plans.length === 1);
  await clock.advance(40_000);
  await until("it was asked", () => device.executed.some(({ order }) => order.kind === "plan"));
  await until("and the plan came again", () => device.plans.length >= 2);
  const asked = device.executed.length;
  await clock.advance(40_000);
  expect(device.executed).toHaveLength(asked);
  await device.tellState();
  await until("it is held", () => slow.link.status(id("a")).planVersionHeld === 1);
});
