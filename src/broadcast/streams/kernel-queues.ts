import { readFile } from "node:fs/promises";
import type { Socket } from "node:net";

/**
 * What the kernel holds per connection and the other end has not acknowledged, by `connectionKey`. Node does not tell, and
 * the send buffer of a stalled connection can hide half a minute of speech: without this a dead box would count as served.
 * Linux only; elsewhere empty, and only Node's own queue is seen.
 */
export async function readKernelQueues(): Promise<ReadonlyMap<string, number>> {
  const queues = new Map<string, number>();
  for (const file of ["/proc/net/tcp", "/proc/net/tcp6"]) {
    const table = await readFile(file, "latin1").catch(() => "");
    for (const [, local = "", address = "", port = "", queued = ""] of table.matchAll(ROW)) {
      if (queued !== "00000000") queues.set(keyOf(local, dotted(address), port), Number.parseInt(queued, 16));
    }
  }
  return queues;
}

/** proc(5): `sl local_address rem_address st tx_queue:rx_queue …`, established connections (state 01) only. */
const ROW = /^ *\d+: [0-9A-F]+:([0-9A-F]{4}) ([0-9A-F]+):([0-9A-F]{4}) 01 ([0-9A-F]{8}):/gm;

/** Undefined for connections over real IPv6, whose queues are not read. */
export function connectionKey(socket: Socket): string | undefined {
  const { localPort, remotePort, remoteAddress } = socket;
  const ipv4 = /\d+\.\d+\.\d+\.\d+$/.exec(remoteAddress ?? "")?.[0];
  if (ipv4 === undefined || localPort === undefined || remotePort === undefined) return undefined;
  return keyOf(hexPort(localPort), ipv4, hexPort(remotePort));
}

function keyOf(localPort: string, remoteAddress: string, remotePort: string): string {
  return `${localPort} ${remoteAddress}:${remotePort}`;
}

function hexPort(port: number): string {
  return port.toString(16).toUpperCase().padStart(4, "0");
}

/** The table prints the bytes of an address as numbers of the machine, which is little-endian wherever we run. */
function dotted(hex: string): string {
  const bytes = hex.slice(-8).match(/../g) ?? [];
  return bytes
    .reverse()
    .map((byte) => Number.parseInt(byte, 16))
    .join(".");
}
