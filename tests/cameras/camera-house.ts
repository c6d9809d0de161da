import type { Cameras } from "../../src/cameras/cameras.ts";
import type { Camera, CameraId } from "../../src/cameras/rules/model.ts";
import type { Actor, Role } from "../../src/identity/actor.ts";
import { Fault } from "../../src/kernel/faults.ts";
import { epochMs } from "../../src/kernel/time.ts";

export const GATE = "cong-vao" as CameraId;

/** A camera at the counter, complete; say only what the test is about. */
export function aCamera(how: Partial<Camera> = {}): Camera {
  return {
    id: GATE,
    name: "Quầy 1",
    place: "Bộ phận Một cửa, quầy 1",
    profile: "onvif",
    enabled: true,
    onvif: null,
    user: "admin",
    streams: {
      main: {
        url: "rtsp://127.0.0.1:8554/sub",
        transport: "tcp",
        codec: "h264",
        widthPx: 640,
        heightPx: 360,
        fps: 10,
        kbps: 400,
      },
      sub: null,
    },
    identity: { manufacturer: "", model: "", firmware: "", serial: "", hardwareId: "", mac: "" },
    audio: false,
    purpose: "Bảo đảm an ninh, trật tự nơi tiếp công dân",
    retentionDays: 15,
    retentionReason: "Đủ thời gian giải quyết khiếu nại",
    eventRetentionDays: 30,
    quotaBytes: null,
    priority: 5,
    pauseHours: [],
    pausedUntil: null,
    clipHours: [],
    watchRoles: ["leader", "viewer"],
    eventRules: [],
    mayCorrectClock: true,
    addedAt: epochMs(0),
    ...how,
  };
}

export function person(role: Role, name = `the-${role}`): Actor {
  return { id: `u-${name}`, name, roles: [role] };
}

/** The registry of cameras in memory, for what only reads and changes settings. */
export class MemoryCameras implements Cameras {
  readonly #cameras: Map<CameraId, Camera>;
  readonly #removed = new Map<CameraId, Camera>();
  readonly #listeners = new Set<(id: CameraId) => void>();

  constructor(...cameras: readonly Camera[]) {
    this.#cameras = new Map(cameras.map((camera) => [camera.id, camera]));
  }
  all(): readonly Camera[] {
    return [...this.#cameras.values()];
  }
  find(id: CameraId): Camera | undefined {
    return this.#cameras.get(id);
  }
  get(id: CameraId): Camera {
    const camera = this.find(id);
    if (camera === undefined) throw new Fault("not-found", `no camera ${id}`);
    return camera;
  }
  add(camera: Omit<Camera, "addedAt">): Camera {
    return this.#keep({ ...camera, addedAt: epochMs(0) });
  }
  change(id: CameraId, { password: _password, ...change }: Partial<Camera> & { password?: string }): Camera {
    return this.#keep({ ...this.get(id), ...change });
  }
  remove(id: CameraId): void {
    const camera = this.find(id);
    if (camera !== undefined) this.#removed.set(id, camera);
    this.#cameras.delete(id);
  }
  removed(id: CameraId): Camera | undefined {
    return this.#removed.get(id);
  }
  credentials(id: CameraId): { user: string; password: string } {
    return { user: this.get(id).user, password: "" };
  }
  streamUrl(id: CameraId): string {
    return this.get(id).streams.main.url;
  }
  onChange(listener: (id: CameraId) => void): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => this.#listeners.delete(listener) };
  }
  #keep(camera: Camera): Camera {
    this.#cameras.set(camera.id, camera);
    for (const listener of this.#listeners) listener(camera.id);
    return camera;
  }
}
