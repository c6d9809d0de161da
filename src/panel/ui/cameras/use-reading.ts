import { useCallback, useEffect, useRef, useState } from "react";
import { Refused, type Call } from "../api.ts";
import type { HallEvent, HallEvents } from "../live-events.ts";

interface ReadingParts {
  readonly call: Call;
  readonly events: HallEvents;
  /** Which of the hall's events make it old; a lost line always does. */
  readonly isNews: (event: HallEvent) => boolean;
}

interface Reading<T> {
  /** Undefined until first read. */
  readonly value: T | undefined;
  /** Why the last reading failed; what is shown may be old then. */
  readonly problem: Refused | undefined;
  readonly reload: () => Promise<void>;
}

const GATHER_MS = 250;

/** What the hall answers to this path, read anew when the path changes or something happens. */
export function useReading<T>(path: string, { call, events, isNews }: ReadingParts): Reading<T> {
  const [read, setRead] = useState<{ readonly path: string; readonly value: T }>();
  const [problem, setProblem] = useState<Refused>();
  const news = useRef(isNews);
  news.current = isNews;
  const wanted = useRef(path);
  wanted.current = path;

  const reload = useCallback(async () => {
    try {
      const value = await call<T>("GET", path, { background: true });
      // A slower answer to what was asked before must not stand in for this one.
      if (wanted.current !== path) return;
      setRead({ path, value });
      setProblem(undefined);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      if (wanted.current === path) setProblem(error);
    }
  }, [call, path]);

  useEffect(() => {
    let gathering: number | undefined;
    setProblem(undefined);
    void reload();
    const leave = events.subscribe((event) => {
      if (event.type !== "reset" && !news.current(event)) return;
      gathering ??= window.setTimeout(() => {
        gathering = undefined;
        void reload();
      }, GATHER_MS);
    });
    return () => {
      leave();
      window.clearTimeout(gathering);
    };
  }, [reload, events]);

  return { value: read?.path === path ? read.value : undefined, problem, reload };
}
