import { Fault } from "../kernel/faults.ts";
import { text } from "../kernel/text.ts";
import type { Cameras } from "./cameras.ts";
import type { DeviceThread } from "./onvif/device-thread.ts";
import { isHost } from "./rules/camera-check.ts";
import { bestAddress } from "./rules/probe-matches.ts";

interface DiscoverOrder {
  /** Asked by themselves, beside the call to all: `host` or `host:port`. */
  readonly addresses: readonly string[];
  readonly forMs: number;
}

interface DiscoverParts {
  readonly cameras: Pick<Cameras, "all">;
  readonly thread: Pick<DeviceThread, "probe">;
  readonly ownAddresses: () => readonly string[];
}

interface FoundCamera {
  readonly endpoint: string;
  readonly host: string;
  readonly port: number;
  readonly name: string;
  readonly hardware: string;
  /** Id of the camera that is reached there. */
  readonly camera: string | null;
}

/** Cameras that answer, by address; those that are ours are marked. */
export async function discover(
  { addresses, forMs }: DiscoverOrder,
  { cameras, thread, ownAddresses }: DiscoverParts,
  signal: AbortSignal,
): Promise<FoundCamera[]> {
  const wrong = addresses.find((address) => !isHost(address.replace(/:\d{1,5}$/u, "")));
  if (wrong !== undefined) throw noAddress(wrong);
  const calls = [thread.probe({ from: ownAddresses(), to: [], forMs }, signal)];
  if (addresses.length > 0) calls.push(thread.probe({ from: [], to: addresses, forMs }, signal));
  const answers = (await Promise.all(calls)).flat();
  const known = new Map(
    cameras.all().map(({ id, onvif }) => [`${onvif?.host ?? ""}:${onvif?.port ?? 0}`, id]),
  );
  const found = new Map<string, FoundCamera>();
  for (const { endpoint, address, xaddrs, name, hardware } of answers) {
    const { host, port } = bestAddress(xaddrs, address);
    const camera = known.get(`${host}:${port}`) ?? null;
    found.set(endpoint, { endpoint, host, port, name, hardware, camera });
  }
  return [...found.values()].sort((a, b) => a.host.localeCompare(b.host, "en", { numeric: true }));
}

function noAddress(address: string): Fault {
  return new Fault("invalid", text(`“${address}” is no address.`, `“${address}” không phải địa chỉ.`), {
    field: "addresses",
    hint: text("Write it as 192.168.1.64.", "Hãy ghi dạng 192.168.1.64."),
  });
}
