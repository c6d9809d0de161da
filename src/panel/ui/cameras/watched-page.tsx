import { useState, type ReactNode } from "react";
import type { PageProps } from "../page-props.ts";
import { dateAndTime } from "../format.ts";
import { mayAct } from "../roles.ts";
import type { Said } from "../shapes.ts";
import { CameraHead } from "./camera-head.tsx";
import { Problem } from "./problem.tsx";
import { useCameras } from "./use-cameras.ts";
import { useReading } from "./use-reading.ts";
import { dayAfter } from "./zoned-time.ts";

interface WatchedRow {
  readonly at: number;
  readonly actorId: string;
  readonly actorName: string;
  readonly act: "live" | "playback" | "clip" | "export" | "ptz" | "refused";
  readonly said: Said;
}

const ACT_NAME: Record<WatchedRow["act"], string> = {
  live: "Trực tiếp",
  playback: "Xem lại",
  clip: "Đoạn trích",
  export: "Bằng chứng",
  ptz: "Điều khiển",
  refused: "Bị từ chối",
};

const PERIODS = [
  { days: 1, name: "Hôm nay" },
  { days: 7, name: "7 ngày qua" },
  { days: 30, name: "30 ngày qua" },
  { days: 90, name: "90 ngày qua" },
] as const;

/** Who looked at one camera, live or back in time, and who was refused. */
export function WatchedPage(props: PageProps): ReactNode {
  const { route, me, call, events } = props;
  const { cameras } = useCameras({ call, events });
  const camera = cameras?.find(({ id }) => id === route.camera);
  return (
    <>
      <CameraHead id={route.camera} name={camera?.name} page="watched" />
      {mayAct(me, "leader") ? (
        <Report {...props} />
      ) : (
        <p className="notice">
          Sổ người xem chỉ dành cho lãnh đạo và quản trị. Nếu cần, hãy nhờ lãnh đạo mở trang này.
        </p>
      )}
    </>
  );
}

function Report({ route, status, call, events }: PageProps): ReactNode {
  const [days, setDays] = useState(7);
  const [act, setAct] = useState<WatchedRow["act"] | "all">("all");
  // The end is left open: the hall's own now, so that the path stays the same while time goes on.
  const from = dayAfter(status.at, 1 - days, status.timeZone);
  const path = `/cameras/${encodeURIComponent(route.camera)}/watched`;
  const { value, problem } = useReading<{ readonly watched: readonly WatchedRow[] }>(`${path}?from=${from}`, {
    call,
    events,
    isNews: ({ type }) => type === "camera",
  });
  const rows = value?.watched.filter((row) => act === "all" || row.act === act);
  return (
    <section aria-labelledby="watched">
      <h3 id="watched">Ai đã xem camera này</h3>
      <div className="bar">
        <label>
          Khoảng thời gian{" "}
          <select value={days} onChange={({ target }) => setDays(Number(target.value))}>
            {PERIODS.map((period) => (
              <option key={period.days} value={period.days}>
                {period.name}
              </option>
            ))}
          </select>
        </label>
        <label>
          Việc{" "}
          <select value={act} onChange={({ target }) => setAct(target.value as WatchedRow["act"] | "all")}>
            <option value="all">Tất cả</option>
            {Object.entries(ACT_NAME).map(([value, name]) => (
              <option key={value} value={value}>
                {name}
              </option>
            ))}
          </select>
        </label>
        <a href={`/api${path}.csv?from=${from}`} download>
          Tải bảng cho Excel
        </a>
      </div>
      <Problem refused={problem} />
      {value === undefined && problem === undefined && <p className="empty">Đang đọc sổ…</p>}
      {rows?.length === 0 && (
        <p className="empty">
          Không có ai xem trong khoảng này. Mỗi lần xem, tải về hoặc bị từ chối đều hiện ở đây.
        </p>
      )}
      {rows !== undefined && rows.length > 0 && <Rows rows={rows} timeZone={status.timeZone} />}
    </section>
  );
}

function Rows({
  rows,
  timeZone,
}: {
  readonly rows: readonly WatchedRow[];
  readonly timeZone: string;
}): ReactNode {
  return (
    <div className="scrolled" role="region" aria-label="Sổ người xem" tabIndex={0}>
      <table>
        <thead>
          <tr>
            <th scope="col">Thời điểm</th>
            <th scope="col">Người xem</th>
            <th scope="col">Việc</th>
            <th scope="col">Diễn giải</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ at, actorId, actorName, act, said }, index) => (
            <tr key={`${at} ${actorId} ${index}`}>
              <td>
                <time>{dateAndTime(at, timeZone)}</time>
              </td>
              <td>{actorName}</td>
              <td className={act === "refused" ? "reason" : undefined}>{ACT_NAME[act]}</td>
              <td>{said.vi}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
