import { isStopped, type Clock } from "../kernel/clock.ts";
import { Fault } from "../kernel/faults.ts";
import type { Log } from "../kernel/log.ts";
import { runTogether } from "../kernel/run-together.ts";
import { text } from "../kernel/text.ts";
import { HOUR_MS, MINUTE_MS, type EpochMs, type UptimeMs } from "../kernel/time.ts";
import type { Audit } from "../identity/audit.ts";
import type { CameraRegistry } from "./cameras.ts";
import type { PullPoint } from "./events/pull-point.ts";
import { openDevice, type OnvifDevice } from "./onvif/device.ts";
import { DeviceFault } from "./onvif/faults.ts";
import type { SoapParts } from "./onvif/soap-client.ts";
import type { CameraProfiles } from "./profiles.ts";
import { clockVerdict, type ClockVerdict } from "./rules/device-time.ts";
import type { Camera, CameraId, StreamSource } from "./rules/model.ts";
import { chooseStreams, type MediaProfile } from "./rules/stream-choice.ts";

/** What is known of a camera's own clock. */
export interface ClockNote {
  /** Positive: ahead of ours. */
  readonly offsetMs: number;
  readonly verdict: ClockVerdict;
  readonly measuredAt: EpochMs;
  /** It was just set by us. */
  readonly corrected: boolean;
}

/** The ONVIF side of the cameras that are kept. */
export interface CameraDevices {
  /** Asks the camera anew who it is: passwords and addresses may have changed. Throws a Fault. */
  open(id: CameraId, signal: AbortSignal): Promise<OnvifDevice>;
  /**
   * Works with a device that was opened a moment ago, or opens it: turning a camera must not wait for a greeting each
   * time. A device that fails is opened anew, once.
   */
  use<T>(id: CameraId, work: (device: OnvifDevice) => Promise<T>, signal: AbortSignal): Promise<T>;
  /** For the event loop: undefined when the camera has no event service, or no ONVIF. Throws a Fault. */
  pullPoint(id: CameraId, signal: AbortSignal): Promise<PullPoint | undefined>;
  /** Asks where the streams are now, and keeps what has changed. A camera without ONVIF stays as it is. Throws a Fault. */
  reresolve(id: CameraId, signal: AbortSignal): Promise<void>;
  /** As last measured; undefined: not yet, or the camera tells no time. */
  clockOf(id: CameraId): ClockNote | undefined;
  /** Whether it can turn; false until it has been asked. */
  turns(id: CameraId): boolean;
  /** Looks at every camera's clock now and then, and sets those that may be set. Works until stopped. */
  run(signal: AbortSignal): Promise<void>;
}

interface CameraDevicesParts extends SoapParts {
  readonly cameras: CameraRegistry;
  readonly profiles: CameraProfiles;
  readonly clock: Clock;
  readonly log: Log;
  readonly audit: Audit;
  /** Whether our own clock is right (set by a time server): cameras are not set by a wrong one. Default: it is. */
  readonly isClockTrusted?: () => boolean;
  /** What the panel shows of this camera has changed. */
  readonly changed: (id: CameraId) => void;
}

/** A camera's clock wanders, and with it its opinion of our signatures. */
const KEPT_OPEN_FOR_MS = 5 * MINUTE_MS;
const CLOCK_CHECK_EVERY_MS = 10 * MINUTE_MS;
/** Makes lock a user for half an hour after some wrong tries; the watch of clocks must not keep the lock shut. */
const AFTER_REFUSAL_MS = HOUR_MS;

export function openCameraDevices(parts: CameraDevicesParts): CameraDevices {
  const { cameras, clock, log, audit, isClockTrusted = () => true } = parts;
  const clocks = new Map<CameraId, ClockNote>();
  const turning = new Map<CameraId, boolean>();

  /** When a camera last refused its password: each try counts towards its lock. */
  const refusedAt = new Map<CameraId, UptimeMs>();

  const open = async (id: CameraId, signal: AbortSignal): Promise<OnvifDevice> => {
    const camera = cameras.get(id);
    if (camera.onvif === null) throw withoutOnvif(camera);
    const digestOnly = parts.profiles.get(camera.profile)?.onvif?.login === "digest";
    const order = { address: camera.onvif, credentials: cameras.credentials(id), digestOnly };
    const device = await openDevice(order, parts, signal).catch((error: unknown) => {
      if (error instanceof DeviceFault && error.trouble === "wrong-password")
        refusedAt.set(id, clock.uptime());
      throw error;
    });
    refusedAt.delete(id);
    const turns = device.ptz !== undefined;
    if (turning.get(id) !== turns) {
      turning.set(id, turns);
      parts.changed(id);
    }
    return device;
  };
  const kept = new Map<CameraId, { readonly device: OnvifDevice; readonly openedAt: UptimeMs }>();
  cameras.onChange((id) => {
    kept.delete(id);
    refusedAt.delete(id);
  });
  const use = async <T>(
    id: CameraId,
    work: (device: OnvifDevice) => Promise<T>,
    signal: AbortSignal,
  ): Promise<T> => {
    const known = kept.get(id);
    if (known !== undefined && clock.uptime() - known.openedAt < KEPT_OPEN_FOR_MS) {
      try {
        return await work(known.device);
      } catch (error) {
        kept.delete(id);
        if (!(error instanceof DeviceFault) || error.trouble === "refused") throw error;
      }
    }
    const device = await open(id, signal);
    kept.set(id, { device, openedAt: clock.uptime() });
    return work(device);
  };
  const note = (id: CameraId, offsetMs: number, corrected = false): void => {
    const before = clocks.get(id);
    const verdict = clockVerdict(offsetMs);
    clocks.set(id, { offsetMs, verdict, measuredAt: clock.now(), corrected });
    if (before?.verdict === verdict && !corrected) return;
    if (verdict !== "right") log.warn({ camera: id, offsetMs }, "camera's clock is off");
    else if (before !== undefined) log.info({ camera: id }, "camera's clock is right again");
    parts.changed(id);
  };
  const checkClock = async (id: CameraId, signal: AbortSignal): Promise<void> => {
    const device = await open(id, signal);
    const { offsetMs } = await device.clock(signal);
    note(id, offsetMs);
    const mayCorrect = cameras.find(id)?.mayCorrectClock === true && isClockTrusted();
    if (clockVerdict(offsetMs) === "right" || !mayCorrect) return;
    await device.setClock(signal);
    const after = await device.clock(signal);
    note(id, after.offsetMs, true);
    const details = { beforeMs: offsetMs, afterMs: after.offsetMs };
    audit.record({ actor: "system", action: "camera.set-clock", subject: id, details });
  };
  /** One camera that is away does not keep the others waiting. */
  const checkAll = (signal: AbortSignal): Promise<void> => {
    const isLockedOut = (id: CameraId): boolean => {
      const at = refusedAt.get(id);
      return at !== undefined && clock.uptime() - at < AFTER_REFUSAL_MS;
    };
    const watched = cameras
      .all()
      .filter(({ id, onvif, enabled }) => onvif !== null && enabled && !isLockedOut(id));
    const check =
      (id: CameraId) =>
      async (stop: AbortSignal): Promise<void> => {
        try {
          await checkClock(id, stop);
        } catch (error) {
          if (isStopped(signal)) return;
          if (!(error instanceof Fault)) throw error;
          // Offline and wrong passwords are told by the recorder; here only the clock stays unknown.
          log.debug({ camera: id, err: error }, "camera's clock could not be read");
          if (error instanceof DeviceFault && error.trouble === "garbage") clocks.delete(id);
        }
      };
    return runTogether(
      watched.map(({ id }) => check(id)),
      signal,
    );
  };
  return {
    open,
    use,
    clockOf: (id) => clocks.get(id),
    turns: (id) => turning.get(id) ?? false,
    pullPoint: async (id, signal) =>
      cameras.get(id).onvif === null ? undefined : (await open(id, signal)).events,
    reresolve: async (id, signal) => {
      const camera = cameras.get(id);
      if (camera.onvif === null) return;
      const device = await open(id, signal);
      const streams = await streamsNow(camera, device, signal);
      cameras.change(id, { identity: device.identity, ...(streams && { streams }) }, "system");
    },
    run: async (signal) => {
      while (!isStopped(signal)) {
        await checkAll(signal);
        await clock.sleep(CLOCK_CHECK_EVERY_MS, signal);
      }
    },
  };
}

/** The streams as the camera names them now; how they are carried stays as it was found when it was added. */
async function streamsNow(
  { streams }: Camera,
  device: OnvifDevice,
  signal: AbortSignal,
): Promise<Camera["streams"] | undefined> {
  const choice = chooseStreams(device.profiles);
  if (choice === undefined) return undefined;
  const { transport } = streams.main;
  const named = async (profile: MediaProfile, before: StreamSource | null): Promise<StreamSource> => {
    const { url } = await device.streamAddress(profile, signal);
    const { codec, widthPx, heightPx, fps, kbps } = profile;
    // What was seen in the stream itself is truer than what is announced, as long as it is the same stream.
    return before?.url === url ? before : { url, transport, codec, widthPx, heightPx, fps, kbps };
  };
  const main = await named(choice.main, streams.main);
  const sub = choice.sub === null ? null : await named(choice.sub, streams.sub);
  return { main, sub };
}

function withoutOnvif({ name }: Camera): Fault {
  return new Fault(
    "rejected",
    text(
      `Camera ${name} has no ONVIF; only its picture is reached.`,
      `Camera ${name} không có ONVIF, chỉ xem được hình.`,
    ),
    {
      hint: text(
        "Turning, events and its clock need ONVIF: enable it in the camera and add the camera again.",
        "Quay, sự kiện và chỉnh giờ cần ONVIF: hãy bật trong camera rồi thêm lại camera.",
      ),
    },
  );
}
