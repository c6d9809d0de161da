import { expect, test } from "vitest";
import { runEventLoop } from "../../../src/cameras/events/event-loop.ts";
import type { PullPoint, Subscription } from "../../../src/cameras/events/pull-point.ts";
import { isStopped } from "../../../src/kernel/clock.ts";
import { Fault, type FaultKind } from "../../../src/kernel/faults.ts";
import { HOUR_MS, MINUTE_MS, SECOND_MS } from "../../../src/kernel/time.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { RecordingLog } from "../../support/recording-log.ts";

const EMPTY =
  "<Envelope><Body><PullMessagesResponse><CurrentTime>1970-01-01T00:00:00Z</CurrentTime></PullMessagesResponse></Body></Envelope>";

interface Script {
  /** What a pull does; the number counts from 1 over all subscriptions. */
  readonly pull?: (number: number) => "waits" | "at once" | "closes" | "garbage" | FaultKind;
  readonly subscribe?: (number: number) => FaultKind | undefined;
  readonly synchronize?: FaultKind;
  readonly renew?: FaultKind;
  readonly noService?: boolean;
  /** Extra for the listener. */
  readonly wantsStates?: () => boolean;
}

/** A camera that follows a script, in virtual time; runs the loop for a while and tells what happened. */
async function listenFor(forMs: number, script: Script) {
  const clock = new FakeClock();
  const log = new RecordingLog();
  const stop = new AbortController();
  const calls: string[] = [];
  const at = (what: string): void => void calls.push(`${Math.round(clock.now() / SECOND_MS)} ${what}`);
  let pulls = 0;
  let subscriptions = 0;
  let heard = 0;
  const fail = (kind: FaultKind | undefined): void => {
    if (kind !== undefined) throw new Fault(kind, kind);
  };
  const subscription: Subscription = {
    pull: async ({ waitMs }, signal) => {
      pulls += 1;
      const does = script.pull?.(pulls) ?? "waits";
      switch (does) {
        case "waits":
          await clock.sleep(waitMs, signal);
          return isStopped(signal) ? undefined : EMPTY;
        case "at once":
          return EMPTY;
        case "closes":
          return undefined;
        case "garbage":
          return "<html>404</html>";
        default:
          throw new Fault(does, does);
      }
    },
    renew: () => {
      at("renew");
      fail(script.renew);
      return Promise.resolve();
    },
    synchronize: () => {
      at("states");
      fail(script.synchronize);
      return Promise.resolve();
    },
    unsubscribe: () => {
      at("leave");
      return Promise.resolve();
    },
  };
  const point: PullPoint = {
    subscribe: () => {
      subscriptions += 1;
      at("subscribe");
      fail(script.subscribe?.(subscriptions));
      return Promise.resolve(subscription);
    },
  };
  const running = runEventLoop(
    {
      clock,
      log,
      random: () => 0.999_999,
      connect: () => Promise.resolve(script.noService === true ? undefined : point),
      listener: {
        linked: () => at("linked"),
        lost: (why) => at(`lost ${why.kind}`),
        heard: () => void (heard += 1),
        wantsStates: () => script.wantsStates?.() ?? false,
      },
    },
    stop.signal,
  );
  const ended = Promise.allSettled([running]);
  await clock.advance(forMs);
  stop.abort();
  for (const end of await ended) if (end.status === "rejected") throw end.reason;
  return { calls, log: log.lines, pulls, heard };
}

test("subscribes, asks for the states, and renews before the lease is over", async () => {
  const { calls, log, heard } = await listenFor(10 * MINUTE_MS, {});
  expect(calls).toEqual(["0 subscribe", "0 linked", "0 states", "480 renew", "480 states", "600 leave"]);
  expect(heard).toBe(30);
  expect(log).toEqual(["info listening to the camera's events"]);
});

test("does without the states of a camera that does not know the question", async () => {
  const { calls } = await listenFor(MINUTE_MS, { synchronize: "rejected" });
  expect(calls).toEqual(["0 subscribe", "0 linked", "0 states", "60 leave"]);
});

test("takes a closed connection as normal", async () => {
  const { calls, log } = await listenFor(MINUTE_MS, {
    pull: (number) => (number % 2 === 0 ? "closes" : "waits"),
  });
  expect(calls).toEqual(["0 subscribe", "0 linked", "0 states", "60 leave"]);
  expect(log).toEqual(["info listening to the camera's events"]);
});

test("a camera that closes every connection at once is down", async () => {
  const { calls, pulls } = await listenFor(4 * SECOND_MS, { pull: () => "closes" });
  expect(calls).toEqual(["0 subscribe", "0 linked", "0 states", "0 leave", "0 lost unavailable"]);
  expect(pulls).toBe(6);
});

test("asks a camera that answers at once a few times, then once a second", async () => {
  const { pulls, calls } = await listenFor(MINUTE_MS, { pull: () => "at once" });
  expect(pulls).toBeGreaterThanOrEqual(80);
  expect(pulls).toBeLessThanOrEqual(82);
  expect(calls.filter((call) => call.includes("lost"))).toEqual([]);
});

test("comes back 5 s after a loss, then ever slower up to 5 minutes, and never stops", async () => {
  const { calls, log } = await listenFor(HOUR_MS, {
    subscribe: (number) => (number === 1 ? undefined : "unavailable"),
    pull: () => "not-found",
  });
  const tries = calls.filter((call) => call.endsWith("subscribe")).map((call) => Number.parseInt(call));
  expect(tries.slice(0, 9)).toEqual([0, 5, 15, 35, 75, 155, 315, 615, 915]);
  expect(tries.at(-1)).toBeGreaterThan(3_200);
  expect(log).toEqual([
    "info listening to the camera's events",
    "warn camera events are lost; will keep trying",
  ]);
});

test("begins anew with short waits after it had heard for a while", async () => {
  const { calls, log } = await listenFor(5 * MINUTE_MS, {
    pull: (number) => (number % 7 === 0 ? "timeout" : "waits"),
  });
  const tries = calls.filter((call) => call.endsWith("subscribe")).map((call) => Number.parseInt(call));
  expect(tries).toEqual([0, 125, 250]);
  expect(log.length).toBe(5);
});

test("tries a password that was refused more seldom, because cameras lock accounts", async () => {
  const { calls } = await listenFor(10 * MINUTE_MS, { subscribe: () => "rejected" });
  const tries = calls.filter((call) => call.endsWith("subscribe")).map((call) => Number.parseInt(call));
  expect(tries).toEqual([0, 60, 180, 420]);
});

test("gives its place back when what a camera says is no answer", async () => {
  const { calls } = await listenFor(4 * SECOND_MS, { pull: () => "garbage" });
  expect(calls).toEqual(["0 subscribe", "0 linked", "0 states", "0 leave", "0 lost corrupt"]);
});

test("gives its place back when the camera does not renew", async () => {
  const { calls } = await listenFor(482 * SECOND_MS, { renew: "rejected" });
  expect(calls).toEqual([
    "0 subscribe",
    "0 linked",
    "0 states",
    "480 renew",
    "480 leave",
    "480 lost rejected",
  ]);
});

test("asks for the states when it is wanted", async () => {
  let asked = 0;
  const { calls } = await listenFor(70 * SECOND_MS, { wantsStates: () => (asked += 1) === 2 });
  expect(calls).toEqual(["0 subscribe", "0 linked", "0 states", "40 states", "70 leave"]);
});

test("says that a camera has no events, and looks again now and then", async () => {
  const { calls, log } = await listenFor(5 * MINUTE_MS, { noService: true });
  expect(calls).toEqual(["0 lost rejected", "60 lost rejected", "180 lost rejected"]);
  expect(log).toEqual(["warn camera events are lost; will keep trying"]);
});

test("our own bug ends it", async () => {
  await expect(
    listenFor(SECOND_MS, {
      wantsStates: () => {
        throw new TypeError("ours");
      },
      pull: () => "at once",
    }),
  ).rejects.toThrow("ours");
});
