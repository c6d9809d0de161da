import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { dirname } from "node:path";
import { z } from "zod";
import type { Api } from "../../src/cli/api.ts";

const HOST = "127.0.0.1";
const ID = "camera-mot-cua";

const Kept = z.object({ password: z.string(), port: z.int(), rtspPort: z.int() });
type Kept = z.infer<typeof Kept>;

interface DemoCamera {
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Finds it as a technician would and adds it with its password, unless it is there already. Returns what to say. */
  join(api: Api): Promise<string>;
}

/** The demo's camera: its ports and its password stay the same from one start to the next. */
export async function demoCamera(file: string): Promise<DemoCamera> {
  const kept = existsSync(file) ? Kept.parse(JSON.parse(readFileSync(file, "utf8"))) : await newCamera(file);
  return {
    args: ["scripts/demo-camera/main.ts", "--port", String(kept.port), "--rtsp-port", String(kept.rtspPort)],
    env: { CAMERA_PASSWORD: kept.password },
    join: async (api) => {
      const { cameras } = await api.get(
        "/api/cameras",
        z.object({ cameras: z.array(z.object({ id: z.string() })) }),
      );
      if (cameras.some(({ id }) => id === ID)) return "Camera thử nghiệm đang ghi (the demo camera records).";
      const isFound = await discovered(api, kept.port);
      const body = {
        ...{ host: HOST, port: kept.port, user: "admin", password: kept.password },
        ...{ id: ID, name: "Camera Một cửa", place: "Bộ phận Một cửa, quầy 1" },
        purpose: "Bảo đảm an ninh, trật tự và giải quyết phản ánh tại bộ phận Một cửa (camera thử nghiệm)",
        watchRoles: ["leader", "officer", "technician"],
        eventRules: [MOTION_MARKED],
      };
      await api.send("POST", "/api/cameras", { body, schema: z.unknown() });
      const how = isFound ? "đã tìm thấy qua mạng và thêm vào" : "đã thêm theo địa chỉ";
      return `Camera thử nghiệm ${how}, đang ghi hình (the demo camera was ${isFound ? "discovered and " : ""}added; it records).`;
    },
  };
}

const MOTION_MARKED = {
  ...{ on: "motion", actions: ["bookmark", "notify"], preRollSec: 10, postRollSec: 20 },
  ...{ say: null, quietForSec: 60, hours: [] },
};

async function discovered(api: Api, port: number): Promise<boolean> {
  const { found } = await api.send("POST", "/api/cameras/discover", {
    body: {},
    schema: z.object({ found: z.array(z.object({ port: z.number() })) }),
  });
  return found.some((device) => device.port === port);
}

async function newCamera(file: string): Promise<Kept> {
  const kept = {
    password: randomBytes(9).toString("base64url"),
    port: await freePort(),
    rtspPort: await freePort(),
  };
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  writeFileSync(file, JSON.stringify(kept), { mode: 0o600 });
  return kept;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, HOST);
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
