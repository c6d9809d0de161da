import { networkInterfaces } from "node:os";
import type { FastifyRequest } from "fastify";
import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod";
import { cameraRoutes } from "../cameras/camera-routes.ts";
import { caseRoutes } from "../cameras/case-routes.ts";
import { clipRoutes } from "../cameras/clip-routes.ts";
import { eventRoutes } from "../cameras/events/event-routes.ts";
import { evidenceRoutes } from "../cameras/evidence-routes.ts";
import { liveRoutes } from "../cameras/live-routes.ts";
import { playbackRoutes } from "../cameras/playback-routes.ts";
import { breachRoutes } from "../cameras/privacy/breach-routes.ts";
import { eraseRoutes } from "../cameras/privacy/erase-routes.ts";
import { dataRequestRoutes } from "../cameras/privacy/request-routes.ts";
import { privacyRoutes } from "../cameras/privacy/routes.ts";
import { recordingRoutes } from "../cameras/recording-routes.ts";
import type { Actor } from "../identity/actor.ts";
import type { Audit } from "../identity/audit.ts";
import type { Sessions } from "../identity/sessions.ts";
import type { Clock } from "../kernel/clock.ts";
import type { Log } from "../kernel/log.ts";
import { probeStream } from "../media/probe-stream.ts";
import type { MediaTools } from "../media/tools.ts";
import type { CameraHouse } from "./compose-cameras.ts";
import type { Config } from "./config.ts";

interface CameraRouteParts {
  readonly config: Config;
  readonly clock: Clock;
  readonly log: Log;
  readonly audit: Audit;
  readonly sessions: Sessions;
  readonly tools: MediaTools;
  readonly house: CameraHouse;
  readonly notify: (event: { readonly type: string; readonly [field: string]: unknown }) => void;
  /** Aborts when the daemon stops. */
  readonly signal: AbortSignal;
}

/** The cameras' HTTP. */
export function composeCameraRoutes(parts: CameraRouteParts): FastifyPluginAsyncZod[] {
  const { config, clock, log, audit, sessions, tools, house, notify, signal } = parts;
  const { cameras, access, watchLog, devices, recorder, hub, clips, cases, thumbnails } = house;
  const { timeZone } = config.commune;
  return [
    cameraRoutes({
      ...{ cameras, access, devices, clock, timeZone, audit, signal, now: house.now },
      examining: {
        ...{ ...house.soap, profiles: house.profiles },
        probeStream: (order, stop) => probeStream(tools, order, stop),
      },
      ownAddresses: () => discoveryAddresses(config),
    }),
    liveRoutes({
      ...{ hub, access, watchLog, clock },
      log: log.child({ service: "live" }),
      stillThere: (request) => actorNow(request, sessions),
    }),
    playbackRoutes({
      ...{ playback: house.playback, recordings: recorder, thumbnails, hub, tools, access, watchLog, clock },
      events: (camera, span) => house.events.between(camera, span),
      clips: (camera, span) => clips.list({ camera, span, limit: MOST_CLIPS_SHOWN }),
      holds: (camera, span) =>
        cases.holdsWithin(camera, span).map(({ caseNumber, ...hold }) => ({ ...hold, case: caseNumber })),
    }),
    recordingRoutes({ recorder, cameras, clock, timeZone }),
    eventRoutes({ events: house.events, access }),
    clipRoutes({ clips, cameras, access, audit, clock }),
    caseRoutes({ cases, exports: house.exports, access }),
    evidenceRoutes({
      ...{ heads: house.heads, key: house.key, ledger: house.ledger, recordings: recorder, access, audit },
    }),
    privacyRoutes({
      ...{ cameras, access, audit, watchLog, clock, timeZone },
      owner: {
        commune: config.commune.name,
        contact: config.cameras.noticeContact,
        url: config.cameras.noticeUrl,
      },
    }),
    dataRequestRoutes({ requests: house.requests, clock, notify }),
    eraseRoutes({ erasure: house.erasure }),
    breachRoutes({ breaches: house.breaches, clock, notify }),
  ];
}

/** Of one camera and one day. */
const MOST_CLIPS_SHOWN = 500;

/** Who is behind a request that was let in earlier, with the roles of now. */
function actorNow(request: FastifyRequest, sessions: Sessions): Actor | undefined {
  if (request.sessionId === undefined) return request.actor;
  const user = sessions.find(request.sessionId, { present: false });
  return user && { id: user.id, name: user.name, roles: user.roles };
}

/** The configured ones, or all IPv4 addresses of this machine; its own loop too, where a synthetic camera may be. */
function discoveryAddresses({ cameras }: Config): readonly string[] {
  if (cameras.discoveryAddresses.length > 0) return cameras.discoveryAddresses;
  return Object.values(networkInterfaces())
    .flatMap((table) => table ?? [])
    .filter(({ family }) => family === "IPv4")
    .map(({ address }) => address);
}
