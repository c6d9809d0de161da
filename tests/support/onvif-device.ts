import { openDevice, type Device, type DeviceOrder } from "../../scripts/demo-camera/device.ts";
import { openRtspServer, type RtspServer } from "./rtsp-server.ts";

/** The synthetic camera's ONVIF side, in this process, on a free port of 127.0.0.1; it can be discovered by unicast. */
export function openOnvifDevice(order: DeviceOrder = {}): Promise<Device> {
  return openDevice({ discovery: { interface: "127.0.0.1", port: 0 }, ...order });
}

/** A whole camera: ONVIF and, behind the addresses it announces, streams that ask for the same password. */
export async function openWholeCamera(
  order: DeviceOrder = {},
): Promise<{ readonly device: Device; readonly rtsp: RtspServer } & AsyncDisposable> {
  await using resources = new AsyncDisposableStack();
  const { user = "admin", password = "secret1" } = order;
  const rtsp = resources.use(await openRtspServer({ auth: "digest", user, password }));
  const device = resources.use(await openOnvifDevice({ ...order, user, password, rtspPort: rtsp.port }));
  const owned = resources.move();
  return { device, rtsp, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}
