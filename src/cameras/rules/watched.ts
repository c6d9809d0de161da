import { dateText, clockText } from "../../broadcast/rules/words.ts";
import type { LocalZone } from "../../broadcast/rules/local-time.ts";
import { text, type Text } from "../../kernel/text.ts";
import { epochMs, SECOND_MS, type EpochMs } from "../../kernel/time.ts";
import type { CameraId, Span } from "./model.ts";
import { durationWords } from "./recording-words.ts";
import { joined, totalMs } from "./spans.ts";

export type WatchedAct = "live" | "playback" | "clip" | "export" | "ptz" | "refused";

/** Someone looked at a camera's picture, took some of it away, or was refused. */
export interface Watched {
  readonly at: EpochMs;
  readonly actorId: string;
  readonly actorName: string;
  readonly act: WatchedAct;
  /** As the audit trail calls it. */
  readonly action: string;
  /** Live: how long; playback: how much of the recordings. Null when it is not known, or means nothing. */
  readonly seconds: number | null;
  /** Which recordings were played back. */
  readonly spans: readonly Span[];
  /** `lost`: the end of a live watch was never noted, because the controller went down. */
  readonly state: "done" | "now" | "lost";
  readonly said: Text;
}

/** What this reads of an entry of the audit trail. */
export interface WatchedNote {
  readonly at: EpochMs;
  readonly actorId: string;
  readonly actorName: string;
  readonly action: string;
  readonly subject: string;
  readonly details: unknown;
}

interface WatchedQuestion {
  readonly camera: CameraId;
  readonly span: Span;
  /** Marks of the live watches that go on now. */
  readonly ongoing: ReadonlySet<string>;
  readonly zone: LocalZone;
}

/** What the trail (oldest first) tells about one camera and stretch of time, newest first. */
export function watchedIn(notes: Iterable<WatchedNote>, question: WatchedQuestion): Watched[] {
  const rows = new Map<string, Draft>();
  for (const note of notes) {
    const act = actOf(note.action);
    if (act === undefined || note.actorId === "system" || !isAbout(note, question.camera)) continue;
    const details = record(note.details);
    const mark = typeof details["watch"] === "string" ? details["watch"] : undefined;
    const key = mark ?? String(rows.size);
    rows.set(key, drawn(rows.get(key), note, act, details));
  }
  return [...rows.entries()]
    .map(([mark, draft]) => finished(draft, question, question.ongoing.has(mark)))
    .filter(({ at, seconds, act }) => {
      const lastsMs = act === "live" && seconds !== null ? seconds * SECOND_MS : 1;
      return at < question.span.to && at + lastsMs > question.span.from;
    })
    .sort((a, b) => b.at - a.at);
}

interface Draft {
  readonly note: WatchedNote;
  readonly act: WatchedAct;
  readonly startedAt: EpochMs;
  readonly seconds: number | null;
  readonly spans: readonly Span[];
  readonly details: Readonly<Record<string, unknown>>;
}

/** Start and end of one watch, or the entries of one stretch of playing back, are one row. */
function drawn(
  before: Draft | undefined,
  note: WatchedNote,
  act: WatchedAct,
  details: Readonly<Record<string, unknown>>,
): Draft {
  const seconds = typeof details["seconds"] === "number" ? details["seconds"] : null;
  const spans = [...(before?.spans ?? []), ...spansOf(details)];
  const endedOnly = before === undefined && note.action === "camera.watch" && seconds !== null;
  const startedAt = endedOnly ? epochMs(note.at - seconds * SECOND_MS) : (before?.startedAt ?? note.at);
  return { note, act, startedAt, seconds, spans: joined(spans), details };
}

function finished(draft: Draft, { zone, span }: WatchedQuestion, ongoing: boolean): Watched {
  const { note, act, startedAt, spans, details } = draft;
  const open = note.action === "camera.watch-start";
  const seconds = act === "playback" ? Math.round(totalMs(spans) / SECOND_MS) : draft.seconds;
  const state = !open ? "done" : ongoing ? "now" : "lost";
  const row = {
    // A watch that goes on belongs to every stretch since its start.
    at: state === "now" && startedAt < span.from ? span.from : startedAt,
    actorId: note.actorId,
    actorName: note.actorName,
    act,
    action: note.action,
    seconds,
    spans,
    state,
  } as const;
  return { ...row, said: sentence(row, details, zone) };
}

const ACTS: readonly (readonly [RegExp, WatchedAct])[] = [
  [/^camera\.watch(-start)?$/, "live"],
  [/^camera\.playback$/, "playback"],
  [/^camera\.refused$/, "refused"],
  [/^camera\.ptz$/, "ptz"],
  [/^clip\./, "clip"],
  [/^evidence\.(export|download)$/, "export"],
];

function actOf(action: string): WatchedAct | undefined {
  return ACTS.find(([pattern]) => pattern.test(action))?.[1];
}

/** A clip's or an export's entry is about the clip and names the camera beside it. */
function isAbout({ subject, details }: WatchedNote, camera: CameraId): boolean {
  return subject === camera || record(details)["camera"] === camera;
}

const WHOLE: Record<Exclude<WatchedAct, "live" | "playback" | "refused">, Text> = {
  clip: text("worked with a clip", "trích đoạn"),
  export: text("exported as evidence", "xuất bằng chứng"),
  ptz: text("turned the camera", "điều khiển hướng quay"),
};

const VERBS: Record<string, Text> = {
  "clip.request": text("cut a clip", "tạo đoạn trích"),
  "clip.watch": text("played a clip", "xem đoạn trích"),
  "clip.download": text("downloaded a clip", "tải đoạn trích về"),
  "clip.remove": text("removed a clip", "xóa đoạn trích"),
  "clip.erase": text("removed a clip on request", "xóa đoạn trích theo yêu cầu"),
  "evidence.download": text("downloaded an evidence package", "tải gói bằng chứng về"),
};

const TRIED: Record<string, Text> = {
  live: text("live view", "xem trực tiếp"),
  playback: text("playback", "xem lại"),
  timeline: text("timeline", "xem dòng thời gian"),
  clip: text("clip", "trích đoạn"),
  export: text("export", "xuất bằng chứng"),
  ptz: text("turning", "điều khiển hướng quay"),
  pause: text("pause", "tạm dừng"),
};

function sentence(
  { act, action, seconds, spans, state }: Pick<Watched, "act" | "action" | "seconds" | "spans" | "state">,
  details: Readonly<Record<string, unknown>>,
  zone: LocalZone,
): Text {
  switch (act) {
    case "live":
      return liveSentence(seconds, state);
    case "playback":
      return playbackSentence(seconds ?? 0, spans, zone);
    case "refused": {
      const tried = TRIED[String(details["act"])] ?? text("access", "truy cập");
      return text(`refused: ${tried.en}`, `bị từ chối: ${tried.vi}`);
    }
    case "clip":
    case "export":
    case "ptz":
      return VERBS[action] ?? WHOLE[act];
  }
}

/** More stretches than this are told as “and more”. */
const MOST_SPANS = 4;

function playbackSentence(seconds: number, spans: readonly Span[], zone: LocalZone): Text {
  const length = durationWords(seconds * SECOND_MS);
  const when = spans.slice(0, MOST_SPANS).map((span) => spanText(span, zone));
  const list = `${when.join(", ")}${spans.length > MOST_SPANS ? ", …" : ""}`;
  return text(`played back ${length.en}: ${list}`, `xem lại ${length.vi}: ${list}`);
}

function liveSentence(seconds: number | null, state: Watched["state"]): Text {
  if (state === "now") return text("watching live now", "đang xem trực tiếp");
  if (state === "lost" || seconds === null) {
    return text(
      "watched live; the end was not noted because the controller went down",
      "xem trực tiếp; không ghi được lúc kết thúc vì bộ điều khiển bị tắt",
    );
  }
  const length = durationWords(seconds * SECOND_MS);
  return text(`watched live for ${length.en}`, `xem trực tiếp ${length.vi}`);
}

function spanText({ from, to }: Span, zone: LocalZone): string {
  const end = zone.dayOf(from) === zone.dayOf(to) ? clockText(to, zone) : whenText(to, zone);
  return `${whenText(from, zone)}–${end}`;
}

function whenText(at: EpochMs, zone: LocalZone): string {
  return `${dateText(at, zone)} ${clockText(at, zone)}`;
}

const COLUMNS = ["Thời điểm", "Người xem", "Việc", "Số giây", "Diễn giải", "Mã sự việc"];

const ACT_NAME: Record<WatchedAct, string> = {
  live: "Xem trực tiếp",
  playback: "Xem lại",
  clip: "Trích đoạn",
  export: "Xuất bằng chứng",
  ptz: "Điều khiển",
  refused: "Bị từ chối",
};

/** For Excel: comma-separated, UTF-8 with its mark, local time. */
export function watchedCsv(rows: readonly Watched[], zone: LocalZone): string {
  const lines = rows.map(({ at, actorName, act, seconds, said, action }) => [
    whenText(at, zone),
    actorName,
    ACT_NAME[act],
    seconds === null ? "" : String(seconds),
    said.vi,
    action,
  ]);
  return `\uFEFF${[COLUMNS, ...lines].map((cells) => cells.map(cell).join(",")).join("\r\n")}\r\n`;
}

/** A cell that begins like a formula would be run by Excel; a name may begin with anything. */
function cell(value: string): string {
  const harmless = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}

function record(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}

function spansOf(details: Readonly<Record<string, unknown>>): Span[] {
  const listed = Array.isArray(details["spans"]) ? (details["spans"] as unknown[]) : [details];
  return listed
    .map(record)
    .flatMap(({ from, to }) =>
      typeof from === "number" && typeof to === "number" ? [{ from: epochMs(from), to: epochMs(to) }] : [],
    );
}
