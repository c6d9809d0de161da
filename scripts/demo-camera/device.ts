import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { checkLogin, DigestNeeded, isRightDigest, type DeviceAuth } from "./device-auth.ts";
import { openDiscovery, type DiscoveryOrder } from "./device-discovery.ts";
import { openDeviceEvents, type DeviceEvents } from "./device-events.ts";
import { deviceOperations, mediaOperations, ptzOperations, type Operation } from "./device-services.ts";
import {
  MAIN_PROFILE,
  noFaults,
  SUB_PROFILE,
  type DeviceFaults,
  type DeviceIdentity,
  type DeviceProfile,
  type DeviceState,
  type PtzState,
} from "./device-state.ts";
import { send } from "./device-speech.ts";
import { envelope, faultEnvelope, parseRequest, SoapFault } from "./soap.ts";

const REQUEST_LIMIT_BYTES = 256 * 1024;

/** The smallest picture a JPEG decoder takes: 1×1. */
const SNAPSHOT = Buffer.from(
  "/9j/4AAQSkZJRgABAQEASABIAAD/2wBDAP//////////////////////////////////////////////////////////////////////////////////////wgALCAABAAEBAREA/8QAFBABAAAAAAAAAAAAAAAAAAAAAP/aAAgBAQABPxA=",
  "base64",
);

export interface DeviceOrder {
  /** Default 127.0.0.1. */
  readonly address?: string;
  /** Default 0: a free one. */
  readonly port?: number;
  readonly user?: string;
  readonly password?: string;
  readonly name?: string;
  readonly identity?: Partial<DeviceIdentity>;
  /** Which login it takes: WS-Security, HTTP digest, or either (default). */
  readonly auth?: DeviceAuth;
  /** Where its streams are; default 554. */
  readonly rtspPort?: number;
  readonly profiles?: readonly DeviceProfile[];
  /** Default: it can't be discovered. */
  readonly discovery?: DiscoveryOrder;
  readonly uuid?: string;
}

/** An ONVIF camera without a lens, with a switch for everything that goes wrong with real ones. */
export interface Device extends AsyncDisposable {
  readonly address: string;
  readonly port: number;
  /** Undefined: it can't be discovered. */
  readonly discoveryPort: number | undefined;
  readonly user: string;
  readonly password: string;
  readonly identity: DeviceIdentity;
  readonly faults: DeviceFaults;
  readonly ptz: PtzState;
  readonly events: DeviceEvents;
  /** Operations it was asked for, in order. */
  readonly asked: readonly string[];
  setProfiles(profiles: readonly DeviceProfile[]): void;
}

export async function openDevice(order: DeviceOrder = {}): Promise<Device> {
  await using resources = new AsyncDisposableStack();
  const state = newState(order);
  const events = openDeviceEvents(state);
  const asked: string[] = [];
  const camera: Camera = {
    state,
    events,
    auth: order.auth ?? "both",
    operations: {
      ...deviceOperations(state),
      ...mediaOperations(state),
      ...ptzOperations(state),
      ...events.operations,
    },
    asked,
  };
  const server = createServer((request, response) => {
    void serve(camera, request, response);
  });
  server.on("clientError", (_error, socket) => socket.destroy());
  server.listen(order.port ?? 0, state.address);
  await once(server, "listening");
  resources.defer(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  state.port = (server.address() as AddressInfo).port;
  const discovery = order.discovery
    ? resources.use(await openDiscovery(order.discovery, state, order.uuid ?? randomUUID()))
    : undefined;
  const owned = resources.move();
  return {
    address: state.address,
    port: state.port,
    discoveryPort: discovery?.port,
    user: state.user,
    password: state.password,
    identity: state.identity,
    faults: state.faults,
    ptz: state.ptz,
    events,
    asked,
    setProfiles: (profiles) => {
      state.profiles = profiles;
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

function newState(order: DeviceOrder): DeviceState {
  return {
    identity: {
      manufacturer: "Tieng Lang",
      model: "Demo Camera",
      firmware: "1.4.2",
      serial: "TL-0001",
      hardwareId: "1.0",
      mac: "02:00:00:00:00:01",
      ...order.identity,
    },
    name: order.name ?? "Demo camera",
    user: order.user ?? "admin",
    password: order.password ?? "secret1",
    address: order.address ?? "127.0.0.1",
    port: 0,
    rtspPort: order.rtspPort ?? 554,
    profiles: order.profiles ?? [MAIN_PROFILE, SUB_PROFILE],
    ptz: { moving: null, at: null, presets: new Map([["1", "Quầy 1"]]) },
    faults: noFaults(),
  };
}

interface Camera {
  readonly state: DeviceState;
  readonly events: DeviceEvents;
  readonly auth: DeviceAuth;
  readonly operations: Record<string, Operation>;
  readonly asked: string[];
}

async function serve(camera: Camera, request: IncomingMessage, response: ServerResponse): Promise<void> {
  response.on("error", () => response.destroy());
  const path = request.url ?? "/";
  if (path === "/snapshot.jpg") {
    snapshot(camera.state, request, response);
    return;
  }
  const gone = new AbortController();
  response.on("close", () => gone.abort());
  const { status, body, operation, header } = await answerTo(camera, request, gone.signal);
  if (body === undefined) {
    response.destroy();
    return;
  }
  const { speech, speechFor } = camera.state.faults;
  const spoiled = speechFor.length === 0 || speechFor.includes(operation);
  send({ status, body, headers: header }, spoiled ? speech : null, response);
}

interface Answer {
  readonly status: number;
  /** Undefined: the connection is closed instead. */
  readonly body: string | undefined;
  readonly operation: string;
  readonly header: Readonly<Record<string, string>>;
}

async function answerTo(camera: Camera, http: IncomingMessage, gone: AbortSignal): Promise<Answer> {
  let operation = "";
  try {
    const request = parseRequest(await bodyOf(http));
    operation = request.operation;
    camera.asked.push(operation);
    checkLogin(camera.state, camera.auth, http, request);
    const inner = await inside(camera, operation, request.content, { path: http.url ?? "/", gone });
    return { status: 200, body: inner && envelope(inner), operation, header: {} };
  } catch (error) {
    if (error instanceof DigestNeeded)
      return { status: 401, body: "", operation, header: { "www-authenticate": error.header } };
    if (error instanceof SoapFault)
      return { status: error.status, body: faultEnvelope(error), operation, header: {} };
    // The asker went away in the middle of its own request.
    if (gone.aborted || http.destroyed) return { status: 400, body: undefined, operation, header: {} };
    throw error;
  }
}

function inside(
  camera: Camera,
  operation: string,
  content: Parameters<Operation>[0],
  { path, gone }: { readonly path: string; readonly gone: AbortSignal },
): string | undefined | Promise<string | undefined> {
  if (operation === "PullMessages") return camera.events.pull(content, path, gone);
  const known = camera.operations[operation];
  if (known === undefined) throw new SoapFault("ter:ActionNotSupported", `unknown: ${operation}`);
  return known(content, path);
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    bytes += part.length;
    if (bytes > REQUEST_LIMIT_BYTES) throw new SoapFault("ter:InvalidArgs", "too long");
    parts.push(part);
  }
  return Buffer.concat(parts).toString();
}

function snapshot(state: DeviceState, request: IncomingMessage, response: ServerResponse): void {
  const offered = request.headers.authorization ?? "";
  if (offered.startsWith("Digest ") && isRightDigest(state, offered, "GET")) {
    response.writeHead(200, { "content-type": "image/jpeg" }).end(SNAPSHOT);
    return;
  }
  response.writeHead(401, { "www-authenticate": new DigestNeeded().header }).end();
}
