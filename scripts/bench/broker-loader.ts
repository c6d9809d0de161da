/** Plays the clients, in a process of its own, with bare sockets: one shared read buffer, no MQTT library. */
import { connect, type Socket } from "node:net";
import {
  ALL,
  clientId,
  connectBytes,
  nowNs,
  publishBytes,
  subscribeBytes,
  UP,
  type Task,
  type TaskOrder,
  type TaskResult,
} from "./broker-wire.ts";

const NS_PER_MS = 1e6;
const WARM_UP_MS = 700;
/** Publishes on their way at once: enough to keep the broker busy, too few to queue for long. */
const FAN_OUT_WINDOW = 10;
const FAN_IN_WINDOW = 4;
const PACED_EVERY_MS = 100;
const SAMPLES_KEPT = 200_000;

interface Line {
  readonly socket: Socket;
  heard: (chunk: Buffer) => void;
}

const shared = Buffer.allocUnsafe(262_144);
let held: Line[] = [];

function openLine(port: number): Line {
  const line: Line = {
    heard: () => undefined,
    socket: connect({
      host: "127.0.0.1",
      port,
      noDelay: true,
      onread: {
        buffer: shared,
        callback: (count, buffer) => {
          line.heard(Buffer.from(buffer.buffer, buffer.byteOffset, count));
          return true;
        },
      },
    }),
  };
  return line;
}

/** Sends and waits for an answer of so many bytes. */
function exchange(line: Line, bytes: Buffer, answerBytes: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    let answer = Buffer.alloc(0);
    line.socket.once("close", () => reject(new Error("the broker closed a connection")));
    line.heard = (chunk) => {
      answer = Buffer.concat([answer, chunk]);
      if (answer.length >= answerBytes) resolve(answer);
    };
    line.socket.write(bytes);
  });
}

async function join({ port, secret }: TaskOrder, n: number): Promise<Line> {
  const line = openLine(port);
  const answer = await exchange(line, connectBytes(clientId(n), secret), 4);
  if (answer[3] !== 0) throw new Error(`client ${n} was refused with ${answer[3] ?? -1}`);
  return line;
}

async function joinMany(order: TaskOrder, count: number, from = 0): Promise<Line[]> {
  const lines: Line[] = [];
  for (let n = 0; n < count; n += 50) {
    const some = Array.from({ length: Math.min(50, count - n) }, (_none, k) => join(order, from + n + k));
    lines.push(...(await Promise.all(some)));
  }
  return lines;
}

/** Reads packets of one fixed size, answers those of QoS 1, and tells how old each was. */
function receive(line: Line, packetBytes: number, qos: 0 | 1, arrived: (ageNs: number) => void): void {
  let rest = Buffer.alloc(0);
  line.heard = (chunk) => {
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    const now = nowNs();
    const acks: number[] = [];
    let at = 0;
    for (; at + packetBytes <= bytes.length; at += packetBytes) {
      const topicBytes = bytes.readUInt16BE(at + 2);
      if (qos === 1) acks.push(0x40, 2, bytes[at + 4 + topicBytes] ?? 0, bytes[at + 5 + topicBytes] ?? 0);
      arrived(Number(now - bytes.readBigUInt64BE(at + packetBytes - 8)));
    }
    rest = Buffer.from(bytes.subarray(at));
    if (acks.length > 0) line.socket.write(Buffer.from(acks));
  };
}

class Ages {
  private readonly kept: number[] = [];
  private seen = 0;
  count = 0;

  add(ageNs: number): void {
    this.count += 1;
    this.seen += 1;
    // Every one until the store is full, then each at a random place: an even sample of all.
    if (this.kept.length < SAMPLES_KEPT) this.kept.push(ageNs);
    else {
      const place = Math.floor(Math.random() * this.seen);
      if (place < SAMPLES_KEPT) this.kept[place] = ageNs;
    }
  }

  at(share: number): number {
    const sorted = this.kept.sort((a, b) => a - b);
    return (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0) / NS_PER_MS;
  }
}

const sleep = (ms: number): Promise<void> => new Promise((resolve) => void setTimeout(resolve, ms));

/** Lets it run warm, then counts for so long. */
async function measure(ages: Ages, seconds: number): Promise<Omit<TaskResult, "expected">> {
  await sleep(WARM_UP_MS);
  process.send?.({ measuring: true });
  const [before, startedAt, cpuBefore] = [ages.count, nowNs(), process.cpuUsage()];
  await sleep(seconds * 1_000);
  const wallMs = Number(nowNs() - startedAt) / NS_PER_MS;
  const cpu = process.cpuUsage(cpuBefore);
  process.send?.({ measured: true });
  return {
    count: ages.count - before,
    wallMs,
    loaderShare: (cpu.user + cpu.system) / 1_000 / wallMs,
    p50Ms: ages.at(0.5),
    p99Ms: ages.at(0.99),
  };
}

function stamped(packet: Buffer): Buffer {
  const sent = Buffer.from(packet);
  sent.writeBigUInt64BE(nowNs(), sent.length - 8);
  return sent;
}

async function subscribeAll(lines: readonly Line[], topic: string, qos: 0 | 1): Promise<void> {
  for (const line of lines) await exchange(line, subscribeBytes(topic, qos), 5);
}

async function fanOut(order: TaskOrder, task: Extract<Task, { kind: "fan-out" }>): Promise<TaskResult> {
  const readers = await joinMany(order, task.clients);
  const writer = await join(order, task.clients);
  writer.heard = () => undefined;
  await subscribeAll(readers, ALL, task.qos);
  const packet = publishBytes(ALL, task.qos);
  const ages = new Ages();
  let published = 0;
  let stopped = false;
  const publishMore = (): void => {
    while (!stopped && published - ages.count / task.clients < FAN_OUT_WINDOW) {
      published += 1;
      writer.socket.write(stamped(packet));
    }
  };
  for (const reader of readers) {
    receive(reader, packet.length, task.qos, (age) => {
      ages.add(age);
      if (ages.count % task.clients === 0) publishMore();
    });
  }
  publishMore();
  const measured = await measure(ages, task.seconds);
  stopped = true;
  await drained(ages, () => published * task.clients);
  end([...readers, writer]);
  return { ...measured, expected: published * task.clients - ages.count + measured.count };
}

async function paced(order: TaskOrder, task: Extract<Task, { kind: "paced" }>): Promise<TaskResult> {
  const readers = await joinMany(order, task.clients);
  const writer = await join(order, task.clients);
  writer.heard = () => undefined;
  await subscribeAll(readers, ALL, task.qos);
  const packet = publishBytes(ALL, task.qos);
  const ages = new Ages();
  for (const reader of readers) receive(reader, packet.length, task.qos, (age) => ages.add(age));
  const measuring = measure(ages, (task.shots * PACED_EVERY_MS - WARM_UP_MS) / 1_000);
  for (let shot = 0; shot < task.shots; shot += 1) {
    writer.socket.write(stamped(packet));
    await sleep(PACED_EVERY_MS);
  }
  const measured = await measuring;
  await drained(ages, () => task.shots * task.clients);
  end([...readers, writer]);
  return { ...measured, expected: task.shots * task.clients - ages.count + measured.count };
}

async function fanIn(order: TaskOrder, task: Extract<Task, { kind: "fan-in" }>): Promise<TaskResult> {
  const writers = await joinMany(order, task.clients);
  const reader = await join(order, task.clients);
  await subscribeAll([reader], UP, task.qos);
  const packet = publishBytes(UP, task.qos);
  const ages = new Ages();
  let [published, stopped] = [0, false];
  const publishFrom = (writer: Line): void => {
    published += 1;
    writer.socket.write(stamped(packet));
  };
  for (const writer of writers) writer.heard = () => undefined;
  let turn = 0;
  receive(reader, packet.length, task.qos, (age) => {
    ages.add(age);
    turn = (turn + 1) % writers.length;
    const next = writers[turn];
    if (!stopped && next !== undefined) publishFrom(next);
  });
  for (let n = 0; n < FAN_IN_WINDOW; n += 1) writers.forEach(publishFrom);
  const measured = await measure(ages, task.seconds);
  stopped = true;
  await drained(ages, () => published);
  end([...writers, reader]);
  return { ...measured, expected: published - ages.count + measured.count };
}

async function storm(order: TaskOrder, clients: number): Promise<TaskResult> {
  process.send?.({ measuring: true });
  const [startedAt, cpuBefore, ages] = [nowNs(), process.cpuUsage(), new Ages()];
  const lines = await Promise.all(
    Array.from({ length: clients }, async (_none, n) => {
      const line = await join(order, n);
      ages.add(Number(nowNs() - startedAt));
      return line;
    }),
  );
  const wallMs = Number(nowNs() - startedAt) / NS_PER_MS;
  const cpu = process.cpuUsage(cpuBefore);
  process.send?.({ measured: true });
  end(lines);
  return {
    count: ages.count,
    expected: clients,
    wallMs,
    loaderShare: (cpu.user + cpu.system) / 1_000 / wallMs,
    p50Ms: ages.at(0.5),
    p99Ms: ages.at(0.99),
  };
}

/** Waits for what is still on its way, so that what is missing then is lost. */
async function drained(ages: Ages, expected: () => number): Promise<void> {
  for (let round = 0; round < 100 && ages.count < expected(); round += 1) await sleep(20);
}

function end(lines: readonly Line[]): void {
  for (const { socket } of lines) socket.removeAllListeners("close").destroy();
}

const NOTHING: TaskResult = { count: 0, expected: 0, wallMs: 0, loaderShare: 0, p50Ms: 0, p99Ms: 0 };

async function carryOut(order: TaskOrder): Promise<TaskResult> {
  const { task } = order;
  switch (task.kind) {
    case "fan-out":
      return await fanOut(order, task);
    case "paced":
      return await paced(order, task);
    case "fan-in":
      return await fanIn(order, task);
    case "storm":
      return await storm(order, task.clients);
    case "hold":
      held = await joinMany(order, task.clients);
      return { ...NOTHING, count: held.length, expected: task.clients };
    case "release":
      end(held);
      held = [];
      return NOTHING;
  }
}

process.on("message", (order: TaskOrder) => {
  void carryOut(order).then((result) => process.send?.({ result }));
});
