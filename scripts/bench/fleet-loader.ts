/**
 * Light loudspeakers in a process of their own: they connect, say that they are online, acknowledge every order, and
 * report when each order reached them. One line of JSON per question on stdin.
 */
import { createInterface } from "node:readline";
import { connectAsync, type MqttClient } from "mqtt";
import { z } from "zod";

const Fleet = z.object({
  url: z.string(),
  caPem: z.string().optional(),
  topics: z.array(z.string()).optional(),
  speakers: z.array(z.object({ id: z.string(), secret: z.string().optional(), hamlet: z.string() })),
});
const Question = z.object({ wait: z.string(), count: z.number() });
const Order = z.object({
  scope: z.string(),
  seq: z.number(),
  order: z.looseObject({ kind: z.string(), airing: z.string().optional() }),
});

const AT_ONCE = 25;
/** One address may connect 50 times a second; a real fleet has as many addresses as speakers. */
const BATCH_EVERY_MS = 600;
const arrivals = new Map<string, number[]>();
let wake = (): void => undefined;

function note(name: string): void {
  const list = arrivals.get(name);
  if (list === undefined) arrivals.set(name, [performance.timeOrigin + performance.now()]);
  else list.push(performance.timeOrigin + performance.now());
  wake();
}

async function connect(fleet: z.infer<typeof Fleet>, index: number): Promise<MqttClient> {
  const speaker = fleet.speakers[index];
  if (speaker === undefined) throw new Error("no such speaker");
  const { id, secret, hamlet } = speaker;
  const client = await connectAsync(fleet.url, {
    clientId: id,
    keepalive: 60,
    protocolVersion: 4,
    reconnectPeriod: 0,
    ...(secret !== undefined && { username: id, password: secret }),
    ...(fleet.caPem !== undefined && { ca: fleet.caPem }),
  });
  client.on("message", (topic, payload) => {
    if (!topic.endsWith("/order")) {
      note(String(payload));
      return;
    }
    const { signed } = JSON.parse(String(payload)) as { signed: string };
    const { scope, seq, order } = Order.parse(JSON.parse(signed));
    note(order.airing ?? order.kind);
    client.publish(`loa/v1/${id}/ack`, JSON.stringify({ scope, seq, outcome: "done" }), { qos: 1 });
  });
  await client.subscribeAsync(
    fleet.topics ?? [`loa/v1/${id}/order`, `loa/v1/hamlet/${hamlet}/order`, "loa/v1/all/order"],
    { qos: 1 },
  );
  if (fleet.topics === undefined) {
    const state = {
      online: true,
      boot: 1,
      firmware: "bench",
      profile: "native",
      address: "127.0.0.1",
      playing: null,
      volumePercent: 80,
      clockOffsetMs: 0,
      storageFreeBytes: 1_000_000_000,
      planVersion: 0,
      missing: [],
    };
    await client.publishAsync(`loa/v1/${id}/state`, JSON.stringify(state), { qos: 1, retain: true });
  }
  return client;
}

const clients: MqttClient[] = [];
for await (const line of createInterface({ input: process.stdin })) {
  const asked: unknown = JSON.parse(line);
  const fleet = Fleet.safeParse(asked);
  if (fleet.success) {
    for (let from = 0; from < fleet.data.speakers.length; from += AT_ONCE) {
      const batch = Array.from(
        { length: Math.min(AT_ONCE, fleet.data.speakers.length - from) },
        (_, index) => from + index,
      );
      clients.push(...(await Promise.all(batch.map((index) => connect(fleet.data, index)))));
      await new Promise((resume) => setTimeout(resume, BATCH_EVERY_MS));
    }
    process.stdout.write(`${JSON.stringify({ connected: clients.length })}\n`);
    continue;
  }
  const { wait, count } = Question.parse(asked);
  const giveUpAt = performance.now() + 30_000;
  while ((arrivals.get(wait)?.length ?? 0) < count && performance.now() < giveUpAt) {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, 1_000);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
  const { user, system } = process.cpuUsage();
  process.stdout.write(
    `${JSON.stringify({ wait, at: arrivals.get(wait) ?? [], cpuSeconds: (user + system) / 1e6 })}\n`,
  );
}
for (const client of clients) client.end(true);
