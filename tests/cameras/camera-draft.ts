import type { Camera, CameraId } from "../../src/cameras/rules/model.ts";

/** A camera as it would be added: at counter 2, H.264 only. */
export function cameraDraft(change: Partial<Camera> = {}): Omit<Camera, "addedAt"> {
  return {
    id: "quay-2" as CameraId,
    name: "Quầy 2",
    place: "Bộ phận Một cửa, quầy 2",
    profile: "generic-onvif",
    enabled: true,
    onvif: { host: "192.168.1.64", port: 80 },
    user: "admin",
    streams: {
      main: {
        url: "rtsp://192.168.1.64:554/Streaming/Channels/101",
        transport: "tcp",
        codec: "h264",
        widthPx: 1920,
        heightPx: 1080,
        fps: 15,
        kbps: 2_500,
      },
      sub: null,
    },
    identity: {
      manufacturer: "Maker",
      model: "M1",
      firmware: "5.10",
      serial: "007",
      hardwareId: "",
      mac: "",
    },
    audio: false,
    purpose: "Bảo đảm an ninh, trật tự nơi tiếp công dân",
    retentionDays: 30,
    retentionReason: "Giải quyết khiếu nại",
    eventRetentionDays: 30,
    quotaBytes: null,
    priority: 5,
    pauseHours: [],
    pausedUntil: null,
    clipHours: [],
    watchRoles: ["leader"],
    eventRules: [],
    mayCorrectClock: true,
    ...change,
  };
}
