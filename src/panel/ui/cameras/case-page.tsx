import type { ReactNode } from "react";
import type { PageProps } from "../page-props.ts";
import { dateAndTime } from "../format.ts";
import { mayAct } from "../roles.ts";
import { hrefOf } from "../routes.ts";
import type { CameraView } from "./camera-shapes.ts";
import { CaseExports } from "./case-exports.tsx";
import { CaseRelease } from "./case-release.tsx";
import { CASE_STATE, type CaseView, type ExportView } from "./case-shapes.ts";
import { HoldForm } from "./hold-form.tsx";
import { Problem } from "./problem.tsx";
import { useCameras } from "./use-cameras.ts";
import { useReading } from "./use-reading.ts";
import { dayText } from "./zoned-time.ts";

type WholeCase = CaseView & { readonly exports: readonly ExportView[] };

/** One case: what is held for it, what was handed over, and who lets go of it. */
export function CasePage(props: PageProps): ReactNode {
  const { route, me, status, call, events } = props;
  const { value, problem, reload } = useReading<WholeCase>(`/cases/${encodeURIComponent(route.id)}`, {
    call,
    events,
    isNews: ({ type, id }) => type === "case" && id === route.id,
  });
  const { cameras = [] } = useCameras({ call, events });
  const mayWork = mayAct(me, "officer", "leader", "technician");
  return (
    <>
      <p>
        <a href={hrefOf("cases")}>Tất cả hồ sơ</a>
      </p>
      <Problem refused={problem} />
      {value === undefined && problem === undefined && <p className="empty">Đang đọc hồ sơ…</p>}
      {value !== undefined && (
        <>
          <h2>
            {value.number}: {value.title}
          </h2>
          <p>
            {CASE_STATE[value.state]}. {value.openedBy} lập ngày {dayText(value.openedAt, status.timeZone)}.
            Lý do: {value.reason}
          </p>
          <div className="columns">
            <Holds file={value} cameras={cameras} timeZone={status.timeZone}>
              {mayWork && value.state !== "released" && (
                <HoldForm file={value} cameras={cameras} call={call} status={status} onDone={reload} />
              )}
            </Holds>
            <CaseExports file={value} cameras={cameras} call={call} me={me} status={status} onDone={reload} />
            <CaseRelease file={value} call={call} me={me} status={status} onDone={reload} />
          </div>
        </>
      )}
    </>
  );
}

interface HoldsProps {
  readonly file: CaseView;
  readonly cameras: readonly CameraView[];
  readonly timeZone: string;
  readonly children: ReactNode;
}

function Holds({ file: { holds }, cameras, timeZone, children }: HoldsProps): ReactNode {
  return (
    <section aria-labelledby="holds">
      <h3 id="holds">Đoạn niêm giữ</h3>
      {holds.length === 0 && <p className="empty">Chưa niêm giữ đoạn nào.</p>}
      <ul className="rows">
        {holds.map(({ id, camera, from, to, addedBy }) => (
          <li key={id}>
            <span>
              <strong>{cameras.find((each) => each.id === camera)?.name ?? camera}</strong>
            </span>
            <span>
              <a href={hrefOf("playback", { camera, query: { at: String(from) } })}>
                {dateAndTime(from, timeZone)} – {dateAndTime(to, timeZone)}
              </a>
            </span>
            <span className="count whole">{addedBy} niêm giữ</span>
          </li>
        ))}
      </ul>
      {children}
    </section>
  );
}
