import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Holiday } from "../broadcast/rules/model.ts";
import { targetsOf } from "../broadcast/airing-wire.ts";
import { localZone } from "../broadcast/rules/local-time.ts";
import { say } from "../broadcast/say.ts";
import { openAccess, type Access } from "../cameras/access.ts";
import type { CameraNow } from "../cameras/camera-view.ts";
import { openCameras, type CameraRegistry } from "../cameras/cameras.ts";
import { openClips, type Clips } from "../cameras/clips/clips.ts";
import { openCameraDevices, type CameraDevices } from "../cameras/devices.ts";
import { runEventActions } from "../cameras/events/actions.ts";
import { openCameraEvents, type CameraEvents } from "../cameras/events/camera-events.ts";
import { openCases, type Cases } from "../cameras/evidence/cases.ts";
import { openExports, type Exports } from "../cameras/evidence/exports.ts";
import { openHeads, type Heads } from "../cameras/evidence/heads.ts";
import { openEvidenceKey, type EvidenceKey } from "../cameras/evidence/key.ts";
import { openLedger, type Ledger, type LedgerReader } from "../cameras/ledger.ts";
import { openLiveHub, type LiveHub } from "../cameras/live/hub.ts";
import { openDeviceThread, type DeviceThread } from "../cameras/onvif/device-thread.ts";
import { openHostGate } from "../cameras/onvif/host-gate.ts";
import type { SoapParts } from "../cameras/onvif/soap-client.ts";
import { openPictureWatch, type PictureWatch } from "../cameras/picture.ts";
import { openPlayback, type Playback } from "../cameras/playback.ts";
import { openBreaches, type Breaches } from "../cameras/privacy/breaches.ts";
import { openDataRequests, type DataRequests } from "../cameras/privacy/data-requests.ts";
import { openErasure, type Erasure } from "../cameras/privacy/erasure.ts";
import { loadCameraProfiles, type CameraProfiles } from "../cameras/profiles.ts";
import { openRecorder, type Recorder } from "../cameras/recorder/recorder.ts";
import { todayOf } from "../cameras/recording-view.ts";
import type { CameraId } from "../cameras/rules/model.ts";
import { openThumbnails, type Thumbnails } from "../cameras/thumbnails.ts";
import { openWatchLog, type WatchLog } from "../cameras/watch-log.ts";
import type { Actor } from "../identity/actor.ts";
import type { Audit } from "../identity/audit.ts";
import type { Clock } from "../kernel/clock.ts";
import type { Log } from "../kernel/log.ts";
import type { Task } from "../kernel/run-together.ts";
import { capture } from "../media/capture.ts";
import type { MediaTools } from "../media/tools.ts";
import type { Database } from "../store/database.ts";
import { openOutbox } from "../store/outbox.ts";
import type { Config } from "./config.ts";

interface CamerasParts {
  readonly config: Config;
  readonly database: Database;
  readonly clock: Clock;
  readonly log: Log;
  readonly audit: Audit;
  readonly tools: MediaTools;
  readonly version: string;
  readonly profilesDir: string;
  readonly holidays: () => readonly Holiday[];
  readonly notify: (event: { readonly type: string; readonly [field: string]: unknown }) => void;
  /** Speaks at the counter, as far as the rules of the air allow. */
  readonly say: (text: string, speakers: readonly string[], signal: AbortSignal) => Promise<void>;
}

/** Everything that sees, keeps and proves pictures, wired. `tasks` are run by the daemon. */
export interface CameraHouse extends AsyncDisposable {
  readonly cameras: CameraRegistry;
  readonly access: Access;
  readonly watchLog: WatchLog;
  readonly profiles: CameraProfiles;
  readonly soap: SoapParts;
  readonly thread: DeviceThread;
  readonly devices: CameraDevices;
  readonly recorder: Recorder;
  readonly hub: LiveHub;
  readonly playback: Playback;
  readonly thumbnails: Thumbnails;
  readonly picture: PictureWatch;
  readonly events: CameraEvents;
  readonly clips: Clips;
  readonly cases: Cases;
  readonly exports: Exports;
  readonly ledger: Ledger & LedgerReader;
  readonly heads: Heads;
  readonly key: EvidenceKey;
  readonly requests: DataRequests;
  readonly erasure: Erasure;
  readonly breaches: Breaches;
  readonly now: CameraNow;
  readonly tasks: readonly Task[];
}

/** Of all cameras together; a commune's panel has a handful of people. */
const MOST_VIEWERS = 64;
/** Cheap cameras answer few questions at a time. */
const QUESTIONS_AT_ONCE = 2;

export async function composeCameras(parts: CamerasParts): Promise<CameraHouse> {
  const { config, database, clock, audit, tools, notify } = parts;
  await using resources = new AsyncDisposableStack();
  const { timeZone } = config.commune;
  const keyDir = join(config.dataDir, "ca");
  const dir = config.cameras.dir ?? join(config.dataDir, "cameras");
  const random = Math.random;
  const logOf = (service: string): Log => parts.log.child({ service });
  const changed = (id: CameraId): void => notify({ type: "camera", id });

  const cameras = openCameras({ database, clock, audit, keyDir });
  cameras.onChange(changed);
  const access = openAccess({ cameras, audit });
  const watchLog = resources.use(openWatchLog({ audit, clock }));
  const profiles = loadCameraProfiles(parts.profilesDir);
  const thread = resources.use(openDeviceThread({ log: logOf("onvif") }));
  const soap: SoapParts = { thread, clock, gate: openHostGate(QUESTIONS_AT_ONCE) };
  const devices = openCameraDevices({
    ...{ ...soap, cameras, profiles, clock, audit, changed },
    log: logOf("onvif"),
    isClockTrusted: () => isClockSynchronized() !== false,
  });

  const ledger = openLedger({ database, clock });
  const key = openEvidenceKey(keyDir);
  const heads = openHeads({ ...{ database, clock, ledger, audit, key }, outbox: openOutbox(database) });
  const cases = openCases({ database, clock, audit, notify });

  const hub = resources.use(
    openLiveHub({
      ...{ cameras, clock, random, tools, capture },
      state: (id) => recorder.status(id).state,
      zone: localZone(timeZone),
      log: logOf("live"),
      limits: { maxViewers: MOST_VIEWERS, maxMpeg1: config.cameras.mpeg1Streams },
    }),
  );
  const thumbnails = openThumbnails({ dir: join(dir, "thumbnails") });
  const recorder: Recorder = await openRecorder({
    ...{ cameras, ledger, database, clock, random, tools, timeZone },
    log: logOf("recorder"),
    dir: join(dir, "ring"),
    segmentSec: config.cameras.segmentSeconds,
    reservePercent: config.cameras.reservePercent,
    live: (id) => hub.sink(id),
    kept: (id, span) => [...cases.kept(id, span), ...clips.kept(id, span)],
    onStatus: changed,
    reresolve: (id, signal) => devices.reresolve(id, signal),
    sacrifice: {
      first: async (bytes) => {
        await thumbnails.removeOldest(bytes);
        await exports.expire();
      },
      last: () => clips.expire(),
    },
  });
  const clips: Clips = openClips({
    ...{ database, clock, audit, cameras, recordings: recorder, tools, notify, timeZone },
    log: logOf("clips"),
    dir: join(dir, "clips"),
    isHeld: (id, span) => cases.kept(id, span).length > 0,
  });
  const picture = openPictureWatch({
    ...{ recordings: recorder, thumbnails, tools, clock },
    log: logOf("picture"),
    onChange: changed,
  });
  const events = openCameraEvents({
    ...{ database, cameras, clock, random },
    log: logOf("events"),
    connect: (camera, signal) => devices.pullPoint(camera.id, signal),
    clockOffsetMs: (id) => devices.clockOf(id)?.offsetMs ?? undefined,
    topics: (camera) => profiles.get(camera.profile)?.events ?? [],
    onLink: changed,
  });
  const acting: Task = (signal) =>
    runEventActions(
      {
        ...{ cameras, events, clock, timeZone, say: parts.say },
        log: logOf("events"),
        notify: (news) => notify({ ...news }),
        clips: {
          request: (camera, span, reason) =>
            clips.request({ camera, ...span, reason, origin: "event" }, "system").id,
          extend: (id, to) => clips.extend(id, to),
        },
      },
      signal,
    );
  const exports: Exports = openExports({
    ...{ database, clock, audit, ledger, heads, key, recordings: recorder, tools, cameras, cases, notify },
    log: logOf("exports"),
    dir: join(dir, "exports"),
    facts: {
      ...{ commune: config.commune.name, version: parts.version, timeZone },
      cameraClock: (id) => {
        const { offsetMs = null, measuredAt = null } = devices.clockOf(id) ?? {};
        return offsetMs === null ? null : { offsetMs, measuredAt };
      },
      synchronized: () => Promise.resolve(isClockSynchronized()),
    },
  });
  const requests = openDataRequests({ database, audit, clock, timeZone, holidays: parts.holidays });
  const erasure = openErasure({
    ...{ recorder, clips, exports, cases, thumbnails, requests, audit, clock, notify },
  });
  const owned = resources.move();
  return {
    ...{ cameras, access, watchLog, profiles, soap, thread, devices, recorder, hub },
    ...{ playback: openPlayback({ recordings: recorder, clock }), thumbnails, picture, events },
    ...{ clips, cases, exports, ledger, heads, key, requests, erasure },
    breaches: openBreaches({ database, audit, clock }),
    now: nowOf({ recorder, picture, events, clock, timeZone }),
    tasks: [
      (signal) => recorder.run(signal),
      (signal) => hub.run(signal),
      (signal) => devices.run(signal),
      (signal) => events.run(signal),
      acting,
      (signal) => clips.run(signal),
      (signal) => exports.run(signal),
      (signal) => picture.run(signal),
      (signal) => heads.run(signal),
    ],
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

const TIMESYNC = "/run/systemd/timesync";

/** systemd-timesyncd leaves a mark once it has set the clock; null: another program may keep it. */
function isClockSynchronized(): boolean | null {
  return existsSync(TIMESYNC) ? existsSync(join(TIMESYNC, "synchronized")) : null;
}

interface NowParts {
  readonly recorder: Recorder;
  readonly picture: PictureWatch;
  readonly events: CameraEvents;
  readonly clock: Clock;
  readonly timeZone: string;
}

function nowOf({ recorder, picture, events, clock, timeZone }: NowParts): CameraNow {
  const zone = localZone(timeZone);
  return {
    status: (id) => recorder.status(id),
    picture: (id) => picture.verdict(id),
    today: (id) => todayOf(id, { recordings: recorder, clock, zone }),
    events: (id) => events.current(id).link,
  };
}

/** The hall itself, when a rule that people wrote makes it speak; the trail shows whose rule it was. */
const CAMERA_ACTOR: Actor = { id: "camera", name: "Camera", roles: ["admin"] };

/** Quiet hours and everything else that holds for a bulletin holds for what a camera's rule says. */
export function speakAtCounter(
  parts: Parameters<typeof say>[2],
): (words: string, speakers: readonly string[], signal: AbortSignal) => Promise<void> {
  return async (words, speakers, signal) => {
    const targets = targetsOf({ speakers: [...speakers] });
    await say({ text: words, targets, at: undefined, chime: false }, CAMERA_ACTOR, parts, signal);
  };
}
