import { useCallback, useEffect, useState } from "react";
import { Refused, type Call } from "../api.ts";
import type { HallEvents } from "../live-events.ts";
import type { CameraView } from "./camera-shapes.ts";

interface CamerasParts {
  readonly call: Call;
  readonly events: HallEvents;
}

interface CamerasView {
  /** Undefined until first read. */
  readonly cameras: readonly CameraView[] | undefined;
  /** Why the last reading failed. */
  readonly problem: Refused | undefined;
}

const GATHER_MS = 250;
/** “(3 phút)” grows although nothing changes. */
const AT_LEAST_EVERY_MS = 30_000;

/** All cameras, kept fresh by the hall's live events. */
export function useCameras({ call, events }: CamerasParts): CamerasView {
  const [cameras, setCameras] = useState<readonly CameraView[]>();
  const [problem, setProblem] = useState<Refused>();

  const reload = useCallback(async () => {
    try {
      const read = await call<{ cameras: CameraView[] }>("GET", "/cameras", { background: true });
      setCameras(read.cameras);
      setProblem(undefined);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      setProblem(error);
    }
  }, [call]);

  useEffect(() => {
    let gathering: number | undefined;
    const soon = (): void => {
      gathering ??= window.setTimeout(() => {
        gathering = undefined;
        void reload();
      }, GATHER_MS);
    };
    void reload();
    const leave = events.subscribe(({ type }) => {
      if (type === "camera" || type === "reset") soon();
    });
    const timer = window.setInterval(soon, AT_LEAST_EVERY_MS);
    return () => {
      leave();
      window.clearInterval(timer);
      window.clearTimeout(gathering);
    };
  }, [reload, events]);

  return { cameras, problem };
}
