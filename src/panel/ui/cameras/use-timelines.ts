import { useCallback, useEffect, useState } from "react";
import { Refused, type Call } from "../api.ts";
import type { HallEvents } from "../live-events.ts";
import type { Timeline } from "./camera-shapes.ts";
import type { View } from "./timeline-scale.ts";

interface TimelinesParts {
  readonly cameras: readonly string[];
  readonly day: View;
  readonly call: Call;
  readonly events: HallEvents;
}

interface TimelinesView {
  /** Empty until first read. */
  readonly timelines: ReadonlyMap<string, Timeline>;
  readonly problem: Refused | undefined;
  readonly reload: () => void;
}

/** Today's recording grows. */
const AGAIN_EVERY_MS = 10_000;
/** What changes a day's picture beside time. */
const TELLING = new Set(["clip", "case", "reset"]);

/** What the cameras recorded on a day, kept fresh while the day lasts. */
export function useTimelines({ cameras, day, call, events }: TimelinesParts): TimelinesView {
  const [timelines, setTimelines] = useState<ReadonlyMap<string, Timeline>>(new Map());
  const [problem, setProblem] = useState<Refused>();
  const ids = cameras.join(" ");
  const { from, to } = day;

  const read = useCallback(async () => {
    const asked = ids.split(" ").filter((id) => id !== "");
    try {
      const answers = await Promise.all(
        asked.map(async (id) => {
          const path = `/cameras/${encodeURIComponent(id)}/timeline?from=${from}&to=${to}`;
          return [id, await call<Timeline>("GET", path, { background: true })] as const;
        }),
      );
      setTimelines(new Map(answers));
      setProblem(undefined);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      setProblem(error);
    }
  }, [ids, from, to, call]);

  useEffect(() => {
    setTimelines(new Map());
    void read();
    const timer = window.setInterval(() => {
      if (Date.now() < to + AGAIN_EVERY_MS) void read();
    }, AGAIN_EVERY_MS);
    const leave = events.subscribe(({ type }) => {
      if (TELLING.has(type)) void read();
    });
    return () => {
      leave();
      window.clearInterval(timer);
    };
  }, [read, events, to]);

  return { timelines, problem, reload: () => void read() };
}
