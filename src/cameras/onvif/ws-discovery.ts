import { randomUUID } from "node:crypto";
import { createSocket, type RemoteInfo, type Socket } from "node:dgram";
import { foundIn } from "../rules/probe-matches.ts";
import type { Found, ProbeOrder } from "./messages.ts";
import { parseXml } from "./xml.ts";

/** WS-Discovery 1.0 as ONVIF Core §7 uses it. */
const GROUP = "239.255.255.250";
const PORT = 3702;

/** Every camera of a large building, and an end to a flood of forged ones. */
const FOUND_LIMIT = 500;
const DATAGRAM_LIMIT_BYTES = 32_768;

/** UDP loses packets, and cameras miss the first while their switch wakes up. */
const ASKED_AT_MS = [0, 500, 1_500];

/** Devices that answer in the given time, by endpoint. Rejects only when no socket can be opened at all. */
export async function probe({ from, to, forMs }: ProbeOrder, signal: AbortSignal): Promise<Found[]> {
  const found = new Map<string, Found>();
  const asked = new Set<string>();
  const hear = (datagram: Buffer, { address }: RemoteInfo): void => {
    if (datagram.length > DATAGRAM_LIMIT_BYTES || found.size >= FOUND_LIMIT) return;
    for (const device of foundIn(parseXml(datagram.toString("utf8")), address, asked)) {
      if (!found.has(device.endpoint)) found.set(device.endpoint, device);
    }
  };
  const opening = (from.length === 0 ? [undefined] : from).map((own) => openSocket(own, hear));
  const opened = await Promise.allSettled(opening);
  const sockets = opened.flatMap((outcome) => (outcome.status === "fulfilled" ? [outcome.value] : []));
  const failed = opened.find((outcome) => outcome.status === "rejected");
  if (sockets.length === 0 && failed !== undefined) throw failed.reason;
  const timers = ASKED_AT_MS.filter((at) => at < forMs).map((at) =>
    setTimeout(() => askAll(sockets, to, asked), at),
  );
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, forMs);
    const stop = (): void => {
      clearTimeout(timer);
      resolve();
    };
    signal.addEventListener("abort", stop, { once: true });
    if (signal.aborted) stop();
  });
  timers.forEach(clearTimeout);
  for (const socket of sockets) socket.close();
  return [...found.values()];
}

function openSocket(
  own: string | undefined,
  hear: (datagram: Buffer, from: RemoteInfo) => void,
): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = createSocket({ type: "udp4", reuseAddr: true });
    socket.once("error", (error) => {
      socket.close();
      reject(error);
    });
    socket.bind(0, own, () => {
      socket.removeAllListeners("error");
      // An unreachable address answers with an ICMP error on the socket: others may still answer.
      socket.on("error", () => undefined);
      socket.on("message", hear);
      if (own !== undefined) socket.setMulticastInterface(own);
      socket.setMulticastTTL(4);
      resolve(socket);
    });
  });
}

function askAll(sockets: readonly Socket[], to: readonly string[], asked: Set<string>): void {
  const targets = to.length === 0 ? [GROUP] : to;
  for (const socket of sockets) {
    for (const target of targets) {
      const [host = GROUP, port] = target.split(":");
      // Some answer to a question about any device only, others only to one about cameras.
      for (const types of ["dn:NetworkVideoTransmitter", ""]) {
        const id = `uuid:${randomUUID()}`;
        asked.add(id);
        socket.send(question(id, types), Number(port ?? PORT), host, () => undefined);
      }
    }
  }
}

function question(id: string, types: string): string {
  return (
    '<?xml version="1.0" encoding="UTF-8"?>' +
    '<e:Envelope xmlns:e="http://www.w3.org/2003/05/soap-envelope" xmlns:w="http://schemas.xmlsoap.org/ws/2004/08/addressing"' +
    ' xmlns:d="http://schemas.xmlsoap.org/ws/2005/04/discovery" xmlns:dn="http://www.onvif.org/ver10/network/wsdl">' +
    `<e:Header><w:MessageID>${id}</w:MessageID>` +
    '<w:To e:mustUnderstand="true">urn:schemas-xmlsoap-org:ws:2005:04:discovery</w:To>' +
    '<w:Action e:mustUnderstand="true">http://schemas.xmlsoap.org/ws/2005/04/discovery/Probe</w:Action></e:Header>' +
    `<e:Body><d:Probe>${types === "" ? "" : `<d:Types>${types}</d:Types>`}</d:Probe></e:Body></e:Envelope>`
  );
}
