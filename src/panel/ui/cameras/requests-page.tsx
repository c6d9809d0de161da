import { useState, type ReactNode } from "react";
import type { PageProps } from "../page-props.ts";
import { dateAndTime } from "../format.ts";
import { mayAct } from "../roles.ts";
import { hrefOf } from "../routes.ts";
import type { CameraView } from "./camera-shapes.ts";
import { Problem } from "./problem.tsx";
import { RequestBreaches } from "./request-breaches.tsx";
import { RequestErase } from "./request-erase.tsx";
import { RequestForm } from "./request-form.tsx";
import { KIND_NAME, OUTCOME_NAME, type DataRequest, type RequestKind } from "./request-shapes.ts";
import { RequestSteps } from "./request-steps.tsx";
import { useCameras } from "./use-cameras.ts";
import { useReading } from "./use-reading.ts";
import { dayText } from "./zoned-time.ts";

interface Register {
  readonly requests: readonly DataRequest[];
  readonly answerWithinDays: Readonly<Record<RequestKind, number>>;
}

/** What recorded people asked for, and until when they must be answered. */
export function RequestsPage(props: PageProps): ReactNode {
  if (mayAct(props.me, "officer", "leader")) return <Requests {...props} />;
  return (
    <p className="notice">
      Sổ yêu cầu của người dân chỉ dành cho cán bộ tiếp nhận, lãnh đạo và quản trị vì có thông tin cá nhân.
    </p>
  );
}

function Requests({ me, status, call, events }: PageProps): ReactNode {
  const { value, problem, reload } = useReading<Register>("/data-requests", {
    call,
    events,
    isNews: ({ type }) => type === "data-request",
  });
  const { cameras = [] } = useCameras({ call, events });
  const [adding, setAdding] = useState(false);
  const late = value?.requests.filter((request) => isOpen(request) && request.late).length ?? 0;
  return (
    <>
      <div className="bar">
        <h2>Yêu cầu của người dân về hình ảnh</h2>
        <button
          aria-expanded={adding}
          className={adding ? undefined : "main-action"}
          onClick={() => setAdding(!adding)}
        >
          {adding ? "Đóng phần ghi mới" : "Ghi yêu cầu mới"}
        </button>
      </div>
      {late > 0 && (
        <p className="problem" role="status">
          {late} yêu cầu đã quá hạn theo luật. Hãy xử lý trước tiên.
        </p>
      )}
      <Problem refused={problem} />
      {adding && (
        <RequestForm
          cameras={cameras}
          terms={value?.answerWithinDays}
          call={call}
          status={status}
          onAdded={async () => {
            setAdding(false);
            await reload();
          }}
        />
      )}
      {value === undefined && problem === undefined && <p className="empty">Đang đọc sổ…</p>}
      {value !== undefined && (
        <List
          requests={value.requests}
          cameras={cameras}
          call={call}
          events={events}
          onDone={reload}
          status={status}
          mayErase={mayAct(me, "leader")}
        />
      )}
      <RequestBreaches call={call} events={events} status={status} />
    </>
  );
}

interface ListProps extends Pick<PageProps, "call" | "events" | "status"> {
  readonly requests: readonly DataRequest[];
  readonly cameras: readonly CameraView[];
  readonly onDone: () => Promise<void>;
  readonly mayErase: boolean;
}

function List({ requests, cameras, call, events, onDone, status, mayErase }: ListProps): ReactNode {
  if (requests.length === 0) {
    return (
      <p className="empty">
        Chưa có yêu cầu nào. Khi người dân muốn xem, xin bản sao, hạn chế hoặc xóa hình ảnh của mình, hãy ghi
        vào đây để không trễ hạn luật định.
      </p>
    );
  }
  return (
    <ul className="cards">
      {requests.map((request) => (
        <li key={request.id} className={request.late && isOpen(request) ? "emergency" : undefined}>
          <OneRequest
            request={request}
            cameraName={cameras.find(({ id }) => id === request.camera)?.name ?? request.camera}
            timeZone={status.timeZone}
          />
          {mayErase && request.kind === "delete" && isOpen(request) && (
            <RequestErase
              request={request}
              cameraName={cameras.find(({ id }) => id === request.camera)?.name ?? null}
              call={call}
              timeZone={status.timeZone}
            />
          )}
          {isOpen(request) && (
            <RequestSteps
              request={request}
              call={call}
              events={events}
              timeZone={status.timeZone}
              onDone={onDone}
            />
          )}
        </li>
      ))}
    </ul>
  );
}

function isOpen({ state }: DataRequest): boolean {
  return state === "received" || state === "acknowledged";
}

interface OneRequestProps {
  readonly request: DataRequest;
  readonly cameraName: string | null;
  readonly timeZone: string;
}

function OneRequest({ request, cameraName, timeZone }: OneRequestProps): ReactNode {
  const { id, kind, person, contact, from, to, what, receivedAt, receivedBy, handler, late, said } = request;
  return (
    <>
      <h3>
        {id}: {KIND_NAME[kind]}
      </h3>
      <p className={late ? "reason" : undefined}>{sentence(said.vi)}</p>
      <p>
        {person} ({contact}): “{what}”
      </p>
      <p className="count">
        Nhận ngày {dayText(receivedAt, timeZone)} bởi {receivedBy}
        {handler !== null && `, người xử lý: ${handler}`}
        {cameraName !== null && `, camera: ${cameraName}`}
        {from !== null && to !== null && (
          <>
            , đoạn từ {dateAndTime(from, timeZone)} đến {dateAndTime(to, timeZone)}
          </>
        )}
      </p>
      <Answered request={request} timeZone={timeZone} />
    </>
  );
}

function Answered({
  request: { outcome, answer, others, caseId, exportId, endedAt },
  timeZone,
}: {
  readonly request: DataRequest;
  readonly timeZone: string;
}): ReactNode {
  if (endedAt === null) return null;
  return (
    <p>
      {dayText(endedAt, timeZone)}: {outcome === null ? "Đã rút" : OUTCOME_NAME[outcome]}. {answer}
      {others !== null && ` Người khác trong hình: ${others}.`}
      {caseId !== null && (
        <>
          {" "}
          <a href={hrefOf("case", { id: caseId })}>Xem hồ sơ</a>
        </>
      )}
      {exportId !== null && (
        <>
          {" "}
          <a href={`/api/exports/${encodeURIComponent(exportId)}/download`} download>
            Gói đã giao
          </a>
        </>
      )}
    </p>
  );
}

function sentence(words: string): string {
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}.`;
}
