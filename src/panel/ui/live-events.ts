/** Something changed in the hall; the fields beside `type` depend on it. `reset`: everything may have changed. */
export interface HallEvent {
  readonly type: string;
  readonly [field: string]: unknown;
}

/** The hall's live line, one for the whole page: a browser opens only six connections to a server. */
export interface HallEvents {
  /** Returns what ends it. */
  subscribe(listener: (event: HallEvent) => void): () => void;
  close(): void;
}

export function openHallEvents(): HallEvents {
  const listeners = new Set<(event: HallEvent) => void>();
  const tell = (event: HallEvent): void => {
    for (const listener of listeners) listener(event);
  };
  const source = new EventSource("/api/events");
  source.onmessage = ({ data }: MessageEvent<string>) => tell(JSON.parse(data) as HallEvent);
  // After a reconnection too: what happened in between may be lost.
  source.onopen = () => tell({ type: "reset" });
  source.onerror = () => tell({ type: "reset" });
  return {
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close: () => source.close(),
  };
}
