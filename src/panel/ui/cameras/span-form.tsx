import { useState, type ReactNode } from "react";
import type { Status } from "../shapes.ts";
import type { CameraView } from "./camera-shapes.ts";
import { instantTyped, typedOf, WhenField } from "./when-field.tsx";

/** One camera and a stretch of its recordings, ready to be sent. */
export interface TypedSpan {
  readonly camera: string;
  readonly from: number;
  readonly to: number;
}

interface SpanFormProps {
  readonly cameras: readonly CameraView[];
  readonly status: Status;
  readonly busy: boolean;
  readonly submit: { readonly name: string; readonly doing: string };
  readonly onSubmit: (span: TypedSpan, form: FormData) => void;
  /** Further fields; they come with the form. */
  readonly children?: ReactNode;
}

const HOUR_MS = 3_600_000;

/** Asks for a camera and from when to when. */
export function SpanForm({ cameras, status, busy, submit, onSubmit, children }: SpanFormProps): ReactNode {
  const { at, timeZone } = status;
  const [from, setFrom] = useState(() => typedOf(at - HOUR_MS, timeZone));
  const [to, setTo] = useState(() => typedOf(at, timeZone));
  const [chosen, setChosen] = useState<string>();
  const [wrong, setWrong] = useState<string>();
  const seen = cameras.filter(({ maySee }) => maySee);
  const camera = chosen ?? seen[0]?.id ?? "";

  const send = (form: FormData): void => {
    const [start, end] = [instantTyped(from, timeZone), instantTyped(to, timeZone)];
    const why =
      start === undefined || end === undefined
        ? "Ngày hoặc giờ viết chưa đúng: hãy viết ngày như 23/11/2026, giờ như 17:05."
        : start >= end
          ? "Giờ kết thúc phải sau giờ bắt đầu."
          : undefined;
    setWrong(why);
    if (why !== undefined || start === undefined || end === undefined) return;
    onSubmit({ camera, from: start, to: end }, form);
  };

  return (
    <form
      className="stacked"
      onSubmit={(event) => {
        event.preventDefault();
        send(new FormData(event.currentTarget));
      }}
    >
      <label>
        Camera
        <select required value={camera} onChange={({ target }) => setChosen(target.value)}>
          {seen.map(({ id, name }) => (
            <option key={id} value={id}>
              {name}
            </option>
          ))}
        </select>
      </label>
      <WhenField name="Từ lúc" value={from} onChange={setFrom} required />
      <WhenField name="Đến lúc" value={to} onChange={setTo} required />
      {children}
      {wrong !== undefined && (
        <p className="problem" role="alert">
          {wrong}
        </p>
      )}
      <button className="main-action" disabled={busy}>
        {busy ? submit.doing : submit.name}
      </button>
    </form>
  );
}
