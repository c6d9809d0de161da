import { nodes, textAt, type XmlNode } from "./xml-node.ts";

interface FoundDevice {
  readonly endpoint: string;
  readonly address: string;
  readonly xaddrs: readonly string[];
  readonly name: string;
  readonly hardware: string;
}

const TEXT_LIMIT_CHARS = 200;

/**
 * Devices named in an answer to a probe: none in what is no answer to one of ours, several where one box speaks for
 * several. Addresses that are no http address are dropped; a device without a good one is found at the sender's.
 */
export function foundIn(
  envelope: XmlNode | undefined,
  sender: string,
  asked: ReadonlySet<string>,
): FoundDevice[] {
  const relatesTo = textAt(envelope, "Envelope", "Header", "RelatesTo");
  if (!asked.has(relatesTo) && !asked.has(relatesTo.replace(/^urn:/u, ""))) return [];
  const matches = nodes(envelope, "Envelope", "Body", "ProbeMatches", "ProbeMatch");
  return matches.slice(0, 16).flatMap((match) => {
    const endpoint = textAt(match, "EndpointReference", "Address") || sender;
    const scopes = textAt(match, "Scopes").split(/\s+/u);
    const offered = textAt(match, "XAddrs").split(/\s+/u).filter(isHttp).slice(0, 8);
    if (!isCamera(textAt(match, "Types"), scopes)) return [];
    return [
      {
        endpoint: endpoint.slice(0, TEXT_LIMIT_CHARS),
        address: sender,
        xaddrs: offered.length > 0 ? offered : [`http://${sender}/onvif/device_service`],
        name: scopeValue(scopes, "name"),
        hardware: scopeValue(scopes, "hardware"),
      },
    ];
  });
}

/** The address of a device's service to use: one at the sender's own address if it offers that. */
export function bestAddress(
  xaddrs: readonly string[],
  sender: string,
): { readonly host: string; readonly port: number; readonly path: string } {
  const parsed = xaddrs.map((address) => new URL(address));
  const own = parsed.find(({ hostname }) => hostname === sender) ?? parsed[0];
  if (own === undefined) return { host: sender, port: 80, path: "/onvif/device_service" };
  // Behind NAT it offers an address we can't reach, but its answer came from one that we can.
  return { host: sender, port: own.port === "" ? 80 : Number(own.port), path: own.pathname };
}

function isCamera(types: string, scopes: readonly string[]): boolean {
  return (
    /(?:^|[\s:])(?:NetworkVideoTransmitter|Device)(?:\s|$)/u.test(types) ||
    scopes.some((scope) => scope.startsWith("onvif://"))
  );
}

function isHttp(address: string): boolean {
  return URL.canParse(address) && /^https?:$/u.test(new URL(address).protocol);
}

function scopeValue(scopes: readonly string[], key: string): string {
  const prefix = `onvif://www.onvif.org/${key}/`;
  const scope = scopes.find((candidate) => candidate.startsWith(prefix));
  if (scope === undefined) return "";
  const raw = scope.slice(prefix.length);
  try {
    return decodeURIComponent(raw).slice(0, TEXT_LIMIT_CHARS);
  } catch {
    // A lone percent sign.
    return raw.slice(0, TEXT_LIMIT_CHARS);
  }
}
