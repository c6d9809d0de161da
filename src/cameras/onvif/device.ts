import { isStopped } from "../../kernel/clock.ts";
import { epochMs, type EpochMs } from "../../kernel/time.ts";
import type { Credentials } from "../cameras.ts";
import {
  clockOffset,
  deviceTimeIn,
  type ClockOffset,
  type ClockReading,
  type DeviceTime,
} from "../rules/device-time.ts";
import { profilesOfMedia, profilesOfMedia2 } from "../rules/media-profiles.ts";
import type { Identity } from "../rules/model.ts";
import { atReachedHost, type Rewritten } from "../rules/reached-address.ts";
import type { MediaProfile } from "../rules/stream-choice.ts";
import { nodes, textAt, type XmlNode } from "../rules/xml-node.ts";
import type { PullPoint } from "../events/pull-point.ts";
import { escapeXml } from "./escape.ts";
import { DeviceFault } from "./faults.ts";
import { openPtz, type Ptz } from "./ptz.ts";
import { openPullPoint } from "./pull-point.ts";
import {
  DEVICE_SERVICE,
  IDENTITY_QUESTION,
  openSoapClient,
  type DeviceAddress,
  type SoapClient,
  type SoapParts,
} from "./soap-client.ts";

/** A camera that took user and password. Every call throws a DeviceFault that says what the camera did. */
export interface OnvifDevice {
  readonly address: DeviceAddress;
  readonly identity: Identity;
  /** Profiles with video; may be empty. */
  readonly profiles: readonly MediaProfile[];
  /** Undefined when the camera tells no time. */
  readonly clockAtOpening: ClockOffset | undefined;
  /** Middle of five readings. Throws DeviceFault("garbage") when the camera tells no time. */
  clock(signal: AbortSignal): Promise<ClockOffset>;
  /** Sets the camera's clock to ours. Its time zone stays; it no longer asks a time server. */
  setClock(signal: AbortSignal): Promise<void>;
  /** Tells the camera which time server to ask, by address. */
  setTimeServer(host: string, signal: AbortSignal): Promise<void>;
  /** Over RTSP, at the host we reached. */
  streamAddress(profile: MediaProfile, signal: AbortSignal): Promise<Rewritten>;
  snapshotAddress(profile: MediaProfile, signal: AbortSignal): Promise<Rewritten>;
  readonly ptz: Ptz | undefined;
  /** Undefined: the camera has no event service. */
  readonly events: PullPoint | undefined;
}

interface OpenOrder {
  readonly address: DeviceAddress;
  readonly credentials: Credentials;
  /** HTTP digest at once, for makes that refuse signed XML. */
  readonly digestOnly?: boolean;
}

const READINGS = 5;

/** Speaks to a camera until it is known who it is and that it takes the password. Throws a DeviceFault. */
export async function openDevice(
  { address, credentials, digestOnly = false }: OpenOrder,
  parts: SoapParts,
  signal: AbortSignal,
): Promise<OnvifDevice> {
  const client = openSoapClient(address, { credentials, digestOnly }, parts);
  const readings = await clockReadings(client, parts, { count: 1, signal }).catch(unlessClockIsSecret);
  const services = await servicesOf(client, signal);
  const { answer } = await client.ask(IDENTITY_QUESTION, signal);
  const identity = identityIn(answer, await macOf(client, signal));
  const profiles = await profilesOf(client, services, signal);
  const at = `${address.host}:${address.port}`;
  const rewritten = async (
    profile: MediaProfile,
    kind: "Stream" | "Snapshot",
    stop: AbortSignal,
  ): Promise<Rewritten> => {
    const { answer: told } = await client.ask(uriQuestion(profile, kind, services), stop);
    const announced = textAt(told, "MediaUri", "Uri") || textAt(told, "Uri");
    const protocols = kind === "Stream" ? ["rtsp", "rtsps"] : ["http", "https"];
    const found = atReachedHost(announced, address.host, protocols);
    if (found === undefined) throw new DeviceFault("garbage", at, `address “${announced.slice(0, 100)}”`);
    return found;
  };
  const ptzProfile = profiles.find(({ hasPtz }) => hasPtz);
  const ptzPath = services.get("ptz");
  const eventsPath = services.get("events");
  return {
    address,
    identity,
    profiles,
    clockAtOpening: clockOffset(readings),
    clock: async (stop) => {
      const offset = clockOffset(await clockReadings(client, parts, { count: READINGS, signal: stop }));
      if (offset === undefined) throw new DeviceFault("garbage", at, "it tells no time");
      return offset;
    },
    setClock: async (stop) => {
      const { answer: told } = await client.askTime(stop);
      await client.ask(setTimeQuestion(parts.clock.now(), deviceTimeIn(told)), stop);
    },
    setTimeServer: async (host, stop) => {
      await client.ask(timeServerQuestion(host), stop);
    },
    streamAddress: (profile, stop) => rewritten(profile, "Stream", stop),
    snapshotAddress: (profile, stop) => rewritten(profile, "Snapshot", stop),
    ptz:
      ptzProfile === undefined || ptzPath === undefined
        ? undefined
        : openPtz({ client, clock: parts.clock, path: ptzPath, profile: ptzProfile.token }),
    events: eventsPath === undefined ? undefined : openPullPoint(client, eventsPath),
  };
}

/** Cameras tell whole seconds; the middle of several answers is not the one that waited in a queue. */
async function clockReadings(
  client: SoapClient,
  { clock }: SoapParts,
  { count, signal }: { readonly count: number; readonly signal: AbortSignal },
): Promise<ClockReading[]> {
  const readings: ClockReading[] = [];
  for (let number = 0; number < count && !isStopped(signal); number += 1) {
    const askedAt = clock.now();
    const { answer } = await client.askTime(signal);
    const told = deviceTimeIn(answer)?.at;
    if (told !== undefined) readings.push({ askedAt, answeredAt: clock.now(), told });
  }
  return readings;
}

function unlessClockIsSecret(error: unknown): [] {
  if (error instanceof DeviceFault && error.kind === "rejected") return [];
  throw error;
}

const DEVICE_NS = "http://www.onvif.org/ver10/device/wsdl";

/** Short name of a service → its path. Of the addresses a camera announces only the path is believed. */
async function servicesOf(client: SoapClient, signal: AbortSignal): Promise<ReadonlyMap<string, string>> {
  const question = (name: string, inner: string) => ({
    path: DEVICE_SERVICE,
    action: `${DEVICE_NS}/${name}`,
    body: `<${name} xmlns="${DEVICE_NS}">${inner}</${name}>`,
  });
  try {
    const ask = question("GetServices", "<IncludeCapability>false</IncludeCapability>");
    const { answer } = await client.ask(ask, signal);
    const services = nodes(answer, "Service").flatMap((service) => {
      const name = SERVICE_NAMES[textAt(service, "Namespace")];
      const path = pathOf(textAt(service, "XAddr"));
      return name === undefined || path === undefined ? [] : [[name, path] as const];
    });
    if (services.length > 0) return new Map(services);
  } catch (error) {
    // Firmware before 2012 does not know the question.
    if (!(error instanceof DeviceFault) || error.trouble !== "refused") throw error;
  }
  const { answer } = await client.ask(question("GetCapabilities", "<Category>All</Category>"), signal);
  const named = { media: "Media", events: "Events", ptz: "PTZ" };
  return new Map(
    Object.entries(named).flatMap(([name, element]) => {
      const path = pathOf(textAt(answer, "Capabilities", element, "XAddr"));
      return path === undefined ? [] : [[name, path] as const];
    }),
  );
}

const SERVICE_NAMES: Readonly<Record<string, string>> = {
  "http://www.onvif.org/ver10/media/wsdl": "media",
  "http://www.onvif.org/ver20/media/wsdl": "media2",
  "http://www.onvif.org/ver10/events/wsdl": "events",
  "http://www.onvif.org/ver20/ptz/wsdl": "ptz",
};

function pathOf(address: string): string | undefined {
  if (!URL.canParse(address)) return undefined;
  const { pathname, search } = new URL(address);
  return `${pathname}${search}`;
}

function identityIn(answer: XmlNode, mac: string): Identity {
  const said = (name: string): string => textAt(answer, name).slice(0, 200);
  return {
    manufacturer: said("Manufacturer"),
    model: said("Model"),
    firmware: said("FirmwareVersion"),
    serial: said("SerialNumber"),
    hardwareId: said("HardwareId"),
    mac,
  };
}

/** Some tell it to nobody; a camera without it is as good. */
async function macOf(client: SoapClient, signal: AbortSignal): Promise<string> {
  try {
    const { answer } = await client.ask(
      {
        path: DEVICE_SERVICE,
        action: `${DEVICE_NS}/GetNetworkInterfaces`,
        body: `<GetNetworkInterfaces xmlns="${DEVICE_NS}"/>`,
      },
      signal,
    );
    return textAt(answer, "NetworkInterfaces", "Info", "HwAddress").slice(0, 40);
  } catch (error) {
    if (error instanceof DeviceFault) return "";
    throw error;
  }
}

async function profilesOf(
  client: SoapClient,
  services: ReadonlyMap<string, string>,
  signal: AbortSignal,
): Promise<MediaProfile[]> {
  const [media, media2] = [services.get("media"), services.get("media2")];
  if (media2 !== undefined) {
    try {
      const profiles = profilesOfMedia2(
        (await client.ask(profilesQuestion("media2", media2), signal)).answer,
      );
      if (profiles.length > 0 || media === undefined) return profiles;
    } catch (error) {
      // Some announce the newer service and do not have it.
      if (!(error instanceof DeviceFault) || media === undefined) throw error;
    }
  }
  if (media === undefined) return [];
  return profilesOfMedia((await client.ask(profilesQuestion("media", media), signal)).answer);
}

type MediaService = MediaProfile["service"];

const MEDIA_NS: Record<MediaService, string> = {
  media: "http://www.onvif.org/ver10/media/wsdl",
  media2: "http://www.onvif.org/ver20/media/wsdl",
};

interface Asked {
  readonly path: string;
  readonly action: string;
  readonly body: string;
}

function profilesQuestion(service: MediaService, path: string): Asked {
  const ns = MEDIA_NS[service];
  const inner = service === "media2" ? "<Type>All</Type>" : "";
  return {
    path,
    action: `${ns}/GetProfiles`,
    body: `<GetProfiles xmlns="${ns}">${inner}</GetProfiles>`,
  };
}

function uriQuestion(
  { service, token }: MediaProfile,
  kind: "Stream" | "Snapshot",
  services: ReadonlyMap<string, string>,
): Asked {
  const ns = MEDIA_NS[service];
  const name = `Get${kind}Uri`;
  const setup: Record<MediaService, string> = {
    media:
      '<StreamSetup><Stream xmlns="http://www.onvif.org/ver10/schema">RTP-Unicast</Stream>' +
      '<Transport xmlns="http://www.onvif.org/ver10/schema"><Protocol>RTSP</Protocol></Transport></StreamSetup>',
    media2: "<Protocol>RTSP</Protocol>",
  };
  const inner = kind === "Stream" ? setup[service] : "";
  return {
    path: services.get(service) ?? DEVICE_SERVICE,
    action: `${ns}/${name}`,
    body: `<${name} xmlns="${ns}">${inner}<ProfileToken>${escapeXml(token)}</ProfileToken></${name}>`,
  };
}

const SCHEMA = 'xmlns="http://www.onvif.org/ver10/schema"';

function setTimeQuestion(now: EpochMs, told: DeviceTime | undefined): Asked {
  const at = new Date(epochMs(now));
  const zone =
    told === undefined || told.zone === ""
      ? ""
      : `<TimeZone><TZ ${SCHEMA}>${escapeXml(told.zone)}</TZ></TimeZone>`;
  return {
    path: DEVICE_SERVICE,
    action: `${DEVICE_NS}/SetSystemDateAndTime`,
    body:
      `<SetSystemDateAndTime xmlns="${DEVICE_NS}"><DateTimeType>Manual</DateTimeType>` +
      `<DaylightSavings>${told?.daylightSaving === true}</DaylightSavings>${zone}<UTCDateTime>` +
      `<Time ${SCHEMA}><Hour>${at.getUTCHours()}</Hour><Minute>${at.getUTCMinutes()}</Minute><Second>${at.getUTCSeconds()}</Second></Time>` +
      `<Date ${SCHEMA}><Year>${at.getUTCFullYear()}</Year><Month>${at.getUTCMonth() + 1}</Month><Day>${at.getUTCDate()}</Day></Date>` +
      `</UTCDateTime></SetSystemDateAndTime>`,
  };
}

function timeServerQuestion(host: string): Asked {
  const type = /^[\d.]+$/u.test(host) ? "IPv4" : "DNS";
  const element = type === "IPv4" ? "IPv4Address" : "DNSname";
  return {
    path: DEVICE_SERVICE,
    action: `${DEVICE_NS}/SetNTP`,
    body:
      `<SetNTP xmlns="${DEVICE_NS}"><FromDHCP>false</FromDHCP><NTPManual><Type ${SCHEMA}>${type}</Type>` +
      `<${element} ${SCHEMA}>${escapeXml(host)}</${element}></NTPManual></SetNTP>`,
  };
}
