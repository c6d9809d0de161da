import { statfs } from "node:fs/promises";
import type { Broker } from "../broker/broker.ts";
import { recordingChecks, recordingMetrics } from "../cameras/recording-view.ts";
import type { RecordingState } from "../cameras/rules/model.ts";
import type { Check } from "../kernel/check.ts";
import type { Clock } from "../kernel/clock.ts";
import { asError } from "../kernel/faults.ts";
import { text, type Text } from "../kernel/text.ts";
import { DAY_MS, type EpochMs } from "../kernel/time.ts";
import { runProcess } from "../media/process.ts";
import type { MediaTools } from "../media/tools.ts";
import type { StatusSummary } from "../panel/system-routes.ts";
import type { Audit } from "../identity/audit.ts";
import type { Registry } from "../speakers/registry.ts";
import type { Database } from "../store/database.ts";
import type { Broadcast } from "./compose-broadcast.ts";
import type { CameraHouse } from "./compose-cameras.ts";
import type { Config } from "./config.ts";

interface OverviewParts {
  readonly config: Config;
  readonly version: string;
  readonly startedAt: EpochMs;
  readonly clock: Clock;
  readonly database: Database;
  readonly audit: Audit;
  readonly registry: Registry;
  readonly broadcast: Broadcast;
  readonly house: Pick<CameraHouse, "cameras" | "recorder" | "requests">;
  readonly tools: MediaTools;
  readonly broker: () => Broker | undefined;
  /** Last day of the server's certificate. */
  readonly certificateUntil: () => EpochMs;
}

/** What people and machines ask about the whole: the summary, the checks of `doctor`, the figures for Prometheus. */
export interface Overview {
  summary(): StatusSummary;
  checks(signal: AbortSignal): Promise<readonly Check[]>;
  metrics(): Promise<string>;
}

const FAILING: readonly RecordingState[] = [
  ...(["stalled", "offline", "wrong-password", "stream-gone", "disk-full"] as const),
];
const LOW_DISK_BYTES = 1_000_000_000;
const CERTIFICATE_SOON_MS = 30 * DAY_MS;

export function openOverview(parts: OverviewParts): Overview {
  const { config, clock, registry, broadcast } = parts;

  const summary = (): StatusSummary => {
    const now = clock.now();
    const statuses = broadcast.link.statuses();
    const online = statuses.filter(({ presence }) => presence === "online");
    const total = registry.speakers.all().length;
    const onAir = broadcast.airings.onAir().filter(({ plannedAt, until }) => plannedAt <= now && until > now);
    const holds = broadcast.airings.stopsSince(now).map(({ holdUntil }) => holdUntil ?? 0);
    const holdUntil = Math.max(0, ...holds);
    const problems: Text[] = [];
    const offline = total - online.length;
    if (offline > 0) {
      problems.push(text(`${offline} loudspeakers are not connected.`, `${offline} cụm loa không kết nối.`));
    }
    const unrecorded = parts.house.cameras
      .all()
      .filter(({ id }) => FAILING.includes(parts.house.recorder.status(id).state));
    if (unrecorded.length > 0) {
      const names = unrecorded.map(({ name }) => name).join(", ");
      problems.push(text(`Not recorded: ${names}.`, `Camera không ghi được: ${names}.`));
    }
    problems.push(...parts.house.requests.problems());
    if (parts.broker() === undefined) {
      problems.push(text("The MQTT broker is being restarted.", "Máy chủ MQTT đang được khởi động lại."));
    }
    return {
      version: parts.version,
      at: now,
      startedAt: parts.startedAt,
      commune: config.commune.name,
      timeZone: config.commune.timeZone,
      ready: true,
      speakers: {
        total,
        online: online.length,
        playing: online.filter(({ state }) => state !== undefined && state.playing !== null).length,
      },
      onAir: onAir.length,
      holdUntil: holdUntil > now ? holdUntil : null,
      problems,
    };
  };

  const disk = async (): Promise<Check> => {
    const { bavail, bsize } = await statfs(config.dataDir);
    const freeBytes = bavail * bsize;
    const gigabytes = (freeBytes / 1e9).toFixed(1);
    const enough = freeBytes > LOW_DISK_BYTES;
    return {
      id: "disk",
      outcome: enough ? "ok" : "warn",
      said: text(
        `${gigabytes} GB free in ${config.dataDir}`,
        `Còn trống ${gigabytes} GB trong ${config.dataDir}`,
      ),
      ...(enough ? {} : { remedy: text("Free some space.", "Hãy giải phóng dung lượng.") }),
    };
  };

  const database = (): Check => {
    const answer = String(Object.values(parts.database.get("PRAGMA quick_check") ?? {})[0]);
    return answer === "ok"
      ? { id: "database", outcome: "ok", said: text("The database is sound", "Cơ sở dữ liệu nguyên vẹn") }
      : {
          id: "database",
          outcome: "fail",
          said: text(`The database is damaged: ${answer}`, `Cơ sở dữ liệu bị hỏng: ${answer}`),
          remedy: text(
            "Restore the last backup: tienglang restore.",
            "Hãy khôi phục bản sao lưu gần nhất: tienglang restore.",
          ),
        };
  };

  const auditTrail = (): Check => {
    const verdict = parts.audit.verify();
    return verdict.whole
      ? {
          id: "audit",
          outcome: "ok",
          said: text(
            `The audit trail is whole (${verdict.count} entries)`,
            `Nhật ký thao tác nguyên vẹn (${verdict.count} mục)`,
          ),
        }
      : {
          id: "audit",
          outcome: "fail",
          said: text(
            `The audit trail was changed at entry ${verdict.brokenAt}`,
            `Nhật ký thao tác bị sửa tại mục ${verdict.brokenAt}`,
          ),
          remedy: text("Compare with a backup and report it.", "Hãy so với bản sao lưu và báo cáo."),
        };
  };

  const certificate = (): Check => {
    const days = Math.floor((parts.certificateUntil() - clock.now()) / DAY_MS);
    const fine = days * DAY_MS > CERTIFICATE_SOON_MS;
    return {
      id: "certificate",
      outcome: fine ? "ok" : "warn",
      said: text(`The certificate holds for ${days} days`, `Chứng chỉ còn hạn ${days} ngày`),
      ...(fine
        ? {}
        : { remedy: text("Restart the service: it is renewed.", "Hãy khởi động lại dịch vụ để gia hạn.") }),
    };
  };

  const speakers = (): Check => {
    const silent = broadcast.link.statuses().filter(({ presence }) => presence !== "online");
    const names = silent
      .map(({ speaker }) => speaker)
      .slice(0, 10)
      .join(", ");
    return silent.length === 0
      ? {
          id: "speakers-silent",
          outcome: "ok",
          said: text("Every loudspeaker is connected", "Mọi cụm loa đều kết nối"),
        }
      : {
          id: "speakers-silent",
          outcome: "warn",
          said: text(
            `${silent.length} loudspeakers are not connected: ${names}`,
            `${silent.length} cụm loa không kết nối: ${names}`,
          ),
          remedy: text(
            "Check their power and network.",
            "Hãy kiểm tra nguồn điện và mạng của các cụm loa đó.",
          ),
        };
  };

  const broker = async (): Promise<Check> => {
    const live = parts.broker();
    if (live === undefined) {
      return {
        id: "broker",
        outcome: "fail",
        said: text("The MQTT broker is down and being opened again", "Máy chủ MQTT đang dừng và được mở lại"),
        remedy: text("Look at the log of the service.", "Hãy xem nhật ký của dịch vụ."),
      };
    }
    const { connectedCount } = await live.metrics();
    return {
      id: "broker",
      outcome: "ok",
      said: text(
        `The MQTT broker serves ${connectedCount} devices on port ${live.tlsPort}`,
        `Máy chủ MQTT phục vụ ${connectedCount} thiết bị ở cổng ${live.tlsPort}`,
      ),
    };
  };

  return {
    summary,
    checks: async (signal) => [
      await programCheck("ffmpeg", parts.tools.ffmpeg, ["-version"], signal),
      await programCheck("espeak-ng", parts.tools.espeak, ["--version"], signal),
      database(),
      auditTrail(),
      await disk(),
      certificate(),
      await broker(),
      speakers(),
      ...recordingChecks(parts.house),
    ],
    metrics: async () => (await metricsText(parts, summary())) + recordingMetrics(parts.house.recorder),
  };
}

async function programCheck(
  id: string,
  command: string,
  args: readonly string[],
  signal: AbortSignal,
): Promise<Check> {
  try {
    const { stdout } = await runProcess({ command, args }, signal);
    const version = stdout.toString().split("\n", 1)[0] ?? "";
    return { id, outcome: "ok", said: text(version, version) };
  } catch (error) {
    return {
      id,
      outcome: "fail",
      said: text(
        `${id} does not run: ${asError(error).message}`,
        `${id} không chạy được: ${asError(error).message}`,
      ),
      remedy: text(`apt-get install ${id}`, `apt-get install ${id}`),
    };
  }
}

async function metricsText(
  { broker, startedAt, clock }: OverviewParts,
  summary: StatusSummary,
): Promise<string> {
  const gauges: [string, string, number][] = [
    ["tienglang_uptime_seconds", "Since the daemon started", (clock.now() - startedAt) / 1_000],
    ["tienglang_speakers", "Loudspeakers registered", summary.speakers.total],
    ["tienglang_speakers_online", "Loudspeakers connected", summary.speakers.online],
    ["tienglang_speakers_playing", "Loudspeakers that sound something", summary.speakers.playing],
    ["tienglang_airings_on_air", "Airings sounding now", summary.onAir],
    ["tienglang_resident_memory_bytes", "Memory of the daemon", process.memoryUsage.rss()],
  ];
  const live = await broker()?.metrics();
  if (live !== undefined) {
    for (const [name, value] of Object.entries(live)) {
      if (typeof value === "number")
        gauges.push([`tienglang_broker_${snake(name)}`, `Broker: ${name}`, value]);
    }
  }
  return gauges
    .map(([name, help, value]) => `# HELP ${name} ${help}\n# TYPE ${name} gauge\n${name} ${value}\n`)
    .join("");
}

function snake(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
