import { useCallback, useEffect, useRef, useState } from "react";
import { ask, Refused } from "./api.ts";
import { midnight } from "./format.ts";
import type { AiringRecord, Hall, OnAir, Speaker, Status, Upcoming } from "./shapes.ts";

interface HallView {
  readonly hall: Hall | undefined;
  /** The live line is down; what is shown may be old. */
  readonly offline: boolean;
  readonly reload: () => Promise<void>;
}

/** Several events come at once when something starts; one reading serves them all. */
const GATHER_MS = 250;
/** Presence and clock move on even when nothing is told. */
const AT_LEAST_EVERY_MS = 30_000;

/** The state of the hall, kept fresh by its live events. `onLogout` is called when the session has ended. */
export function useHall(onLogout: () => void): HallView {
  const [hall, setHall] = useState<Hall>();
  const [offline, setOffline] = useState(false);
  const logout = useRef(onLogout);
  logout.current = onLogout;

  const reload = useCallback(async () => {
    try {
      setHall(await readHall());
      setOffline(false);
    } catch (error) {
      if (error instanceof Refused && error.status === 401) logout.current();
      else setOffline(true);
    }
  }, []);

  useEffect(() => {
    let gathering: number | undefined;
    const soon = (): void => {
      gathering ??= window.setTimeout(() => {
        gathering = undefined;
        void reload();
      }, GATHER_MS);
    };
    void reload();
    const events = new EventSource("/api/events");
    events.onmessage = soon;
    // After a reconnection too: what happened in between may be lost.
    events.onopen = soon;
    events.onerror = soon;
    const timer = window.setInterval(soon, AT_LEAST_EVERY_MS);
    return () => {
      events.close();
      window.clearInterval(timer);
      window.clearTimeout(gathering);
    };
  }, [reload]);

  return { hall, offline, reload };
}

async function readHall(): Promise<Hall> {
  const read = <T>(path: string): Promise<T> => ask<T>("GET", path, { background: true });
  const [status, { speakers }, { onAir, next }] = await Promise.all([
    read<Status>("/status"),
    read<{ speakers: Speaker[] }>("/speakers"),
    read<{ onAir: OnAir[]; next: Upcoming[] }>("/on-air"),
  ]);
  const from = midnight(status.at, status.timeZone);
  const { airings } = await read<{ airings: AiringRecord[] }>(`/airings?from=${from}&to=${status.at}`);
  const log = [...airings].sort((a, b) => b.plannedAt - a.plannedAt);
  return { status, speakers, onAir, next, log };
}
