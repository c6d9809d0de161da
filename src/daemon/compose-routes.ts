import { randomUUID } from "node:crypto";
import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod";
import { airingRoutes } from "../broadcast/airing-routes.ts";
import { bulletinRoutes } from "../broadcast/bulletin-routes.ts";
import { calendarRoutes } from "../broadcast/calendar-routes.ts";
import { libraryRoutes } from "../broadcast/library-routes.ts";
import type { Library } from "../broadcast/library.ts";
import { liveRoutes } from "../broadcast/live-routes.ts";
import { offCalendar } from "../broadcast/playout-view.ts";
import { say } from "../broadcast/say.ts";
import { soundingRoutes } from "../broadcast/sounding-routes.ts";
import type { Audit } from "../identity/audit.ts";
import type { Clock } from "../kernel/clock.ts";
import type { Log } from "../kernel/log.ts";
import type { EventHub } from "../panel/event-hub.ts";
import { hamletRoutes } from "../speakers/hamlet-routes.ts";
import type { AiringId } from "../speakers/protocol.ts";
import type { HallAddresses } from "../speakers/provisioning.ts";
import type { Registry } from "../speakers/registry.ts";
import { speakerRoutes } from "../speakers/routes.ts";
import type { Database } from "../store/database.ts";
import type { Broadcast } from "./compose-broadcast.ts";
import { keepRecording } from "./compose-sound.ts";
import type { Config } from "./config.ts";

interface RouteParts {
  readonly config: Config;
  readonly database: Database;
  readonly clock: Clock;
  readonly log: Log;
  readonly audit: Audit;
  readonly registry: Registry;
  readonly library: Library;
  readonly broadcast: Broadcast;
  readonly events: EventHub;
  readonly hallAddresses: () => HallAddresses;
  /** Aborts when the daemon stops. */
  readonly signal: AbortSignal;
}

/** The features' HTTP, in the order of the house. */
export function composeRoutes(parts: RouteParts): FastifyPluginAsyncZod[] {
  const { config, database, clock, log, audit, registry, library, broadcast, events, hallAddresses, signal } =
    parts;
  return [
    hamletRoutes({
      database,
      registry,
      audit,
      consequencesOf: (hamlet) => broadcast.consequencesOf(hamlet.id),
    }),
    speakerRoutes({
      database,
      registry,
      link: broadcast.link,
      audit,
      clock,
      timeZone: config.commune.timeZone,
      hallAddresses,
    }),
    airingRoutes({
      playout: { end: (airing, by) => broadcast.endAiring(airing, by) },
      airings: broadcast.airings,
      log: broadcast.airingLog,
      clock,
      audit,
      upcoming: (limit) => broadcast.upcoming(limit),
      playingNow: (airing) =>
        broadcast.link.statuses().filter(({ state }) => state?.playing?.airing === airing).length,
    }),
    libraryRoutes({ library, audit, notify: (event) => events.publish(event) }),
    bulletinRoutes(broadcast.bulletins),
    calendarRoutes({
      calendar: broadcast.calendar,
      clock,
      timeZone: config.commune.timeZone,
      offCalendar: (window) => offCalendar(broadcast.airings, window),
    }),
    liveRoutes({
      desk: broadcast.live,
      audit,
      log: log.child({ service: "live" }),
      newAiringId: () => `live.${randomUUID()}` as AiringId,
      onEnd: (order, end) => keepRecording({ order, end }, library, signal),
      signal,
    }),
    soundingRoutes({
      playout: { stopAll: (holdMs) => broadcast.stopAll(holdMs), resume: () => broadcast.playout.resume() },
      log: broadcast.airingLog,
      clock,
      audit,
      say: (order, actor) =>
        say(order, actor, { ...broadcast, clock, timeZone: config.commune.timeZone }, signal),
      declareEmergency: (order, actor) => broadcast.declareEmergency(order, actor, signal),
    }),
  ];
}
