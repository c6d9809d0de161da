import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { z } from "zod";
import { asError, Fault } from "../kernel/faults.ts";

const Port = z.int().min(0).max(65_535);
const Clock = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, "HH:MM");

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

const Commune = z
  .strictObject({
    name: z
      .string()
      .min(1)
      .max(120)
      .default("Xã chưa đặt tên")
      .describe("The commune's name, as people see it."),
    timeZone: z
      .string()
      .refine(isTimeZone, "not an IANA time zone")
      .default("Asia/Ho_Chi_Minh")
      .describe("IANA time zone of calendar and quiet hours."),
  })
  .prefault({});

const Panel = z
  .strictObject({
    host: z.string().default("0.0.0.0").describe("Address the web panel listens on."),
    port: Port.default(8443).describe("Port of the web panel (https). 0 takes any free one."),
    names: z
      .array(z.string().min(1).max(253))
      .max(20)
      .default(["tienglang.local"])
      .describe(
        "Further DNS names and addresses put into the certificate; the machine's own are always in it.",
      ),
  })
  .prefault({});

const Broker = z
  .strictObject({
    host: z.string().default("0.0.0.0").describe("Address the MQTT broker listens on with TLS."),
    port: Port.default(8883).describe("Port of MQTT over TLS. 0 takes any free one."),
    plainPort: Port.nullable().default(null).describe("Port of MQTT without TLS; null: none."),
    plainHost: z.string().default("127.0.0.1").describe("Address of MQTT without TLS."),
    allowPlainFromNetwork: z
      .boolean()
      .default(false)
      .describe(
        "Must be true before plainHost may be anything but loopback: credentials then cross the network readably.",
      ),
    maxClients: z
      .int()
      .min(10)
      .max(20_000)
      .default(1_000)
      .describe("Connections at a time; more are refused."),
  })
  .prefault({});

const Streams = z
  .strictObject({
    host: z.string().default("0.0.0.0").describe("Address of the audio server."),
    port: Port.default(8444).describe("Port of the audio server for native loudspeakers (https)."),
    radioPort: Port.default(8000).describe(
      "Port for Internet-radio boxes (plain http, a secret token in each box's address).",
    ),
    maxListeners: z
      .int()
      .min(10)
      .max(20_000)
      .default(2_000)
      .describe("Connections at a time; more are refused."),
  })
  .prefault({});

const Media = z
  .strictObject({
    ffmpeg: z
      .string()
      .min(1)
      .nullable()
      .default(null)
      .describe("Path of ffmpeg 5.1 to 7; null: the bundled one, then PATH."),
    ffprobe: z.string().min(1).nullable().default(null).describe("Path of ffprobe; null: PATH."),
    espeak: z.string().min(1).nullable().default(null).describe("Path of espeak-ng; null: PATH."),
    speechCommand: z
      .array(z.string().min(1))
      .min(1)
      .nullable()
      .default(null)
      .describe(
        "Another voice: a program and its arguments that reads UTF-8 text on stdin and writes WAV to stdout. Null: espeak-ng.",
      ),
    voice: z
      .string()
      .min(1)
      .max(40)
      .default("vi")
      .describe("Voice of espeak-ng: vi, vi-vn-x-central or vi-vn-x-south."),
    uploadMegabytes: z.int().min(1).max(2_000).default(60).describe("Largest uploaded file, megabytes."),
    uploadMinutes: z.int().min(1).max(600).default(60).describe("Longest uploaded sound, minutes."),
    textCharacters: z
      .int()
      .min(100)
      .max(200_000)
      .default(20_000)
      .describe("Longest text to be read aloud, characters."),
  })
  .prefault({});

const Broadcast = z
  .strictObject({
    quietFrom: Clock.default("21:30").describe(
      "Quiet hours of new hamlets begin; nothing but an emergency sounds.",
    ),
    quietTo: Clock.default("05:00").describe("Quiet hours of new hamlets end."),
    sessionsPerDay: z
      .int()
      .min(1)
      .max(48)
      .nullable()
      .default(null)
      .describe("Sessions a day in a new hamlet; null: no limit."),
    minutesPerSession: z
      .int()
      .min(1)
      .max(720)
      .nullable()
      .default(null)
      .describe("Minutes of one session in a new hamlet; null: no limit."),
    authorMayApprove: z
      .boolean()
      .default(true)
      .describe(
        "Whether a leader may approve a bulletin that he wrote himself. An officer may never approve.",
      ),
    emergencyVolumePercent: z
      .int()
      .min(10)
      .max(100)
      .default(100)
      .describe("Volume forced during emergencies, percent."),
    emergencyRepeatMinutes: z
      .int()
      .min(1)
      .max(120)
      .default(5)
      .describe("An emergency message begins anew every so often, minutes."),
    emergencyHours: z
      .int()
      .min(1)
      .max(48)
      .default(2)
      .describe("An emergency ends by itself after this, hours."),
    liveMinutes: z.int().min(1).max(240).default(15).describe("Longest live microphone session, minutes."),
  })
  .prefault({});

const Cameras = z
  .strictObject({
    dir: z
      .string()
      .min(1)
      .nullable()
      .default(null)
      .describe(
        "Folder of recordings, best on a disk of its own; a relative path counts from the configuration file. Null: the folder cameras in dataDir. A systemd unit must name another folder in ReadWritePaths.",
      ),
    segmentSeconds: z
      .int()
      .min(10)
      .max(300)
      .default(30)
      .describe("Length of one recorded file, seconds. A crash loses seconds, whatever this is."),
    reservePercent: z
      .int()
      .min(2)
      .max(50)
      .default(5)
      .describe("Part of the disk that recordings leave free, percent."),
    discoveryAddresses: z
      .array(z.ipv4())
      .max(16)
      .default([])
      .describe("Own addresses from which cameras are searched (WS-Discovery); empty: every interface."),
    mpeg1Streams: z
      .int()
      .min(0)
      .max(8)
      .default(2)
      .describe(
        "Cameras converted at a time for browsers that can't play their pictures; each takes 2 to 20 % of a core.",
      ),
    noticeContact: z
      .string()
      .max(200)
      .default("")
      .describe("Whom people may ask about recordings of them, printed on the notice sign."),
    noticeUrl: z
      .url()
      .nullable()
      .default(null)
      .describe("Address of the commune's notice on cameras, in the sign's QR code; null: the sign's text."),
  })
  .prefault({});

/** Every setting, its range, meaning and default. config/README.md and the example are made from it. */
export const Config = z.strictObject({
  $schema: z.string().optional().describe("Where an editor finds the schema of this file."),
  dataDir: z
    .string()
    .min(1)
    .default("../data")
    .describe("Folder of database, audio and keys; a relative path counts from the configuration file."),
  logLevel: z
    .enum(["error", "warn", "info", "debug"])
    .default("info")
    .describe("How much is logged, as JSON lines on stderr."),
  commune: Commune.describe("The commune."),
  panel: Panel.describe("The web panel."),
  broker: Broker.describe("The MQTT broker of the loudspeakers."),
  streams: Streams.describe("The audio server."),
  media: Media.describe("Sound and speech."),
  broadcast: Broadcast.describe("The rules of broadcasting."),
  cameras: Cameras.describe("The cameras and their recordings."),
});
export type Config = z.infer<typeof Config>;

/** Reads and checks the file. Throws a Fault("invalid") that names each bad setting; relative paths become absolute. */
export function loadConfig(file: string): Config {
  const parsed = Config.safeParse(readJson(file));
  if (!parsed.success) {
    const lines = parsed.error.issues.map(({ path, message }) => `${path.join(".") || "(top)"}: ${message}`);
    throw new Fault(
      "invalid",
      {
        en: `Configuration ${file} can't be used: ${lines.join("; ")}.`,
        vi: `Không dùng được cấu hình ${file}: ${lines.join("; ")}.`,
      },
      {
        hint: {
          en: "See config/README.md for every setting.",
          vi: "Xem mọi thiết lập trong config/README.md.",
        },
      },
    );
  }
  const { dataDir, cameras, ...rest } = parsed.data;
  const beside = (path: string): string => resolve(dirname(resolve(file)), path);
  return {
    ...rest,
    dataDir: beside(dataDir),
    cameras: { ...cameras, dir: cameras.dir === null ? null : beside(cameras.dir) },
  };
}

function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    const cause = asError(error);
    throw new Fault(
      "invalid",
      {
        en: `Configuration ${file} can't be read: ${cause.message}.`,
        vi: `Không đọc được cấu hình ${file}: ${cause.message}.`,
      },
      {
        cause,
        hint: {
          en: "Copy config/tienglang.example.json and edit it.",
          vi: "Hãy sao chép config/tienglang.example.json rồi chỉnh sửa.",
        },
      },
    );
  }
}

/** "21:30" → 1290. */
export function minuteOfDay(clock: string): number {
  const [hours = "0", minutes = "0"] = clock.split(":");
  return Number(hours) * 60 + Number(minutes);
}
