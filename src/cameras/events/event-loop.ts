import { isStopped, type Clock } from "../../kernel/clock.ts";
import { Fault } from "../../kernel/faults.ts";
import type { Log } from "../../kernel/log.ts";
import { backoffMs } from "../../kernel/supervise.ts";
import { text } from "../../kernel/text.ts";
import { MINUTE_MS, SECOND_MS, type UptimeMs } from "../../kernel/time.ts";
import { readPullAnswer, type PullAnswer } from "./notifications.ts";
import type { PullPoint, Subscription } from "./pull-point.ts";

/** Cameras have few places for subscribers and keep those that were not given back: short leases, renewed early. */
const LEASE_MS = 10 * MINUTE_MS;
const RENEW_AFTER_MS = 8 * MINUTE_MS;
const PULL = { waitMs: 20 * SECOND_MS, limit: 100 };

const BACKOFF = { firstMs: 5 * SECOND_MS, longestMs: 5 * MINUTE_MS, healthyAfterMs: MINUTE_MS };
/** Cameras lock accounts that try a wrong password too often. */
const REFUSED_BACKOFF = { ...BACKOFF, firstMs: MINUTE_MS };

/** Some firmware answers every pull at once, with or without news: after a burst it is asked once a second. */
const BURST_COUNT = 20;
const PACE_MS = SECOND_MS;

const AT_ONCE_MS = 500;
const CLOSES_AT_ONCE_COUNT = 5;

const LEAVE_WITHIN_MS = 3 * SECOND_MS;

export interface EventLoopParts {
  /** Reaches the camera; undefined: it has no event service. Throws a Fault. */
  readonly connect: (signal: AbortSignal) => Promise<PullPoint | undefined>;
  readonly listener: EventListener;
  readonly clock: Clock;
  readonly log: Log;
  /** 0 ≤ x < 1. */
  readonly random: () => number;
}

/** Hears what a camera tells. Calls come one after the other. */
export interface EventListener {
  /** A subscription stands. */
  linked(): void;
  /** It can't be heard any more, or not yet. */
  lost(why: Fault): void;
  heard(answer: PullAnswer): void;
  /** Asked after every pull: whether the camera should say its states again. */
  wantsStates(): boolean;
}

/** Listens to one camera until stopped. Whatever the camera does, it is tried again; only our own bugs end it. */
export async function runEventLoop(parts: EventLoopParts, signal: AbortSignal): Promise<void> {
  const { clock, log, listener } = parts;
  let failures = 0;
  let told: "up" | "down" | undefined;
  while (!isStopped(signal)) {
    let linkedAt: UptimeMs | undefined;
    const linked = (): void => {
      linkedAt = clock.uptime();
      if (told !== "up") log.info({}, "listening to the camera's events");
      told = "up";
      listener.linked();
    };
    const why = await listen(parts, linked, signal).catch((error: unknown) => asFault(error, signal));
    if (why === undefined) return;
    if (linkedAt !== undefined && clock.uptime() - linkedAt >= BACKOFF.healthyAfterMs) failures = 0;
    // A camera that comes and goes is told of once, not each time.
    if (told !== "down" && (failures === 0 || linkedAt === undefined)) {
      log.warn({ err: why }, "camera events are lost; will keep trying");
      told = "down";
    }
    listener.lost(why);
    const backoff = why.kind === "rejected" ? REFUSED_BACKOFF : BACKOFF;
    await clock.sleep(backoffMs(failures, backoff, parts.random()), signal);
    failures += 1;
  }
}

/** Undefined: it was us who stopped. */
function asFault(error: unknown, signal: AbortSignal): Fault | undefined {
  if (isStopped(signal)) return undefined;
  if (error instanceof Fault) return error;
  throw error;
}

/** One subscription from its beginning to its loss, and why it was lost; undefined when we were stopped. */
async function listen(
  parts: EventLoopParts,
  linked: () => void,
  signal: AbortSignal,
): Promise<Fault | undefined> {
  const point = await parts.connect(signal);
  if (point === undefined) return noEventService();
  const subscription = await point.subscribe(LEASE_MS, signal);
  try {
    linked();
    return await pullOn(parts, subscription, signal);
  } finally {
    await leave(subscription);
  }
}

async function pullOn(
  { clock, listener }: EventLoopParts,
  subscription: Subscription,
  signal: AbortSignal,
): Promise<Fault | undefined> {
  let renewedAt = clock.uptime();
  const pace = newPace(clock);
  let closes = 0;
  await askForStates(subscription, signal);
  while (!isStopped(signal)) {
    const askedAt = clock.uptime();
    const answer = await subscription.pull(PULL, signal);
    const quick = clock.uptime() - askedAt < AT_ONCE_MS;
    closes = quick && answer === undefined ? closes + 1 : 0;
    if (closes > CLOSES_AT_ONCE_COUNT) return closesAtOnce();
    if (answer !== undefined) listener.heard(readPullAnswer(answer));
    const due = clock.uptime() - renewedAt >= RENEW_AFTER_MS;
    if (due) {
      await subscription.renew(LEASE_MS, signal);
      renewedAt = clock.uptime();
    }
    if (due || listener.wantsStates()) await askForStates(subscription, signal);
    await pace(signal);
  }
  return undefined;
}

/** Waits when there was more than one answer in PACE_MS, beyond a burst that fills up again at that rate. */
function newPace(clock: Clock): (signal: AbortSignal) => Promise<void> {
  let left = BURST_COUNT;
  let at = clock.uptime();
  return async (signal) => {
    const now = clock.uptime();
    left = Math.min(left + (now - at) / PACE_MS, BURST_COUNT) - 1;
    at = now;
    if (left < 0) await clock.sleep(-left * PACE_MS, signal);
  };
}

/** Cheap cameras do not know the question; then we learn a state when it changes. */
async function askForStates(subscription: Subscription, signal: AbortSignal): Promise<void> {
  try {
    await subscription.synchronize(signal);
  } catch (error) {
    if (!(error instanceof Fault) || error.kind !== "rejected") throw error;
  }
}

/** Also when we are being stopped: a place that is not given back is lost for the length of the lease. */
async function leave(subscription: Subscription): Promise<void> {
  const limit = AbortSignal.timeout(LEAVE_WITHIN_MS);
  try {
    await subscription.unsubscribe(limit);
  } catch (error) {
    // It has forgotten us already, or can't be reached: then the lease runs out.
    if (!limit.aborted && !(error instanceof Fault)) throw error;
  }
}

function noEventService(): Fault {
  return new Fault("rejected", text("The camera has no event service.", "Camera không có dịch vụ sự kiện."), {
    hint: text(
      "Recording and live view do not need it. Look for “ONVIF events” in the camera's own settings.",
      "Ghi hình và xem trực tiếp không cần dịch vụ này. Hãy tìm mục “ONVIF events” trong cài đặt của camera.",
    ),
  });
}

function closesAtOnce(): Fault {
  return new Fault(
    "unavailable",
    text(
      "The camera closes every connection at once when asked for events.",
      "Camera đóng kết nối ngay mỗi khi được hỏi sự kiện.",
    ),
  );
}
