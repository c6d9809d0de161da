import { isStopped } from "../../kernel/clock.ts";
import type { Cameras } from "../cameras.ts";
import type { Camera, CameraId } from "../rules/model.ts";

interface Following {
  readonly cameras: Pick<Cameras, "all" | "onChange">;
  readonly isAsked: (camera: Camera) => boolean;
  /** When it differs, the camera's task is ended and begun anew. */
  readonly fingerprint: (camera: Camera) => string;
  /** Works on one camera until its signal aborts. */
  readonly each: (camera: Camera, signal: AbortSignal) => Promise<void>;
}

interface Running {
  readonly fingerprint: string;
  readonly stop: AbortController;
  readonly ended: Promise<void>;
}

/**
 * One task per camera, as cameras are added, changed and removed. When one fails all are stopped and awaited, and its
 * failure is thrown.
 */
export async function followCameras(following: Following, signal: AbortSignal): Promise<void> {
  const running = new Map<CameraId, Running>();
  const failing = new AbortController();
  const either = AbortSignal.any([signal, failing.signal]);
  const bell = newBell(either);
  using resources = new DisposableStack();
  resources.use(following.cameras.onChange(bell.ring));
  const start = (camera: Camera, fingerprint: string): void => {
    const stop = new AbortController();
    const ended = following
      .each(camera, AbortSignal.any([either, stop.signal]))
      .catch((error: unknown) => failing.abort(error));
    running.set(camera.id, { fingerprint, stop, ended });
  };
  while (!isStopped(either)) {
    const wanted = new Map(
      following.cameras
        .all()
        .filter(following.isAsked)
        .map((camera) => [camera.id, { camera, fingerprint: following.fingerprint(camera) }]),
    );
    for (const [id, { fingerprint, stop, ended }] of running) {
      if (wanted.get(id)?.fingerprint === fingerprint) continue;
      stop.abort();
      await ended;
      running.delete(id);
    }
    for (const [id, { camera, fingerprint }] of wanted)
      if (!running.has(id) && !isStopped(either)) start(camera, fingerprint);
    await bell.rung();
  }
  await Promise.all([...running.values()].map(({ ended }) => ended));
  if (failing.signal.aborted) throw failing.signal.reason;
}

interface Bell {
  readonly ring: () => void;
  /** At once when it has rung since the last time, or when there is nothing to wait for any more. */
  readonly rung: () => Promise<void>;
}

function newBell(signal: AbortSignal): Bell {
  let next = Promise.withResolvers<undefined>();
  const ring = (): void => next.resolve(undefined);
  signal.addEventListener("abort", ring, { once: true });
  return {
    ring,
    rung: async () => {
      await next.promise;
      if (!signal.aborted) next = Promise.withResolvers<undefined>();
    },
  };
}
