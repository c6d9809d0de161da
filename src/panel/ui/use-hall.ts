import { useCallback, useEffect, useRef, useState } from "react";
import { ask, Refused } from "./api.ts";
import { midnight } from "./format.ts";
import type { HallEvents } from "./live-events.ts";
import type { AiringRecord, Hall, HallTime, OnAir, Speaker, Status, Upcoming } from "./shapes.ts";

interface HallView {
  /** Undefined until first read. */
  readonly status: (Status & HallTime) | undefined;
  /** Undefined until first read; read only where it is shown. */
  readonly hall: Hall | undefined;
  /** The live line is down; what is shown may be old. */
  readonly offline: boolean;
  readonly reload: () => Promise<void>;
}

interface HallParts {
  readonly events: HallEvents;
  /** Whether what sounds is shown, or only the hall's name and clock. */
  readonly whole: boolean;
  /** The session has ended. */
  readonly onLogout: () => void;
}

/** Several events come at once when something starts; one reading serves them all. */
const GATHER_MS = 250;
/** Presence and clock move on even when nothing is told. */
const AT_LEAST_EVERY_MS = 30_000;
/** Told often, and nothing the hall's own lists show. */
const OTHERS = new Set(["camera", "camera-event", "clip", "case"]);

/** The state of the hall, kept fresh by its live events. */
export function useHall({ events, whole, onLogout }: HallParts): HallView {
  const [status, setStatus] = useState<Status & HallTime>();
  const [hall, setHall] = useState<Hall>();
  const [offline, setOffline] = useState(false);
  const logout = useRef(onLogout);
  logout.current = onLogout;

  const reload = useCallback(async () => {
    try {
      const answer = await read<Status>("/status");
      const now = { ...answer, aheadMs: answer.at - Date.now() };
      const lists = whole ? await readLists(now) : undefined;
      setStatus(now);
      if (lists !== undefined) setHall({ status: now, ...lists });
      setOffline(false);
    } catch (error) {
      if (error instanceof Refused && error.status === 401) logout.current();
      else setOffline(true);
    }
  }, [whole]);

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
      if (!OTHERS.has(type)) soon();
    });
    const timer = window.setInterval(soon, AT_LEAST_EVERY_MS);
    return () => {
      leave();
      window.clearInterval(timer);
      window.clearTimeout(gathering);
    };
  }, [reload, events]);

  return { status, hall, offline, reload };
}

function read<T>(path: string): Promise<T> {
  return ask<T>("GET", path, { background: true });
}

async function readLists(status: Status): Promise<Omit<Hall, "status">> {
  const from = midnight(status.at, status.timeZone);
  const [{ speakers }, { onAir, next }, { airings }] = await Promise.all([
    read<{ speakers: Speaker[] }>("/speakers"),
    read<{ onAir: OnAir[]; next: Upcoming[] }>("/on-air"),
    read<{ airings: AiringRecord[] }>(`/airings?from=${from}&to=${status.at}`),
  ]);
  const log = [...airings].sort((a, b) => b.plannedAt - a.plannedAt);
  return { speakers, onAir, next, log };
}
