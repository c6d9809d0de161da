import { createSocket, type RemoteInfo, type Socket } from "node:dgram";
import { once } from "node:events";
import { scopesOf } from "./device-services.ts";
import { serviceUrl, type DeviceState } from "./device-state.ts";
import { envelope, parseRequest, SoapFault, textAt, type SoapRequest } from "./soap.ts";

/** WS-Discovery 1.1 §3.1. */
const MULTICAST_ADDRESS = "239.255.255.250";

export interface DiscoveryOrder {
  /** Address of the network card it listens on; 127.0.0.1 works, too. */
  readonly interface: string;
  /** 3702 in the world; 0: a free one, for tests that ask by unicast. */
  readonly port: number;
}

/** Answers Probes, multicast and unicast, until it is disposed of. Other devices may listen on the same port. */
export async function openDiscovery(
  order: DiscoveryOrder,
  state: DeviceState,
  uuid: string,
): Promise<{ readonly port: number } & AsyncDisposable> {
  const socket = createSocket({ type: "udp4", reuseAddr: true });
  socket.on("message", (datagram, from) => answer(socket, { state, uuid }, datagram.toString(), from));
  socket.bind(order.port);
  await once(socket, "listening");
  socket.addMembership(MULTICAST_ADDRESS, order.interface);
  return {
    port: socket.address().port,
    [Symbol.asyncDispose]: () => new Promise((resolve) => socket.close(() => resolve())),
  };
}

interface Announced {
  readonly state: DeviceState;
  readonly uuid: string;
}

function answer(socket: Socket, announced: Announced, datagram: string, from: RemoteInfo): void {
  const { discovery } = announced.state.faults;
  const probe = readProbe(datagram);
  if (probe === undefined || discovery === "silent") return;
  const reply = discovery === "garbage" ? "\u0000\u0001<not xml & never" : probeMatches(announced, probe);
  for (let time = 0; time < (discovery === "doubled" ? 2 : 1); time += 1)
    socket.send(reply, from.port, from.address);
}

/** The id of the Probe, when it asks for something this device is. */
function readProbe(datagram: string): string | undefined {
  let request: SoapRequest;
  try {
    request = parseRequest(datagram);
  } catch (error) {
    if (error instanceof SoapFault) return undefined;
    throw error;
  }
  if (request.operation !== "Probe") return undefined;
  const types = textAt(request.content, "Types");
  if (types !== "" && !/NetworkVideoTransmitter|Device/.test(types)) return undefined;
  return /MessageID[^>]*>([^<]*)</.exec(datagram)?.[1] ?? "";
}

function probeMatches({ state, uuid }: Announced, relatesTo: string): string {
  const { discovery } = state.faults;
  const address =
    discovery === "not-a-url" ? "camera at the gate" : serviceUrl(state, "/onvif/device_service");
  const match = (id: string, xaddrs: string): string =>
    `<d:ProbeMatch><a:EndpointReference><a:Address>urn:uuid:${id}</a:Address></a:EndpointReference><d:Types>dn:NetworkVideoTransmitter tds:Device</d:Types>` +
    `<d:Scopes>${scopesOf(state).join(" ")}</d:Scopes><d:XAddrs>${xaddrs}</d:XAddrs><d:MetadataVersion>1</d:MetadataVersion></d:ProbeMatch>`;
  const second =
    discovery === "two-in-one"
      ? match(uuid.replace(/^.{8}/, "00000002"), "http://192.0.2.7/onvif/device_service")
      : "";
  return envelope(
    `<d:ProbeMatches>${match(uuid, address)}${second}</d:ProbeMatches>`,
    `<a:MessageID>urn:uuid:${uuid}</a:MessageID><a:RelatesTo>${relatesTo}</a:RelatesTo>` +
      "<a:To>http://schemas.xmlsoap.org/ws/2004/08/addressing/role/anonymous</a:To>" +
      "<a:Action>http://schemas.xmlsoap.org/ws/2005/04/discovery/ProbeMatches</a:Action>",
  );
}
