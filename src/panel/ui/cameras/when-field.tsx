import { useId, type ReactNode } from "react";
import { dayText, instantOf } from "./zoned-time.ts";
import { clockTime } from "../format.ts";

/** A day and an hour as a person types them. */
export interface TypedWhen {
  readonly day: string;
  readonly time: string;
}

interface WhenFieldProps {
  /** What happens then: “Từ lúc”. */
  readonly name: string;
  readonly value: TypedWhen;
  readonly onChange: (value: TypedWhen) => void;
  readonly required?: boolean;
}

/** Two plain fields: a browser's own date field writes days the way of its language, not of the reader. */
export function WhenField({ name, value, onChange, required = false }: WhenFieldProps): ReactNode {
  const hint = useId();
  return (
    <fieldset className="when">
      <legend>{name}</legend>
      <label>
        Ngày
        <input
          value={value.day}
          required={required}
          size={11}
          placeholder="23/11/2026"
          aria-describedby={hint}
          onChange={({ target }) => onChange({ ...value, day: target.value })}
        />
      </label>
      <label>
        Giờ
        <input
          value={value.time}
          required={required}
          size={6}
          placeholder="17:05"
          aria-describedby={hint}
          onChange={({ target }) => onChange({ ...value, time: target.value })}
        />
      </label>
      <span id={hint} className="unseen">
        Ngày viết như 23/11/2026, giờ viết như 17:05
      </span>
    </fieldset>
  );
}

export const NEVER_TYPED: TypedWhen = { day: "", time: "" };

export function typedOf(at: number, timeZone: string): TypedWhen {
  return { day: dayText(at, timeZone), time: clockTime(at, timeZone) };
}

export function isTyped({ day, time }: TypedWhen): boolean {
  return day.trim() !== "" || time.trim() !== "";
}

/** Undefined: that is no day, or no hour. */
export function instantTyped({ day, time }: TypedWhen, timeZone: string): number | undefined {
  return instantOf(day, time, timeZone);
}
