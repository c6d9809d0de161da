import { connect } from "node:net";

/** `refused`: somebody is there, but not on this port. */
export type PortState = "open" | "refused" | "silent" | "unreachable";

const WITHIN_MS = 3_000;

/** Knocks at each port at once. */
export async function knock(
  host: string,
  ports: readonly number[],
  signal: AbortSignal,
  withinMs = WITHIN_MS,
): Promise<ReadonlyMap<number, PortState>> {
  const states = ports.map(async (port) => [port, await knockAt(host, port, { signal, withinMs })] as const);
  return new Map(await Promise.all(states));
}

function knockAt(
  host: string,
  port: number,
  { signal, withinMs }: { readonly signal: AbortSignal; readonly withinMs: number },
): Promise<PortState> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    const finish = (state: PortState): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", stop);
      socket.destroy();
      resolve(state);
    };
    const stop = (): void => finish("silent");
    const timer = setTimeout(stop, withinMs);
    signal.addEventListener("abort", stop, { once: true });
    socket.once("connect", () => finish("open"));
    socket.on("error", (error) => {
      const code = "code" in error ? error.code : "";
      finish(code === "ECONNREFUSED" ? "refused" : code === "ETIMEDOUT" ? "silent" : "unreachable");
    });
  });
}
