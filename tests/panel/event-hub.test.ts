import type { Readable } from "node:stream";
import { beforeEach, describe, expect, test } from "vitest";
import { openEventHub, type EventHub } from "../../src/panel/event-hub.ts";

const stays = (): boolean => true;

let hub: EventHub;

beforeEach(() => {
  hub = openEventHub({ heartbeatMs: 60_000, kept: 3 });
  return () => hub[Symbol.dispose]();
});

/** What a page has read so far: the data of its events, and the id of the last. */
function heard(stream: Readable): { readonly events: unknown[]; readonly lastId: string } {
  let said = "";
  for (;;) {
    const chunk = stream.read() as Buffer | null;
    if (chunk === null) break;
    said += chunk.toString("utf8");
  }
  const events = [...said.matchAll(/^data: (.*)$/gm)].map((match): unknown => JSON.parse(match[1] ?? ""));
  return { events, lastId: [...said.matchAll(/^id: (.*)$/gm)].at(-1)?.[1] ?? "" };
}

function publish(count: number): void {
  for (let n = 1; n <= count; n += 1) hub.publish({ type: "speaker", n });
}

describe("live events", () => {
  test("reach every open page, from the moment it opened", () => {
    publish(1);
    const pages = [hub.subscribe(undefined, stays), hub.subscribe(undefined, stays)];
    hub.publish({ type: "stop-all", by: "Lan\n\nid: 9" });
    expect(pages.map((page) => heard(page).events)).toEqual([
      [{ type: "stop-all", by: "Lan\n\nid: 9" }],
      [{ type: "stop-all", by: "Lan\n\nid: 9" }],
    ]);
  });

  test("a page that was away hears what it missed, once", () => {
    const { lastId } = heard(hub.subscribe(undefined, stays));
    publish(3);
    expect(heard(hub.subscribe(lastId, stays)).events).toEqual(
      [1, 2, 3].map((n) => ({ type: "speaker", n })),
    );
  });

  test("a page that missed nothing hears nothing", () => {
    publish(5);
    const { lastId } = heard(hub.subscribe(undefined, stays));
    expect(heard(hub.subscribe(lastId, stays)).events).toEqual([]);
  });

  test("a page that was away for longer than is kept is told to read everything anew", () => {
    const { lastId } = heard(hub.subscribe(undefined, stays));
    publish(4);
    expect(heard(hub.subscribe(lastId, stays)).events).toEqual([{ type: "reset" }]);
  });

  test.for(["deadbeef-1", "", "x", "-1", "0-0-0"])("an id of another start (%j) resets too", (id) => {
    publish(1);
    expect(heard(hub.subscribe(id, stays)).events).toEqual([{ type: "reset" }]);
  });

  test("a page that does not read is let go before it fills the memory", () => {
    const page = hub.subscribe(undefined, stays);
    for (let n = 0; n < 20; n += 1) hub.publish({ type: "big", filler: "x".repeat(100_000) });
    expect(page.destroyed).toBe(true);
  });

  test("at a heartbeat, a page whose person has logged out is ended", async () => {
    using beating = openEventHub({ heartbeatMs: 5, kept: 3 });
    const page = beating.subscribe(undefined, () => false);
    for await (const chunk of page) expect(String(chunk)).toContain("retry:");
    await expect.poll(() => beating.listeners).toBe(0);
  });

  test("at a heartbeat, the others hear a comment, so that no proxy gives up on them", async () => {
    using beating = openEventHub({ heartbeatMs: 5, kept: 3 });
    const page = beating.subscribe(undefined, stays);
    let said = "";
    for await (const chunk of page) {
      said += String(chunk);
      if (said.includes(": still here\n\n")) break;
    }
    expect(page.destroyed).toBe(true);
  });
});
