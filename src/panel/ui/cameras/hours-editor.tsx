import { useState, type ReactNode } from "react";
import { replaced, without } from "./list-edit.ts";
import type { WeeklyHours } from "./settings-shapes.ts";

interface HoursEditorProps {
  /** “Giờ tạm dừng ghi hình” */
  readonly name: string;
  readonly hours: readonly WeeklyHours[];
  readonly onChange: (hours: readonly WeeklyHours[]) => void;
}

const DAYS = ["Thứ Hai", "Thứ Ba", "Thứ Tư", "Thứ Năm", "Thứ Sáu", "Thứ Bảy", "Chủ Nhật"];
const OFFICE_DAYS = [1, 2, 3, 4, 5];
const NOON: WeeklyHours = { weekdays: OFFICE_DAYS, fromMinute: 11 * 60 + 30, toMinute: 13 * 60 };

/** Hours on some days of the week; as many stretches as needed. */
export function HoursEditor({ name, hours, onChange }: HoursEditorProps): ReactNode {
  const put = (index: number, changed: WeeklyHours): void => onChange(replaced(hours, index, changed));
  return (
    <fieldset>
      <legend>{name}</legend>
      {hours.length === 0 && <p className="empty">Không đặt giờ nào.</p>}
      {hours.map((each, index) => (
        <Stretch
          key={index}
          name={`${name}, khoảng ${index + 1}`}
          stretch={each}
          onChange={(changed) => put(index, changed)}
          onRemove={() => onChange(without(hours, index))}
        />
      ))}
      <button type="button" onClick={() => onChange([...hours, NOON])}>
        Thêm khoảng giờ<span className="unseen"> vào {name}</span>
      </button>
    </fieldset>
  );
}

interface StretchProps {
  readonly name: string;
  readonly stretch: WeeklyHours;
  readonly onChange: (stretch: WeeklyHours) => void;
  readonly onRemove: () => void;
}

function Stretch({ name, stretch, onChange, onRemove }: StretchProps): ReactNode {
  const { weekdays, fromMinute, toMinute } = stretch;
  const toggle = (day: number): void => {
    const rest = weekdays.filter((each) => each !== day);
    onChange({
      ...stretch,
      weekdays: rest.length === weekdays.length ? [...rest, day].sort((a, b) => a - b) : rest,
    });
  };
  return (
    <div className="stretch" role="group" aria-label={name}>
      <div className="bar">
        {DAYS.map((day, index) => (
          <label key={day}>
            <input
              type="checkbox"
              checked={weekdays.includes(index + 1)}
              onChange={() => toggle(index + 1)}
            />{" "}
            {day}
          </label>
        ))}
      </div>
      <div className="bar">
        <Clock
          name="Từ"
          minute={fromMinute}
          onChange={(minute) => onChange({ ...stretch, fromMinute: minute })}
        />
        <Clock
          name="đến"
          minute={toMinute}
          onChange={(minute) => onChange({ ...stretch, toMinute: minute })}
        />
        {fromMinute >= toMinute && <span className="count">sang ngày hôm sau</span>}
        <button type="button" onClick={onRemove}>
          Bỏ<span className="unseen"> {name}</span>
        </button>
      </div>
    </div>
  );
}

interface ClockProps {
  readonly name: string;
  readonly minute: number;
  readonly onChange: (minute: number) => void;
}

/** Typed freely; taken over when it is an hour, and marked while it is none. */
function Clock({ name, minute, onChange }: ClockProps): ReactNode {
  const [typed, setTyped] = useState(shown(minute));
  const read = minuteOf(typed);
  // Another hour may have come into this place, when one above it was taken away.
  const stale = read !== undefined && read !== minute % 1_440;
  return (
    <label>
      {name}{" "}
      <input
        className="short"
        value={stale ? shown(minute) : typed}
        required
        size={6}
        pattern="([01]?[0-9]|2[0-3])[:hg.][0-5][0-9]"
        title="Giờ viết như 11:30"
        aria-invalid={read === undefined}
        onChange={({ target }) => {
          setTyped(target.value);
          const at = minuteOf(target.value);
          if (at !== undefined) onChange(at);
        }}
      />
    </label>
  );
}

function shown(minute: number): string {
  const whole = minute % 1_440;
  return `${String(Math.floor(whole / 60)).padStart(2, "0")}:${String(whole % 60).padStart(2, "0")}`;
}

function minuteOf(typed: string): number | undefined {
  const match = /^\s*(\d{1,2})[:hg.](\d{2})\s*$/.exec(typed);
  if (match === null) return undefined;
  const [hour, minute] = [Number(match[1]), Number(match[2])];
  return hour < 24 && minute < 60 ? hour * 60 + minute : undefined;
}
