import { openDevice, type OnvifDevice } from "../../../src/cameras/onvif/device.ts";
import { openDeviceThread } from "../../../src/cameras/onvif/device-thread.ts";
import { openHostGate } from "../../../src/cameras/onvif/host-gate.ts";
import type { SoapParts } from "../../../src/cameras/onvif/soap-client.ts";
import { systemClock } from "../../../src/kernel/clock.ts";
import { RecordingLog } from "../../support/recording-log.ts";

export interface Talk extends AsyncDisposable {
  readonly parts: SoapParts;
  readonly log: RecordingLog;
  open(
    camera: {
      readonly address: string;
      readonly port: number;
      readonly user?: string;
      readonly password?: string;
    },
    order?: { readonly password?: string; readonly user?: string; readonly digestOnly?: boolean },
  ): Promise<OnvifDevice>;
}

/** Our side of ONVIF with its thread, for one file of tests. */
export function openTalk(parts: Partial<SoapParts> = {}): Talk {
  const log = new RecordingLog();
  const thread = openDeviceThread({ log });
  const whole: SoapParts = {
    thread,
    clock: systemClock,
    gate: openHostGate(2),
    replyWithinMs: 20_000,
    ...parts,
  };
  return {
    parts: whole,
    log,
    open: ({ address, port, user = "admin", password = "secret1" }, order = {}) =>
      openDevice(
        {
          address: { host: address, port },
          credentials: { user: order.user ?? user, password: order.password ?? password },
          digestOnly: order.digestOnly ?? false,
        },
        whole,
        new AbortController().signal,
      ),
    [Symbol.asyncDispose]: () => thread[Symbol.asyncDispose](),
  };
}
