import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { z } from "zod";
import { asError, Fault } from "../kernel/faults.ts";
import { text, type Lang } from "../kernel/text.ts";

/** The few settings that the command line needs when the daemon does not run. The daemon checks the whole file. */
const SettingsFile = z.object({
  dataDir: z.string().default("../data"),
  panel: z.object({ host: z.string().default("0.0.0.0"), port: z.int().default(8443) }).prefault({}),
  broker: z.object({ host: z.string().default("0.0.0.0"), port: z.int().default(8883) }).prefault({}),
  streams: z
    .object({
      host: z.string().default("0.0.0.0"),
      port: z.int().default(8444),
      radioPort: z.int().default(8000),
    })
    .prefault({}),
  media: z
    .object({ ffmpeg: z.string().nullish(), ffprobe: z.string().nullish(), espeak: z.string().nullish() })
    .prefault({}),
});
export type Settings = z.infer<typeof SettingsFile>;

export interface Where {
  readonly data?: string | undefined;
  readonly config: string;
}

/** `dataDir` comes out absolute. A missing file means the defaults. */
export function readSettings({ data, config }: Where, env: NodeJS.ProcessEnv): Settings {
  const read = SettingsFile.safeParse(existsSync(config) ? parsed(config) : {});
  if (!read.success) throw unreadable(config, read.error);
  const settings = read.data;
  const named = data ?? env["TIENGLANG_DATA"];
  const dataDir =
    named === undefined ? path.resolve(path.dirname(config), settings.dataDir) : path.resolve(named);
  return { ...settings, dataDir };
}

/** As every program does it: the locale decides. */
export function langOf(asked: string | undefined, env: NodeJS.ProcessEnv): Lang {
  if (asked === "vi" || asked === "en") return asked;
  return (env["LC_ALL"] ?? env["LC_MESSAGES"] ?? env["LANG"] ?? "").startsWith("vi") ? "vi" : "en";
}

function parsed(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    throw unreadable(file, asError(error));
  }
}

function unreadable(file: string, cause: Error): Fault {
  return new Fault(
    "invalid",
    text(`${file} can't be read: ${cause.message}.`, `Không đọc được ${file}: ${cause.message}.`),
    {
      cause,
      hint: text(
        "Correct the file, or name another with --config.",
        "Hãy sửa tệp, hoặc chỉ tệp khác bằng --config.",
      ),
    },
  );
}
