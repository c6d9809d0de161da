import { createServer, type AddressInfo } from "node:net";
import { once } from "node:events";
import { expect, test } from "vitest";
import { z } from "zod";
import { RealHall } from "../support/real-hall.ts";

const timeout = 120_000;

test("a second daemon on the same data is refused, and says which", { timeout }, async () => {
  await using hall = new RealHall();
  await hall.start();
  const { code, said } = await hall.startInVain();
  expect(code).toBe(73);
  expect(said).toContain(hall.dataDir);
});

test("a taken broker port is named, with what to do", { timeout }, async () => {
  const taker = createServer().listen(0, "127.0.0.1");
  await once(taker, "listening");
  const { port } = taker.address() as AddressInfo;
  await using hall = new RealHall({ broker: { host: "127.0.0.1", port } });
  const { code, said } = await hall.startInVain();
  taker.close();
  expect(code).toBe(73);
  expect(said).toContain(String(port));
});

test.each([
  ["an unknown setting", { nonsense: 1 }, "nonsense"],
  ["a bad value", { broadcast: { liveMinutes: 100_000 } }, "broadcast.liveMinutes"],
  ["a time zone that is none", { commune: { timeZone: "Asia/Nowhere" } }, "commune.timeZone"],
])("%s in the configuration is named", { timeout }, async (_name, settings, named) => {
  await using hall = new RealHall(settings);
  const { code, said } = await hall.startInVain();
  expect(code).toBe(78);
  expect(said).toContain(named);
});

test(
  "without espeak-ng a text is refused with the remedy, and everything else goes on",
  { timeout },
  async () => {
    await using hall = new RealHall({ media: { espeak: "/no/such/espeak-ng" } });
    await hall.start();
    await hall.addHamlet("thon-1");
    await hall.addAgent("loa-1", "thon-1");
    await expect(hall.say("Xin chào bà con.")).rejects.toMatchObject({
      kind: "unavailable",
      message: expect.stringContaining("/no/such/espeak-ng"),
    });
    const { checks } = await hall.api.get(
      "/api/doctor",
      z.object({ checks: z.array(z.object({ id: z.string(), outcome: z.string() })) }),
    );
    expect(checks.find(({ id }) => id === "espeak-ng")?.outcome).toBe("fail");
    expect(hall.isRunning("daemon")).toBe(true);
  },
);

test("a sentence at 03:15 is refused when it is said, in words", { timeout }, async () => {
  await using hall = new RealHall();
  await hall.start();
  await hall.api.send("POST", "/api/hamlets", {
    body: { id: "thon-1", name: "Thôn 1" },
    schema: z.unknown(),
  });
  await hall.addAgent("loa-1", "thon-1");
  const tomorrow = new Date(Date.now() + 86_400_000).toISOString().slice(0, 10);
  const saying = hall.api.send("POST", "/api/say", {
    body: { text: "Xin chào", hamlets: ["thon-1"], at: `${tomorrow}T03:15:00+07:00` },
    schema: z.unknown(),
  });
  await expect(saying).rejects.toMatchObject({
    kind: "invalid",
    message: expect.stringMatching(/03:15.*yên tĩnh/s),
  });
});
