import { asError } from "../../kernel/faults.ts";

/** Lets at most so many in at a time, per host: a camera's small web server drops what is beyond that. */
export interface HostGate {
  /** Waits for its turn; throws the signal's reason. Dispose to let the next one in. */
  enter(host: string, signal: AbortSignal): Promise<Disposable>;
}

export function openHostGate(atOnce: number): HostGate {
  const inside = new Map<string, number>();
  const queues = new Map<string, (() => void)[]>();
  const leave = (host: string): void => {
    const next = queues.get(host)?.shift();
    if (next !== undefined) next();
    else inside.set(host, (inside.get(host) ?? 1) - 1);
  };
  const place = (host: string): Disposable => {
    let left = false;
    return {
      [Symbol.dispose]: () => {
        if (!left) leave(host);
        left = true;
      },
    };
  };
  return {
    enter: (host, signal) => {
      if (signal.aborted) return Promise.reject(asError(signal.reason));
      const now = inside.get(host) ?? 0;
      if (now < atOnce) {
        inside.set(host, now + 1);
        return Promise.resolve(place(host));
      }
      const queue = queues.get(host) ?? [];
      queues.set(host, queue);
      return new Promise((resolve, reject) => {
        const turn = (): void => {
          signal.removeEventListener("abort", giveUp);
          resolve(place(host));
        };
        const giveUp = (): void => {
          queue.splice(queue.indexOf(turn), 1);
          reject(asError(signal.reason));
        };
        queue.push(turn);
        signal.addEventListener("abort", giveUp, { once: true });
      });
    },
  };
}
