import { openDevice, type Device, type DeviceOrder } from "../../scripts/demo-camera/device.ts";

/** The synthetic camera's ONVIF side, in this process, on a free port of 127.0.0.1; it can be discovered by unicast. */
export function openOnvifDevice(order: DeviceOrder = {}): Promise<Device> {
  return openDevice({ discovery: { interface: "127.0.0.1", port: 0 }, ...order });
}
