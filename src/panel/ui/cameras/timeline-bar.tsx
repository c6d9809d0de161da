import { useRef, useState, type KeyboardEvent, type PointerEvent, type ReactNode } from "react";
import { clockTime, dayTime } from "../format.ts";
import type { HallTime } from "../shapes.ts";
import type { Timeline } from "./camera-shapes.ts";
import { runAt } from "./playback-rules.ts";
import { TimelineLane } from "./timeline-lane.tsx";
import { instantAt, percentOf, ticks, type View } from "./timeline-scale.ts";

export interface TimelineCamera {
  readonly id: string;
  readonly name: string;
  readonly timeline: Timeline | undefined;
}

interface TimelineBarProps {
  readonly cameras: readonly TimelineCamera[];
  readonly day: View;
  readonly view: View;
  readonly at: number;
  readonly hall: HallTime;
  /** Marked for a clip. */
  readonly marked: View | undefined;
  readonly onSeek: (at: number) => void;
}

const SECOND_MS = 1_000;
const HOUR_MS = 3_600_000;
const THUMBNAIL_EVERY_MS = 10_000;
/** More would overlap on a phone. */
const MOST_TICKS = 8;

/** The keys of a slider (WAI-ARIA): a step, a page, both ends. */
const KEYS: Readonly<Record<string, (at: number, day: View) => number>> = {
  ArrowRight: (at) => at + 10 * SECOND_MS,
  ArrowUp: (at) => at + 10 * SECOND_MS,
  ArrowLeft: (at) => at - 10 * SECOND_MS,
  ArrowDown: (at) => at - 10 * SECOND_MS,
  PageUp: (at) => at + HOUR_MS,
  PageDown: (at) => at - HOUR_MS,
  Home: (_at, day) => day.from,
  End: (_at, day) => day.to - SECOND_MS,
};

/** The day as strips of recording, one for each camera, with the playhead over all. */
export function TimelineBar({ cameras, day, view, at, hall, marked, onSeek }: TimelineBarProps): ReactNode {
  const [pointed, setPointed] = useState<number>();
  const bar = useRef<HTMLDivElement>(null);
  const { timeZone } = hall;
  const now = Date.now() + hall.aheadMs;

  const instantOfPointer = ({ clientX }: PointerEvent): number => {
    const box = bar.current?.getBoundingClientRect();
    if (box === undefined || box.width === 0) return at;
    return Math.round(instantAt(((clientX - box.left) / box.width) * 100, view));
  };
  const onMove = (event: PointerEvent): void => {
    const to = instantOfPointer(event);
    setPointed(to);
    if (event.buttons === 1) onSeek(to);
  };
  const onKey = (event: KeyboardEvent): void => {
    const go = KEYS[event.key];
    if (go === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    onSeek(go(at, day));
  };

  return (
    <div className="timeline">
      <div
        ref={bar}
        className="timeline-bar"
        role="slider"
        tabIndex={0}
        aria-label="Thời điểm đang xem"
        aria-valuemin={day.from}
        aria-valuemax={day.to}
        aria-valuenow={Math.round(at)}
        aria-valuetext={`${dayTime(at, timeZone)}, ${wordsAt(cameras[0], at, now)}`}
        onKeyDown={onKey}
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId);
          onSeek(instantOfPointer(event));
        }}
        onPointerMove={onMove}
        onPointerLeave={() => setPointed(undefined)}
      >
        {cameras.map(({ id, name, timeline }) => (
          <div key={id} className="lane">
            {cameras.length > 1 && <span className="lane-name">{name}</span>}
            <TimelineLane timeline={timeline} view={view} />
          </div>
        ))}
        {marked !== undefined && (
          <div
            className="marked"
            style={{
              left: `${percentOf(marked.from, view)}%`,
              right: `${100 - percentOf(marked.to, view)}%`,
            }}
          />
        )}
        {at >= view.from && at <= view.to && (
          <div className="playhead" style={{ left: `${percentOf(at, view)}%` }} />
        )}
      </div>
      <div className="timeline-ticks" aria-hidden="true">
        {ticks(view, day.from, MOST_TICKS).map((tick) => (
          <span key={tick} style={{ left: `${percentOf(tick, view)}%` }}>
            {clockTime(tick, timeZone)}
          </span>
        ))}
      </div>
      {pointed !== undefined && (
        <Pointed
          at={pointed}
          camera={cameras[0]}
          percent={percentOf(pointed, view)}
          now={now}
          timeZone={timeZone}
        />
      )}
    </div>
  );
}

interface PointedProps {
  readonly at: number;
  readonly camera: TimelineCamera | undefined;
  readonly percent: number;
  readonly now: number;
  readonly timeZone: string;
}

/** What is under the pointer: time, a small picture, or why there is none. */
function Pointed({ at, camera, percent, now, timeZone }: PointedProps): ReactNode {
  const [missing, setMissing] = useState<number>();
  const pictureAt = Math.floor(at / THUMBNAIL_EVERY_MS) * THUMBNAIL_EVERY_MS;
  const recorded = runAt(camera?.timeline?.runs ?? [], at) !== undefined;
  return (
    <div className="pointed" style={{ left: `${Math.min(88, Math.max(12, percent))}%` }} aria-hidden="true">
      {camera !== undefined && recorded && missing !== pictureAt && (
        <img
          alt=""
          src={`/api/cameras/${encodeURIComponent(camera.id)}/thumbnail?at=${pictureAt}`}
          onError={() => setMissing(pictureAt)}
        />
      )}
      {dayTime(at, timeZone)}
      <br />
      {wordsAt(camera, at, now)}
    </div>
  );
}

function wordsAt(camera: TimelineCamera | undefined, at: number, now: number): string {
  const timeline = camera?.timeline;
  if (timeline === undefined) return "đang tải";
  if (runAt(timeline.runs, at) !== undefined) return "có ghi hình";
  const gap = runAt(timeline.gaps, at);
  if (gap !== undefined) return gap.said.vi;
  return at > now ? "chưa đến" : "không có ghi hình";
}
