import { Fault } from "../kernel/faults.ts";
import { text } from "../kernel/text.ts";
import type { StreamProbe } from "../media/probe-stream.ts";
import { withCredentials, type Credentials } from "./cameras.ts";
import { openDevice, type OnvifDevice } from "./onvif/device.ts";
import { DeviceFault } from "./onvif/faults.ts";
import { knock } from "./onvif/open-ports.ts";
import type { SoapParts } from "./onvif/soap-client.ts";
import {
  GENERIC_PROFILE,
  profileNamed,
  RTSP_PROFILE,
  type CameraProfile,
  type CameraProfiles,
} from "./profiles.ts";
import { isUnusualPassword, reachComplaint } from "./rules/camera-check.ts";
import {
  addressFinding,
  clockFinding,
  identityFinding,
  profilesFinding,
  streamFinding,
  type Finding,
} from "./rules/diagnosis-words.ts";
import type { Camera, Identity, StreamSource } from "./rules/model.ts";
import { profileFor } from "./rules/profile-match.ts";
import { chooseStreams, type MediaProfile } from "./rules/stream-choice.ts";
import { streamTroubleFinding } from "./rules/stream-trouble-words.ts";

export interface ExamineParts extends SoapParts {
  readonly profiles: CameraProfiles;
  /** Opens a stream; with user and password in the address. */
  readonly probeStream: (
    order: { readonly url: string; readonly transport: "tcp" | "udp" },
    signal: AbortSignal,
  ) => Promise<StreamProbe>;
}

export interface ExamineOrder {
  readonly host: string;
  /** Of ONVIF; left out: the usual ones are tried. */
  readonly port?: number | undefined;
  readonly credentials: Credentials;
  /** Left out: found by what the camera says it is. */
  readonly profile?: string | undefined;
  /** Entered by hand, for cameras without ONVIF. */
  readonly streamUrl?: string | undefined;
}

/** What a camera is, as it would be kept. */
type Examined = Pick<Camera, "onvif" | "profile" | "streams" | "identity">;

export interface Examination {
  readonly findings: readonly Finding[];
  /** Undefined: there is no stream to record; the findings say why. */
  readonly camera: Examined | undefined;
  readonly clockOffsetMs: number | null;
  readonly turns: boolean;
}

const NOBODY: Identity = { manufacturer: "", model: "", firmware: "", serial: "", hardwareId: "", mac: "" };

/** Looks at a camera from the network to the picture, and says in words what is wrong. Throws only our own troubles. */
export async function examine(
  order: ExamineOrder,
  parts: ExamineParts,
  signal: AbortSignal,
): Promise<Examination> {
  const { host, credentials } = order;
  checkReach(order);
  const wanted = profileNamed(
    parts.profiles,
    order.profile ?? (order.streamUrl === undefined ? GENERIC_PROFILE : RTSP_PROFILE),
  );
  const findings: Finding[] = passwordFindings(credentials.password);
  if (order.streamUrl !== undefined || wanted.onvif === null) {
    return examineStreamOnly(order, wanted, { parts, findings }, signal);
  }
  const device = await reach(order, wanted.onvif, { parts, findings }, signal);
  if (device === undefined) return { findings, camera: undefined, clockOffsetMs: null, turns: false };
  findings.push(identityFinding(device.identity), clockFinding(device.clockAtOpening?.offsetMs));
  const profile = order.profile ?? profileFor(device.identity, parts.profiles.values(), GENERIC_PROFILE);
  const streams = await streamsOf(device, credentials, { parts, findings }, signal);
  if (device.events === undefined) findings.push(NO_EVENTS);
  return {
    findings,
    camera: streams && {
      onvif: { host, port: device.address.port },
      profile,
      streams,
      identity: device.identity,
    },
    clockOffsetMs: device.clockAtOpening?.offsetMs ?? null,
    turns: device.ptz !== undefined,
  };
}

function checkReach({ host, credentials, streamUrl }: ExamineOrder): void {
  const complaint = reachComplaint({ user: credentials.user, host, streamUrl });
  if (complaint === undefined) return;
  throw new Fault("invalid", complaint.said, { field: complaint.field, hint: complaint.hint });
}

interface Work {
  readonly parts: ExamineParts;
  readonly findings: Finding[];
}

function passwordFindings(password: string): Finding[] {
  if (!isUnusualPassword(password)) return [];
  return [
    {
      id: "password",
      outcome: "warn",
      said: text(
        "The password has letters with marks: some cameras compare them wrongly.",
        "Mật khẩu có chữ có dấu: một số camera so sánh sai.",
      ),
      remedy: text(
        "Use plain letters, digits and signs for the camera's password.",
        "Nên đặt mật khẩu camera chỉ gồm chữ không dấu, số và ký hiệu.",
      ),
    },
  ];
}

const NO_EVENTS: Finding = {
  id: "events",
  outcome: "warn",
  said: text("The camera reports no events.", "Camera không báo sự kiện (chuyển động, che ống kính…)."),
};

/** The first of the usual ports behind which ONVIF answers; why not, when none does. */
async function reach(
  { host, port, credentials }: ExamineOrder,
  usual: NonNullable<CameraProfile["onvif"]>,
  { parts, findings }: Work,
  signal: AbortSignal,
): Promise<OnvifDevice | undefined> {
  const ports = port === undefined ? usual.ports : [port];
  const states = await knock(host, ports, signal);
  signal.throwIfAborted();
  const open = ports.filter((candidate) => states.get(candidate) === "open");
  let worst: Fault | undefined;
  for (const candidate of open) {
    try {
      const address = { host, port: candidate };
      return await openDevice({ address, credentials, digestOnly: usual.login === "digest" }, parts, signal);
    } catch (error) {
      if (!(error instanceof DeviceFault)) throw error;
      // Behind this port is a camera; another port would only be another wrong try.
      if (error.trouble === "wrong-password") {
        findings.push(asFinding("password", error));
        return undefined;
      }
      worst ??= error;
    }
  }
  worst ??= new DeviceFault(
    [...states.values()].includes("refused") ? "port-closed" : "unreachable",
    port === undefined ? `${host} (${ports.join(", ")})` : `${host}:${port}`,
    "no port open",
  );
  findings.push(asFinding("onvif", worst), ...(await otherDoors(host, ports, signal)));
  return undefined;
}

const OTHER_PORTS = [80, 8000, 8080, 8899, 2020, 554];

/** A wrong port is the commonest mistake: where else somebody listens. */
async function otherDoors(host: string, tried: readonly number[], signal: AbortSignal): Promise<Finding[]> {
  const others = OTHER_PORTS.filter((port) => !tried.includes(port));
  const states = await knock(host, others, signal);
  const open = others.filter((port) => states.get(port) === "open");
  if (open.length === 0) return [];
  const list = open.join(", ");
  return [
    {
      id: "ports",
      outcome: "warn",
      said: text(`Open at ${host}: ${list}.`, `Cổng đang mở tại ${host}: ${list}.`),
      remedy: open.some((port) => port !== 554)
        ? text(`Try one of them with --port.`, `Hãy thử các cổng này với --port.`)
        : text(
            "Only RTSP (554) is open: enable ONVIF in the camera, or add it with --stream rtsp://….",
            "Chỉ mở RTSP (554): hãy bật ONVIF trong camera, hoặc thêm bằng --stream rtsp://….",
          ),
    },
  ];
}

function asFinding(id: string, { said, hint }: Fault): Finding {
  return { id, outcome: "fail", said, ...(hint !== undefined && { remedy: hint }) };
}

async function streamsOf(
  device: OnvifDevice,
  credentials: Credentials,
  { parts, findings }: Work,
  signal: AbortSignal,
): Promise<Camera["streams"] | undefined> {
  const choice = chooseStreams(device.profiles);
  findings.push(profilesFinding(device.profiles.length, choice));
  if (choice === undefined) return undefined;
  const main = await addressOf(device, choice.main, findings, signal);
  if (main === undefined) return undefined;
  const opened = await openStream(sourceOf(choice.main, main.url), credentials, parts, signal);
  if (main.announced !== null) findings.push(addressFinding(main.announced, main.url, opened.ok));
  if (!opened.ok) {
    findings.push(streamTroubleFinding(opened.trouble, main.url));
    return undefined;
  }
  findings.push(streamFinding(opened.source));
  if (opened.source.codec === "other") return undefined;
  return {
    main: opened.source,
    sub: await subStream(device, choice.sub, { credentials, parts, findings }, signal),
  };
}

/** A sub stream that does not come is done without. */
async function subStream(
  device: OnvifDevice,
  profile: MediaProfile | null,
  { credentials, parts, findings }: Work & { readonly credentials: Credentials },
  signal: AbortSignal,
): Promise<StreamSource | null> {
  if (profile === null) return null;
  const address = await addressOf(device, profile, findings, signal);
  if (address === undefined) return null;
  const opened = await openStream(sourceOf(profile, address.url), credentials, parts, signal);
  if (opened.ok) return opened.source;
  findings.push({ ...streamTroubleFinding(opened.trouble, address.url), id: "sub-stream", outcome: "warn" });
  return null;
}

async function addressOf(
  device: OnvifDevice,
  profile: MediaProfile,
  findings: Finding[],
  signal: AbortSignal,
): Promise<{ readonly url: string; readonly announced: string | null } | undefined> {
  try {
    return await device.streamAddress(profile, signal);
  } catch (error) {
    if (!(error instanceof DeviceFault)) throw error;
    findings.push(asFinding("address", error));
    return undefined;
  }
}

function sourceOf({ codec, widthPx, heightPx, fps, kbps }: MediaProfile, url: string): StreamSource {
  return { url, transport: "tcp", codec, widthPx, heightPx, fps, kbps };
}

type Opened =
  | { readonly ok: true; readonly source: StreamSource }
  | { readonly ok: false; readonly trouble: Extract<StreamProbe, { ok: false }>["trouble"] };

/** What really comes counts, not what was announced. TCP first; UDP only where TCP is refused. */
async function openStream(
  announced: StreamSource,
  credentials: Credentials,
  { probeStream }: ExamineParts,
  signal: AbortSignal,
): Promise<Opened> {
  const url = withCredentials(announced.url, credentials);
  let failed: Opened | undefined;
  for (const transport of ["tcp", "udp"] as const) {
    const probe = await probeStream({ url, transport }, signal);
    if (probe.ok) {
      const { codec, widthPx, heightPx } = probe;
      return {
        ok: true,
        source: { ...announced, transport, codec, widthPx, heightPx, fps: probe.fps ?? announced.fps },
      };
    }
    failed ??= { ok: false, trouble: probe.trouble };
    if (!["wrong-transport", "no-video", "silent"].includes(probe.trouble)) break;
  }
  return failed ?? { ok: false, trouble: "silent" };
}

async function examineStreamOnly(
  { host, credentials, streamUrl }: ExamineOrder,
  profile: CameraProfile,
  { parts, findings }: Work,
  signal: AbortSignal,
): Promise<Examination> {
  const { port, main, sub } = profile.rtsp;
  const at = (path: string): string => `rtsp://${host}:${port}${path}`;
  const url = streamUrl ?? (main === null ? undefined : at(main));
  const nothing: Examination = { findings, camera: undefined, clockOffsetMs: null, turns: false };
  if (url === undefined) {
    findings.push(NO_ADDRESS);
    return nothing;
  }
  const blank = { codec: "other", widthPx: 0, heightPx: 0, fps: null, kbps: null, transport: "tcp" } as const;
  const opened = await openStream({ ...blank, url }, credentials, parts, signal);
  if (!opened.ok) {
    findings.push(streamTroubleFinding(opened.trouble, url));
    return nothing;
  }
  findings.push(streamFinding(opened.source));
  if (opened.source.codec === "other") return nothing;
  const second =
    streamUrl !== undefined || sub === null
      ? undefined
      : await openStream({ ...blank, url: at(sub) }, credentials, parts, signal);
  const streams = { main: opened.source, sub: second?.ok === true ? second.source : null };
  return { ...nothing, camera: { onvif: null, profile: profile.id, streams, identity: NOBODY } };
}

const NO_ADDRESS: Finding = {
  id: "stream",
  outcome: "fail",
  said: text("The stream's address is not known.", "Chưa biết địa chỉ luồng hình."),
  remedy: text("Enter it: --stream rtsp://….", "Hãy nhập: --stream rtsp://…."),
};

/** The first thing that stands in the way, as a failure. */
export function faultOf(findings: readonly Finding[]): Fault {
  const worst = findings.find(({ outcome, id }) => outcome === "fail" && id !== "clock") ?? findings[0];
  if (worst === undefined) return new Fault("unavailable", "the camera could not be examined");
  const { id, said, remedy } = worst;
  const hint = remedy === undefined ? {} : { hint: remedy };
  if (id === "password") return new Fault("rejected", said, { ...hint, field: "password" });
  return new Fault(id === "profiles" ? "conflict" : "unavailable", said, hint);
}
