/** The one instant that all cameras of the playback show. */
export interface Playhead {
  readonly at: () => number;
  readonly playing: boolean;
  readonly speed: number;
  readonly play: () => void;
  readonly pause: () => void;
  readonly seek: (at: number) => void;
  readonly setSpeed: (speed: number) => void;
  /** Stands still while a picture is loading, without being paused. */
  readonly hold: (held: boolean) => void;
  /** Called after every change but time's own. Returns what ends it. */
  readonly subscribe: (listener: () => void) => () => void;
}

/** `uptimeMs` is monotonic: the reader's clock may be set while a recording plays. */
export function newPlayhead(start: number, uptimeMs: () => number): Playhead {
  const listeners = new Set<() => void>();
  let base = start;
  let since = uptimeMs();
  let playing = false;
  let held = false;
  let speed = 1;
  const at = (): number => (playing && !held ? base + (uptimeMs() - since) * speed : base);
  const change = (work: () => void): void => {
    base = at();
    since = uptimeMs();
    work();
    for (const listener of listeners) listener();
  };
  return {
    at,
    get playing() {
      return playing;
    },
    get speed() {
      return speed;
    },
    play: () =>
      change(() => {
        playing = true;
      }),
    pause: () =>
      change(() => {
        playing = false;
      }),
    seek: (to) =>
      change(() => {
        base = to;
      }),
    setSpeed: (to) =>
      change(() => {
        speed = to;
      }),
    hold: (to) => {
      if (to === held) return;
      change(() => {
        held = to;
      });
    },
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
