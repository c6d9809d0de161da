import { localZone } from "../../broadcast/rules/local-time.ts";
import { isStopped, type Clock } from "../../kernel/clock.ts";
import { asError, Fault } from "../../kernel/faults.ts";
import type { Log } from "../../kernel/log.ts";
import { SECOND_MS, type EpochMs } from "../../kernel/time.ts";
import type { Cameras } from "../cameras.ts";
import { actingRules, clipSpan, extendedTo } from "../rules/event-rules.ts";
import type { Camera, CameraEvent, CameraId, EventKind, EventRule, Span } from "../rules/model.ts";
import type { CameraEvents } from "./camera-events.ts";

export interface EventActionsParts {
  readonly cameras: Pick<Cameras, "find">;
  readonly events: Pick<CameraEvents, "onEvent" | "bookmark">;
  readonly clock: Clock;
  readonly log: Log;
  readonly timeZone: string;
  readonly clips: {
    /** Orders a clip and returns its id. Throws a Fault when there can't be one. */
    request(camera: CameraId, span: Span, reason: string): string;
    /** Moves the end of a clip that still waits for it; false: it waits no more. */
    extend(id: string, to: EpochMs): boolean;
  };
  readonly notify: (event: CameraNews) => void;
  /** Speaks at the counter. Fails with a Fault when nobody could hear it. */
  readonly say: (text: string, speakers: readonly string[], signal: AbortSignal) => Promise<void>;
}

/** For open pages. */
export interface CameraNews {
  readonly type: "camera-event";
  readonly camera: CameraId;
  readonly kind: EventKind;
  readonly at: EpochMs;
}

/** What the clip is called in lists; people read it. */
const CLIP_REASON: Record<EventKind, string> = {
  motion: "Có chuyển động",
  tamper: "Camera bị che hoặc xoay",
  input: "Tín hiệu báo động đầu vào",
  other: "Sự kiện của camera",
};

/** How often a clip's end is moved while its event goes on. */
const EXTEND_EVERY_MS = 2 * SECOND_MS;

interface WaitingClip {
  readonly clip: string;
  readonly rule: EventRule;
  span: Span;
  /** Number of the event it shows last. */
  event: number;
  /** That event goes on. */
  on: boolean;
}

/** Does what each camera's rules say when one of its events begins, until stopped. */
export async function runEventActions(parts: EventActionsParts, signal: AbortSignal): Promise<void> {
  const { clock, cameras, events } = parts;
  const zone = localZone(parts.timeZone);
  const actedAt = new Map<string, EpochMs>();
  const clips = newWaitingClips(parts);
  const speech = newSpeech(parts, signal);

  const act = (camera: Camera, event: CameraEvent, number: number): void => {
    const rule = camera.eventRules[number];
    if (rule === undefined) return;
    const key = keyOf(camera, number);
    actedAt.set(key, event.at);
    const does: Record<EventRule["actions"][number], () => void> = {
      bookmark: () => void events.bookmark(event.id),
      notify: () =>
        parts.notify({ type: "camera-event", camera: event.camera, kind: event.kind, at: event.at }),
      say: () => speech.say(rule, event.camera),
      clip: () => clips.begin(key, rule, event),
    };
    for (const action of new Set(rule.actions)) does[action]();
  };

  const begun = (event: CameraEvent): void => {
    const camera = cameras.find(event.camera);
    if (camera === undefined) return;
    // Before the quiet time is asked: a second movement in the roll of the first belongs into its clip.
    camera.eventRules.forEach((rule, number) => {
      if (rule.on === event.kind) clips.take(keyOf(camera, number), event);
    });
    const lastActed = (rule: number): EpochMs | undefined => actedAt.get(keyOf(camera, rule));
    for (const number of actingRules(camera.eventRules, event, { zone, lastActed }))
      act(camera, event, number);
  };

  using resources = new DisposableStack();
  resources.use(
    events.onEvent((event, phase) => {
      if (phase === "begin") begun(event);
      else clips.follow(event);
    }),
  );
  while (await clock.sleep(EXTEND_EVERY_MS, signal)) {
    clips.extend();
    speech.check();
  }
  await speech.ended();
}

function keyOf({ id }: Camera, rule: number): string {
  return `${id}/${rule}`;
}

interface WaitingClips {
  /** Orders one, unless one of this rule waits already. */
  begin(key: string, rule: EventRule, event: CameraEvent): void;
  /** The clip that waits grows over another event. */
  take(key: string, event: CameraEvent): void;
  /** An event is over, or goes on after all. */
  follow(event: CameraEvent): void;
  /** Those whose events go on end later; those whose time is over are let go. */
  extend(): void;
}

function newWaitingClips({ clock, log, clips }: EventActionsParts): WaitingClips {
  const waiting = new Map<string, WaitingClip>();
  const reach = (key: string, held: WaitingClip, at: EpochMs): void => {
    const to = extendedTo(held.rule, held.span, at);
    if (to === undefined) return;
    if (clips.extend(held.clip, to)) held.span = { ...held.span, to };
    else waiting.delete(key);
  };
  return {
    begin: (key, rule, event) => {
      if (waiting.has(key)) return;
      const span = clipSpan(rule, event, clock.now());
      try {
        const clip = clips.request(event.camera, span, CLIP_REASON[event.kind]);
        waiting.set(key, { clip, rule, span, event: event.id, on: event.on === true });
      } catch (error) {
        if (!(error instanceof Fault)) throw error;
        log.warn({ err: error, camera: event.camera }, "no clip of a camera's event");
      }
    },
    take: (key, event) => {
      const held = waiting.get(key);
      if (held === undefined) return;
      held.event = event.id;
      held.on = event.on === true;
      reach(key, held, event.at);
    },
    follow: (event) => {
      for (const [key, held] of waiting) {
        if (held.event !== event.id) continue;
        held.on = event.endAt === null;
        reach(key, held, event.endAt ?? clock.now());
      }
    },
    extend: () => {
      const now = clock.now();
      for (const [key, held] of waiting) {
        if (held.on) reach(key, held, now);
        if (held.span.to <= now) waiting.delete(key);
      }
    },
  };
}

interface Speech {
  say(rule: EventRule, camera: CameraId): void;
  /** Throws what went wrong and was nobody's fault but ours. */
  check(): void;
  ended(): Promise<void>;
}

function newSpeech({ log, say }: EventActionsParts, signal: AbortSignal): Speech {
  const speaking = new Set<Promise<void>>();
  const bugs: unknown[] = [];
  const failed = (error: unknown, camera: CameraId): void => {
    if (isStopped(signal)) return;
    if (error instanceof Fault) log.warn({ err: error, camera }, "nothing was said at the counter");
    else bugs.push(error);
  };
  return {
    say: (rule, camera) => {
      if (rule.say === null) return;
      const spoken = say(rule.say.text, rule.say.speakers, signal)
        .catch((error: unknown) => failed(error, camera))
        .finally(() => speaking.delete(spoken));
      speaking.add(spoken);
    },
    check: () => {
      if (bugs.length > 0) throw asError(bugs[0]);
    },
    ended: async () => {
      await Promise.all(speaking);
    },
  };
}
