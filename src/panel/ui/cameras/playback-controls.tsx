import { useState, type ReactNode } from "react";
import { clockTime, dayTime } from "../format.ts";
import type { Playback } from "./use-playback.ts";
import { dayAfter, dayText, instantOf } from "./zoned-time.ts";

interface PlaybackControlsProps {
  readonly playback: Playback;
  readonly timeZone: string;
}

const SPEEDS = [0.5, 1, 2, 4, 8, 16];
const SECOND_MS = 1_000;
const HOUR_MS = 3_600_000;

interface Jump {
  readonly sign: string;
  readonly name: string;
  readonly byMs: number;
}

const BACK: readonly Jump[] = [
  { sign: "−1 giờ", name: "Lùi 1 giờ", byMs: -HOUR_MS },
  { sign: "−10 giây", name: "Lùi 10 giây", byMs: -10 * SECOND_MS },
];
const ON: readonly Jump[] = [
  { sign: "+10 giây", name: "Tới 10 giây", byMs: 10 * SECOND_MS },
  { sign: "+1 giờ", name: "Tới 1 giờ", byMs: HOUR_MS },
];

/** Play, step, jump and speed, for all cameras at once. */
export function PlaybackControls({ playback, timeZone }: PlaybackControlsProps): ReactNode {
  const { playhead, at, playing, speed, step } = playback;
  const jumps = (list: readonly Jump[]): ReactNode =>
    list.map(({ sign, name, byMs }) => (
      <button key={name} aria-label={name} onClick={() => playhead.seek(playhead.at() + byMs)}>
        {sign}
      </button>
    ));
  return (
    <div className="bar" role="group" aria-label="Điều khiển xem lại">
      {jumps(BACK)}
      <button aria-label="Lùi một khung hình (phím dấu phẩy)" onClick={() => step(-1)}>
        ‹
      </button>
      <button className="main-action" onClick={() => (playing ? playhead.pause() : playhead.play())}>
        {playing ? "Dừng" : "Xem"}
      </button>
      <button aria-label="Tới một khung hình (phím dấu chấm)" onClick={() => step(1)}>
        ›
      </button>
      {jumps(ON)}
      <label>
        Tốc độ{" "}
        <select value={speed} onChange={({ target }) => playhead.setSpeed(Number(target.value))}>
          {SPEEDS.map((each) => (
            <option key={each} value={each}>
              {each.toLocaleString("vi-VN")}×
            </option>
          ))}
        </select>
      </label>
      <strong className="clock">
        <time dateTime={new Date(at).toISOString()}>
          {dayTime(at, timeZone)} {dayText(at, timeZone)}
        </time>
      </strong>
    </div>
  );
}

/** Another day, or a moment known from elsewhere. */
export function GoTo({ playback, timeZone }: PlaybackControlsProps): ReactNode {
  const { playhead, at } = playback;
  const [day, setDay] = useState<string>();
  const [time, setTime] = useState<string>();
  const [wrong, setWrong] = useState(false);
  const go = (): void => {
    const to = instantOf(day ?? dayText(at, timeZone), time ?? clockTime(at, timeZone), timeZone);
    setWrong(to === undefined);
    if (to === undefined) return;
    playhead.seek(to);
    setDay(undefined);
    setTime(undefined);
  };
  return (
    <form
      className="bar"
      onSubmit={(event) => {
        event.preventDefault();
        go();
      }}
    >
      <button type="button" onClick={() => playhead.seek(dayAfter(at, -1, timeZone))}>
        Hôm trước
      </button>
      <button type="button" onClick={() => playhead.seek(dayAfter(at, 1, timeZone))}>
        Hôm sau
      </button>
      <label>
        Ngày{" "}
        <input
          className="short"
          inputMode="numeric"
          value={day ?? dayText(at, timeZone)}
          onChange={({ target }) => setDay(target.value)}
          aria-invalid={wrong}
        />
      </label>
      <label>
        Giờ{" "}
        <input
          className="short"
          inputMode="numeric"
          value={time ?? clockTime(at, timeZone)}
          onChange={({ target }) => setTime(target.value)}
          aria-invalid={wrong}
        />
      </label>
      <button>Đến</button>
      {wrong && (
        <span className="reason" role="alert">
          Không có ngày giờ này. Hãy ghi ngày như 23/11/2026 và giờ như 17:05 hoặc 17:05:09.
        </span>
      )}
    </form>
  );
}
