import { createHash } from "node:crypto";
import { copyFileSync, readFileSync, statSync, truncateSync } from "node:fs";
import { join } from "node:path";
import type { Recordings } from "../../src/cameras/recordings.ts";
import type { CameraId, Gap, GapCause, OpenSegment, Segment, Span } from "../../src/cameras/rules/model.ts";
import { epochMs } from "../../src/kernel/time.ts";
import { runProcess } from "../../src/media/process.ts";

/** Length of each file that `filmSegments` makes. */
export const FILE_SEC = 8;

interface Film {
  readonly folder: string;
  /** Names begin with it. */
  readonly name: string;
  readonly files: number;
  readonly widthPx?: number;
  /** Default: what the picture takes. */
  readonly kbps?: number;
  /** Put into the stream as user-data SEI: `uuid+text`. */
  readonly sei?: string;
}

/**
 * Films a moving test picture into segments as the recorder writes them: 10 pictures a second, a key frame every 2 s,
 * fragments of at most 1 s. Returns the paths.
 */
export async function filmSegments({
  folder,
  name,
  files,
  widthPx = 640,
  kbps,
  sei,
}: Film): Promise<string[]> {
  const rate = kbps === undefined ? [] : ["-b:v", `${kbps}k`, "-maxrate", `${kbps}k`, "-bufsize", `${kbps}k`];
  const bsf = sei === undefined ? [] : ["-bsf:v", `h264_metadata=sei_user_data=${sei}`];
  await runProcess(
    {
      command: "ffmpeg",
      args: [
        ...["-hide_banner", "-loglevel", "error", "-f", "lavfi"],
        ...["-i", `testsrc2=size=${widthPx}x${(widthPx / 16) * 9}:rate=10`, "-t", String(files * FILE_SEC)],
        ...["-c:v", "libx264", "-preset", "ultrafast", "-g", "20", "-pix_fmt", "yuv420p", "-threads", "1"],
        ...rate,
        ...bsf,
        ...["-f", "segment", "-segment_time", String(FILE_SEC), "-reset_timestamps", "1"],
        ...["-segment_format", "mp4", "-segment_format_options"],
        "movflags=+frag_keyframe+empty_moov+default_base_moof:frag_duration=1000000:flush_packets=1:video_track_timescale=90000",
        join(folder, `${name}-%d.mp4`),
      ],
    },
    AbortSignal.timeout(60_000),
  );
  return Array.from({ length: files }, (_, index) => join(folder, `${name}-${index}.mp4`));
}

/** A recorder's ring made of given files. */
export class MadeRing implements Recordings {
  readonly folder: string;
  readonly all: Segment[] = [];
  readonly knownGaps: Gap[] = [];
  open: OpenSegment | undefined;
  #copies = 0;

  constructor(folder: string) {
    this.folder = folder;
  }

  /** Puts a copy of the file into the ring as the next finished segment. */
  add(
    camera: CameraId,
    file: string,
    at: { startMs: number; session: string; n: number; ledgerN?: number },
  ): Segment {
    const path = `ring-${(this.#copies += 1)}.mp4`;
    copyFileSync(file, join(this.folder, path));
    const bytes = readFileSync(file);
    const segment: Segment = {
      id: this.#copies,
      camera,
      session: at.session,
      n: at.n,
      path,
      startAt: epochMs(at.startMs),
      endAt: epochMs(at.startMs + FILE_SEC * 1_000),
      bytes: bytes.length,
      sha256: createHash("sha256").update(bytes).digest("hex"),
      ledgerN: at.ledgerN ?? this.#copies,
      codec: "avc1.42c01e",
      recovered: false,
      suspect: false,
    };
    this.all.push(segment);
    return segment;
  }
  /** The file as it is while it is written: only its first part is there. */
  setOpen(
    camera: CameraId,
    file: string,
    at: { startMs: number; session: string; n: number; share: number },
  ): void {
    const path = `open-${(this.#copies += 1)}.mp4`;
    copyFileSync(file, join(this.folder, path));
    truncateSync(join(this.folder, path), Math.floor(statSync(file).size * at.share));
    this.open = { camera, session: at.session, n: at.n, path, startAt: epochMs(at.startMs) };
  }
  addGap(camera: CameraId, span: Span, cause: GapCause): void {
    this.knownGaps.push({ id: this.knownGaps.length + 1, camera, ...span, cause });
  }

  segments(camera: CameraId, { from, to }: Span): Segment[] {
    return this.all
      .filter((segment) => segment.camera === camera && segment.startAt < to && segment.endAt > from)
      .sort((a, b) => a.startAt - b.startAt);
  }
  openSegment(camera: CameraId): OpenSegment | undefined {
    return this.open?.camera === camera ? this.open : undefined;
  }
  pathOf({ path }: Pick<Segment, "path">): string {
    return join(this.folder, path);
  }
  gaps(camera: CameraId, { from, to }: Span): Gap[] {
    return this.knownGaps.filter(
      (gap) => gap.camera === camera && gap.from < to && (gap.to ?? Infinity) > from,
    );
  }
  erased(): [] {
    return [];
  }
  completeness(_camera: CameraId, span: Span): ReturnType<Recordings["completeness"]> {
    return { span, recordedMs: 0, expectedMs: 0, gaps: [] };
  }
  oldestAt(): undefined {
    return undefined;
  }
  status(): ReturnType<Recordings["status"]> {
    return { state: "recording", since: epochMs(0), kbps: null, fps: null, detail: null };
  }
  onSegment(): Disposable {
    return { [Symbol.dispose]: () => undefined };
  }
}

/** Hashes of a file's packets, in their order, by an independent reader. */
export async function packetHashes(file: string): Promise<string[]> {
  const { stdout } = await runProcess(
    {
      command: "ffmpeg",
      args: [
        "-hide_banner",
        "-loglevel",
        "error",
        "-i",
        file,
        "-map",
        "0",
        "-c",
        "copy",
        "-f",
        "framemd5",
        "-",
      ],
    },
    AbortSignal.timeout(60_000),
  );
  return stdout
    .toString("utf8")
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"))
    .map((line) => line.split(",").at(-1)?.trim() ?? "");
}
