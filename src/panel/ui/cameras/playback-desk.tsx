import { useEffect, useMemo, useState, type KeyboardEvent, type ReactNode } from "react";
import type { PageProps } from "../page-props.ts";
import { mayAct } from "../roles.ts";
import { hrefOf } from "../routes.ts";
import type { CameraView } from "./camera-shapes.ts";
import { GoTo, PlaybackControls } from "./playback-controls.tsx";
import { PlaybackLists } from "./playback-lists.tsx";
import { PlaybackRange, type Marks } from "./playback-range.tsx";
import { PlaybackScreen } from "./playback-stage.tsx";
import { TimelineBar } from "./timeline-bar.tsx";
import { viewAround, viewFollowing, ZOOMS, type View } from "./timeline-scale.ts";
import { usePlayback, type Playback } from "./use-playback.ts";
import { useTimelines } from "./use-timelines.ts";
import { dayAfter, dayStart } from "./zoned-time.ts";

/** Where one starts who did not say when. */
const RECENTLY_MS = 60_000;

interface PlaybackDeskProps extends PageProps {
  readonly camera: CameraView;
  readonly others: readonly CameraView[];
}

/** Pictures, timeline, and what can be done with both. */
export function PlaybackDesk({
  camera,
  others,
  me,
  status,
  route,
  call,
  events,
}: PlaybackDeskProps): ReactNode {
  const { timeZone } = status;
  const [start] = useState(() => startOf(route.query.get("at"), status.at));
  const [beside, setBeside] = useState<readonly string[]>(() => route.query.get("with")?.split(",") ?? []);
  const [marks, setMarks] = useState<Marks>({ from: undefined, to: undefined });
  const [now, setNow] = useState(start);
  const day = useDay(now, timeZone);
  const shown = useMemo(
    () => [camera, ...others.filter(({ id }) => beside.includes(id))],
    [camera, others, beside],
  );
  const ids = shown.map(({ id }) => id);
  const { timelines, problem } = useTimelines({ cameras: ids, day, call, events });
  const playback = usePlayback(start, timelines);
  const { playhead, at } = playback;
  const [view, zoom, setZoom] = useView(at, day);
  const timeline = timelines.get(camera.id);
  useEffect(() => setNow(at), [at]);
  useAddress({ camera: camera.id, at, beside });

  return (
    <div className="beside" onKeyDown={(event) => onKey(event, playback)}>
      <div>
        <div className={shown.length > 1 ? "mosaic" : undefined}>
          {shown.map((each) => (
            <PlaybackScreen
              key={each.id}
              camera={each}
              timeline={timelines.get(each.id)}
              playback={playback}
              origin={day.from}
              viewer={me.fullName}
              hall={status}
            />
          ))}
        </div>
        <TimelineBar
          cameras={shown.map(({ id, name }) => ({ id, name, timeline: timelines.get(id) }))}
          day={day}
          view={view}
          at={at}
          hall={status}
          marked={
            marks.from !== undefined && marks.to !== undefined && marks.from < marks.to
              ? { from: marks.from, to: marks.to }
              : undefined
          }
          onSeek={playhead.seek}
        />
        <div className="bar" role="group" aria-label="Độ rộng dòng thời gian">
          {ZOOMS.map(({ name, spanMs }) => (
            <button key={name} aria-pressed={zoom === spanMs} onClick={() => setZoom(spanMs)}>
              {name}
            </button>
          ))}
        </div>
        <PlaybackControls playback={playback} timeZone={timeZone} />
        <GoTo playback={playback} timeZone={timeZone} />
        <p role="status">{playback.said}</p>
        {problem !== undefined && (
          <p className="problem" role="alert">
            {problem.message} {problem.hint}
          </p>
        )}
        {timeline?.oldestAt === null && (
          <p className="empty">
            Camera này chưa ghi được gì. Hãy xem tình trạng ở{" "}
            <a href={hrefOf("live", { camera: camera.id })}>trang trực tiếp</a>.
          </p>
        )}
      </div>
      <div className="beside-side">
        {others.length > 0 && <Beside cameras={others} chosen={beside} onChoose={setBeside} />}
        {mayAct(me, "officer", "leader", "technician") && (
          <PlaybackRange
            cameras={shown}
            at={at}
            marks={marks}
            onMarks={setMarks}
            call={call}
            events={events}
            timeZone={timeZone}
          />
        )}
        {timeline !== undefined && (
          <PlaybackLists timeline={timeline} timeZone={timeZone} onSeek={playhead.seek} />
        )}
      </div>
    </div>
  );
}

interface BesideProps {
  readonly cameras: readonly CameraView[];
  readonly chosen: readonly string[];
  readonly onChoose: (ids: readonly string[]) => void;
}

function Beside({ cameras, chosen, onChoose }: BesideProps): ReactNode {
  return (
    <section>
      <fieldset>
        <legend>Xem cùng lúc</legend>
        {cameras.map(({ id, name }) => (
          <label key={id}>
            <input
              type="checkbox"
              checked={chosen.includes(id)}
              onChange={({ target }) =>
                onChoose(target.checked ? [...chosen, id] : chosen.filter((each) => each !== id))
              }
            />{" "}
            {name}
          </label>
        ))}
      </fieldset>
    </section>
  );
}

function startOf(asked: string | null, hallAt: number): number {
  const at = asked === null ? NaN : Number(asked);
  return Number.isFinite(at) && at > 0 ? at : hallAt - RECENTLY_MS;
}

/** The same object while the day is the same: what was loaded of it stays. */
function useDay(at: number, timeZone: string): View {
  const from = dayStart(at, timeZone);
  return useMemo(() => ({ from, to: dayAfter(from, 1, timeZone) }), [from, timeZone]);
}

function useView(at: number, day: View): [View, number | null, (spanMs: number | null) => void] {
  const [zoom, setZoom] = useState<number | null>(null);
  const [view, setView] = useState<View>(day);
  useEffect(() => setView(viewAround(at, zoom, day)), [zoom, day]);
  useEffect(() => setView((before) => viewFollowing(before, at, day)), [at, day]);
  return [view, zoom, setZoom];
}

interface Address {
  readonly camera: string;
  readonly at: number;
  readonly beside: readonly string[];
}

const WRITE_AFTER_MS = 1_000;

/** The address leads back to this moment, without a step in the browser's history for each second. */
function useAddress({ camera, at, beside }: Address): void {
  const second = Math.floor(at / 1_000) * 1_000;
  const chosen = beside.join(",");
  useEffect(() => {
    const timer = window.setTimeout(() => {
      const query = { at: String(second), ...(chosen !== "" && { with: chosen }) };
      window.history.replaceState(null, "", hrefOf("playback", { camera, query }));
    }, WRITE_AFTER_MS);
    return () => window.clearTimeout(timer);
  }, [camera, second, chosen]);
}

const SECOND_MS = 1_000;

/** Keys that work wherever the focus is on the page's player, but not while something is typed. */
function onKey(event: KeyboardEvent, { playhead, step }: Playback): void {
  const { target, key, ctrlKey, altKey, metaKey } = event;
  if (ctrlKey || altKey || metaKey || !(target instanceof HTMLElement)) return;
  if (target.closest("input, select, textarea, video") !== null) return;
  if (key === " " && target.closest("button, a, summary") !== null) return;
  const does: Readonly<Record<string, () => void>> = {
    " ": () => (playhead.playing ? playhead.pause() : playhead.play()),
    ",": () => step(-1),
    ".": () => step(1),
    ArrowLeft: () => playhead.seek(playhead.at() - 10 * SECOND_MS),
    ArrowRight: () => playhead.seek(playhead.at() + 10 * SECOND_MS),
  };
  const doIt = does[key];
  if (doIt === undefined) return;
  event.preventDefault();
  doIt();
}
