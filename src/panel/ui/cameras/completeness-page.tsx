import { useState, type ReactNode } from "react";
import type { PageProps } from "../page-props.ts";
import { dateAndTime } from "../format.ts";
import { hrefOf } from "../routes.ts";
import { CameraHead } from "./camera-head.tsx";
import { gradeOf, percentText, type DayReport, type WholeDayReport } from "./completeness-shapes.ts";
import { Problem } from "./problem.tsx";
import { useCameras } from "./use-cameras.ts";
import { useReading } from "./use-reading.ts";
import { dayText, lengthText } from "./zoned-time.ts";

/** How much of each day was recorded, and why the rest was not. */
export function CompletenessPage(props: PageProps): ReactNode {
  const { route, status, call, events } = props;
  const { cameras } = useCameras({ call, events });
  const camera = cameras?.find(({ id }) => id === route.camera);
  const today = isoDay(status.at, status.timeZone);
  const [month, setMonth] = useState(today.slice(0, 7));
  const [day, setDay] = useState(today);
  return (
    <>
      <CameraHead id={route.camera} name={camera?.name} page="completeness" />
      <div className="columns">
        <Month {...props} month={month} day={day} today={today} onMonth={setMonth} onDay={setDay} />
        <Day {...props} day={day} />
      </div>
    </>
  );
}

interface MonthProps extends PageProps {
  /** `2026-11` */
  readonly month: string;
  readonly day: string;
  readonly today: string;
  readonly onMonth: (month: string) => void;
  readonly onDay: (day: string) => void;
}

function Month(props: MonthProps): ReactNode {
  const { route, call, events, month, day, today, onMonth, onDay } = props;
  const path = `/cameras/${encodeURIComponent(route.camera)}/completeness/month?month=${month}`;
  const { value, problem } = useReading<{ readonly days: readonly DayReport[] }>(path, {
    call,
    events,
    isNews: () => false,
  });
  const [year = "", number = ""] = month.split("-");
  return (
    <section aria-labelledby="month">
      <h3 id="month">
        Tháng {Number(number)}/{year}
      </h3>
      <div className="bar">
        <button onClick={() => onMonth(monthAfter(month, -1))}>Tháng trước</button>
        <button disabled={month >= today.slice(0, 7)} onClick={() => onMonth(monthAfter(month, 1))}>
          Tháng sau
        </button>
      </div>
      <Problem refused={problem} />
      {value === undefined && problem === undefined && <p className="empty">Đang tính…</p>}
      <ul className="month">
        {value?.days.map((each) => {
          const { className, word } = gradeOf(each.percent);
          return (
            <li key={each.day}>
              <button
                className={className}
                aria-pressed={each.day === day}
                aria-label={`${shownDay(each.day)}: ${percentText(each.percent)}, ${word}`}
                onClick={() => onDay(each.day)}
              >
                <strong>{Number(each.day.slice(8))}</strong>
                <span>{each.percent === null ? "–" : percentText(each.percent)}</span>
              </button>
            </li>
          );
        })}
      </ul>
    </section>
  );
}

function Day({ route, status, call, events, day }: PageProps & { readonly day: string }): ReactNode {
  const path = `/cameras/${encodeURIComponent(route.camera)}/completeness?day=${day}`;
  const { value, problem } = useReading<WholeDayReport>(path, {
    call,
    events,
    isNews: ({ type, id }) => type === "camera" && id === route.camera,
  });
  return (
    <section aria-labelledby="day">
      <h3 id="day">Ngày {shownDay(day)}</h3>
      <Problem refused={problem} />
      {value === undefined && problem === undefined && <p className="empty">Đang tính…</p>}
      {value !== undefined && (
        <>
          <p>{value.said.vi}</p>
          {value.gaps.length === 0 && <p className="empty">Không có khoảng trống nào.</p>}
          <ul className="rows">
            {value.gaps.map(({ from, to, said }) => (
              <li key={from}>
                <span>
                  <a href={hrefOf("playback", { camera: route.camera, query: { at: String(from) } })}>
                    <time>{dateAndTime(from, status.timeZone)}</time>
                  </a>{" "}
                  – {to === null ? "bây giờ" : dateAndTime(to, status.timeZone)}
                </span>
                <span>{lengthText((to ?? status.at) - from)}</span>
                <span className="count whole">{said.vi}</span>
              </li>
            ))}
            {value.erased.map(({ from, to }) => (
              <li key={`erased-${from}`}>
                <span>
                  <time>{dateAndTime(from, status.timeZone)}</time> – {dateAndTime(to, status.timeZone)}
                </span>
                <span>{lengthText(to - from)}</span>
                <span className="count whole">đã xóa theo yêu cầu</span>
              </li>
            ))}
          </ul>
        </>
      )}
    </section>
  );
}

/** `2026-11-23` of the commune's calendar. */
function isoDay(at: number, timeZone: string): string {
  const [day = "", month = "", year = ""] = dayText(at, timeZone).split("/");
  return `${year}-${month}-${day}`;
}

function shownDay(day: string): string {
  return day.split("-").reverse().join("/");
}

function monthAfter(month: string, count: number): string {
  const [year = 0, number = 1] = month.split("-").map(Number);
  const months = year * 12 + number - 1 + count;
  return `${Math.floor(months / 12)}-${String((months % 12) + 1).padStart(2, "0")}`;
}
