import type { DayNumber } from "../broadcast/rules/days.ts";
import type { LocalZone } from "../broadcast/rules/local-time.ts";
import type { Check } from "../kernel/check.ts";
import type { Clock } from "../kernel/clock.ts";
import { text, type Text } from "../kernel/text.ts";
import type { EpochMs } from "../kernel/time.ts";
import type { Cameras } from "./cameras.ts";
import type { Recorder } from "./recorder/recorder.ts";
import type { Recordings } from "./recordings.ts";
import type { CameraId, Completeness, Gap, RecordingState, Span } from "./rules/model.ts";
import { causeWords, completenessWords, percentOf, stateWords } from "./rules/recording-words.ts";
import { isIntended } from "./rules/recording-watch.ts";

/** The local day, from midnight to midnight. */
export function daySpan(day: DayNumber, zone: LocalZone): Span {
  return { from: zone.instantOf(day, 0), to: zone.instantOf(day + 1, 0) };
}

/** What a person is told about a stretch of recordings. */
export interface CompletenessView {
  readonly from: EpochMs;
  readonly to: EpochMs;
  /** Of 100, to a tenth, never rounded up to whole; null: nothing was to be recorded. */
  readonly percent: number | null;
  readonly recordedMs: number;
  readonly expectedMs: number;
  readonly gaps: readonly (Omit<Gap, "id" | "camera"> & {
    readonly intended: boolean;
    readonly said: Text;
  })[];
  /** Recorded, and deleted because somebody asked for it. */
  readonly erased: readonly Span[];
  readonly said: Text;
}

export function completenessView(completeness: Completeness, now: EpochMs): CompletenessView {
  const { span, recordedMs, expectedMs, gaps, erased = [] } = completeness;
  return {
    ...{ from: span.from, to: span.to, recordedMs, expectedMs },
    percent: percentOf(completeness),
    gaps: gaps.map(({ from, to, cause }) => ({
      ...{ from, to, cause },
      intended: isIntended(cause),
      said: causeWords(cause),
    })),
    erased,
    said: completenessWords(completeness, now),
  };
}

interface TodayParts {
  readonly recordings: Pick<Recordings, "completeness">;
  readonly clock: Clock;
  readonly zone: LocalZone;
}

/** Since local midnight, for the list of cameras. `gaps` counts those that nobody meant. */
export function todayOf(
  camera: CameraId,
  { recordings, clock, zone }: TodayParts,
): { readonly percent: number | null; readonly gaps: number; readonly said: Text } {
  const now = clock.now();
  const { percent, gaps, said } = completenessView(
    recordings.completeness(camera, daySpan(zone.dayOf(now), zone)),
    now,
  );
  return { percent, gaps: gaps.filter(({ intended }) => !intended).length, said };
}

const AT_WORK: readonly RecordingState[] = ["recording", "paused", "disabled", "starting"];

interface CheckParts {
  readonly recorder: Pick<Recorder, "status" | "disk">;
  readonly cameras: Pick<Cameras, "all">;
}

/** Lines of `tienglang doctor` about recording. */
export function recordingChecks({ recorder, cameras }: CheckParts): readonly Check[] {
  return [camerasCheck(recorder, cameras), diskCheck(recorder)];
}

function camerasCheck(recorder: Pick<Recorder, "status">, cameras: Pick<Cameras, "all">): Check {
  const all = cameras.all();
  const silent = all.filter(({ id }) => !AT_WORK.includes(recorder.status(id).state));
  if (silent.length === 0) {
    return {
      id: "cameras-recording",
      outcome: "ok",
      said:
        all.length === 0
          ? text("No camera has been added", "Chưa có camera nào")
          : text(`All ${all.length} cameras are recorded`, `Cả ${all.length} camera đang được ghi`),
    };
  }
  const list = (lang: "en" | "vi"): string =>
    silent.map(({ id, name }) => `${name} (${stateWords(recorder.status(id).state)[lang]})`).join("; ");
  return {
    id: "cameras-recording",
    outcome: "fail",
    said: text(
      `${silent.length} of ${all.length} cameras are not recorded: ${list("en")}`,
      `${silent.length}/${all.length} camera không được ghi: ${list("vi")}`,
    ),
    remedy: text(
      "Check their power, network and password: tienglang camera test <id>.",
      "Hãy kiểm tra nguồn điện, mạng và mật khẩu: tienglang camera test <mã>.",
    ),
  };
}

const GIGABYTE = 1e9;

function diskCheck(recorder: Pick<Recorder, "disk">): Check {
  const disk = recorder.disk();
  if (disk === undefined || disk.level === "ok") {
    const free = ((disk?.freeBytes ?? 0) / GIGABYTE).toFixed(1);
    return {
      id: "recordings-disk",
      outcome: "ok",
      said:
        disk === undefined
          ? text("The disk of recordings was not looked at yet", "Chưa kiểm tra ổ đĩa ghi hình")
          : text(`${free} GB free for recordings`, `Còn trống ${free} GB cho ghi hình`),
    };
  }
  return {
    id: "recordings-disk",
    outcome: disk.stopped.length > 0 ? "fail" : "warn",
    said:
      disk.stopped.length > 0
        ? text(
            `The disk is full of footage that must be kept; not recorded: ${disk.stopped.join(", ")}`,
            `Ổ đĩa đầy dữ liệu phải giữ; không ghi được: ${disk.stopped.join(", ")}`,
          )
        : text(
            "The disk is nearly full: old footage is deleted before its time",
            "Ổ đĩa sắp đầy: dữ liệu cũ bị xóa trước hạn",
          ),
    remedy: text(
      "Use a larger disk, keep footage for fewer days, or release holds that are over.",
      "Hãy dùng ổ đĩa lớn hơn, giảm số ngày lưu, hoặc gỡ niêm giữ đã hết cần thiết.",
    ),
  };
}

/** Lines for /metrics. */
export function recordingMetrics(recorder: Pick<Recorder, "status" | "disk" | "storage">): string {
  const storage = recorder.storage();
  const disk = recorder.disk();
  const family = (name: string, help: string, values: readonly (readonly [string, number])[]): string =>
    `# HELP ${name} ${help}\n# TYPE ${name} gauge\n` +
    values.map(([labels, value]) => `${name}${labels} ${value}\n`).join("");
  const each = (value: (row: (typeof storage)[number]) => number): [string, number][] =>
    storage.map((row) => [`{camera="${row.camera}"}`, value(row)]);
  return [
    family(
      "tienglang_camera_recording",
      "1 while the camera is recorded",
      each((row) => (recorder.status(row.camera).state === "recording" ? 1 : 0)),
    ),
    family(
      "tienglang_camera_kbps",
      "Bit rate of the recorded stream",
      each((row) => recorder.status(row.camera).kbps ?? 0),
    ),
    family(
      "tienglang_camera_gaps",
      "Stretches without recording, since the camera was added",
      each(({ gaps }) => gaps),
    ),
    family(
      "tienglang_camera_bytes",
      "Recordings on disk",
      each(({ bytes }) => bytes),
    ),
    ...(disk === undefined
      ? []
      : [
          family("tienglang_recordings_free_bytes", "Free on the disk of recordings", [["", disk.freeBytes]]),
        ]),
  ].join("");
}
