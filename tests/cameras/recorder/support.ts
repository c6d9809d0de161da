import { join } from "node:path";
import { systemClock, type Clock } from "../../../src/kernel/clock.ts";
import { epochMs } from "../../../src/kernel/time.ts";
import type { Cameras } from "../../../src/cameras/cameras.ts";
import type { Ledger, LedgerFact } from "../../../src/cameras/ledger.ts";
import type { LiveSink } from "../../../src/cameras/recordings.ts";
import { openRecorder, type Recorder, type RecorderParts } from "../../../src/cameras/recorder/recorder.ts";
import type { Camera, CameraId, KeptSpan } from "../../../src/cameras/rules/model.ts";
import { RECORDINGS_SCHEMA } from "../../../src/cameras/segment-store.ts";
import { openDatabase, type Database } from "../../../src/store/database.ts";
import { migrate } from "../../../src/store/migrate.ts";
import { RecordingLog } from "../../support/recording-log.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

export const GATE = "gate" as CameraId;

export function cameraAt(url: string, change: Partial<Camera> = {}): Camera {
  return {
    id: GATE,
    name: "Cổng",
    place: "Bộ phận Một cửa",
    profile: "rtsp",
    enabled: true,
    onvif: null,
    user: "",
    streams: {
      main: { url, transport: "tcp", codec: "h264", widthPx: 640, heightPx: 360, fps: 10, kbps: 400 },
      sub: null,
    },
    identity: { manufacturer: "", model: "", firmware: "", serial: "", hardwareId: "", mac: "" },
    audio: false,
    purpose: "An ninh",
    retentionDays: 15,
    retentionReason: "",
    eventRetentionDays: 15,
    quotaBytes: null,
    priority: 5,
    pauseHours: [],
    pausedUntil: null,
    clipHours: [],
    watchRoles: [],
    eventRules: [],
    mayCorrectClock: false,
    addedAt: epochMs(Date.now()),
    ...change,
  };
}

/** Cameras in memory, whose streams' addresses already hold what they need. */
export class MemoryCameras implements Pick<Cameras, "all" | "find" | "streamUrl" | "onChange"> {
  private readonly byId = new Map<CameraId, Camera>();
  private readonly listeners = new Set<(id: CameraId) => void>();

  constructor(...cameras: readonly Camera[]) {
    for (const camera of cameras) this.byId.set(camera.id, camera);
  }

  all(): readonly Camera[] {
    return [...this.byId.values()];
  }

  find(id: CameraId): Camera | undefined {
    return this.byId.get(id);
  }

  streamUrl(id: CameraId): string | undefined {
    return this.byId.get(id)?.streams.main.url;
  }

  onChange(listener: (id: CameraId) => void): Disposable {
    this.listeners.add(listener);
    return { [Symbol.dispose]: () => void this.listeners.delete(listener) };
  }

  set(camera: Camera | undefined, id: CameraId = GATE): void {
    if (camera === undefined) this.byId.delete(id);
    else this.byId.set(id, camera);
    for (const listener of [...this.listeners]) listener(id);
  }
}

export class MemoryLedger implements Ledger {
  readonly facts: (LedgerFact & { readonly camera: CameraId })[] = [];

  append(camera: CameraId, fact: LedgerFact): { n: number; hash: string } {
    this.facts.push({ ...fact, camera });
    return { n: this.facts.length, hash: "" };
  }
}

class CountingSink implements LiveSink {
  begun = 0;
  ended = 0;
  bytes = 0;

  begin(): void {
    this.begun += 1;
  }

  push(bytes: Uint8Array): void {
    this.bytes += bytes.length;
  }

  end(): void {
    this.ended += 1;
  }
}

interface Desk extends AsyncDisposable {
  readonly recorder: Recorder;
  readonly cameras: MemoryCameras;
  readonly ledger: MemoryLedger;
  readonly database: Database;
  readonly live: CountingSink;
  readonly log: RecordingLog;
  readonly dir: string;
  readonly kept: KeptSpan[];
  /** Ends `run`; what it rejects with is thrown here. */
  stop(): Promise<void>;
}

interface DeskOrder {
  readonly cameras: readonly Camera[];
  readonly clock?: Clock;
  readonly segmentSec?: number;
  /** Of an earlier desk: as after a restart. */
  readonly folder?: string;
  /** Elsewhere than with the database. */
  readonly ringDir?: string;
  readonly parts?: Partial<RecorderParts>;
}

/** A recorder at work, on real files and a real ffmpeg. */
export async function openDesk(order: DeskOrder): Promise<Desk> {
  const own = order.folder === undefined ? temporaryFolder() : undefined;
  const folder = order.folder ?? own?.path ?? "";
  const database = openDatabase(join(folder, "desk.db"), "normal");
  migrate(database, [RECORDINGS_SCHEMA]);
  const cameras = new MemoryCameras(...order.cameras);
  const ledger = new MemoryLedger();
  const live = new CountingSink();
  const log = new RecordingLog();
  const kept: KeptSpan[] = [];
  const dir = order.ringDir ?? join(folder, "ring");
  const recorder = await openRecorder({
    cameras: cameras as unknown as Cameras,
    ...{ ledger, database, log, dir },
    clock: order.clock ?? systemClock,
    random: () => Math.random(),
    tools: { ffmpeg: "ffmpeg" },
    segmentSec: order.segmentSec ?? 4,
    reservePercent: 2,
    live: () => live,
    kept: () => kept,
    onStatus: () => undefined,
    timeZone: "Asia/Ho_Chi_Minh",
    ...order.parts,
  });
  const ending = new AbortController();
  const running = recorder.run(ending.signal);
  const stop = async (): Promise<void> => {
    ending.abort();
    await running;
  };
  return {
    ...{ recorder, cameras, ledger, database, live, log, dir, kept, stop },
    [Symbol.asyncDispose]: async () => {
      await stop();
      database[Symbol.dispose]();
      own?.[Symbol.dispose]();
    },
  };
}

const ALL = { from: epochMs(0), to: epochMs(8.64e15) };

export function gapsOf(desk: Pick<Desk, "recorder">, camera = GATE): ReturnType<Recorder["gaps"]> {
  return desk.recorder.gaps(camera, ALL);
}

export function segmentsOf(desk: Pick<Desk, "recorder">, camera = GATE): ReturnType<Recorder["segments"]> {
  return desk.recorder.segments(camera, ALL);
}
