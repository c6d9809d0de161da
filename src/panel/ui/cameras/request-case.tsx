import { useState, type ReactNode } from "react";
import type { Call } from "../api.ts";
import { dateAndTime } from "../format.ts";
import type { HallEvents } from "../live-events.ts";
import type { CaseView, ExportView } from "./case-shapes.ts";
import { useReading } from "./use-reading.ts";

interface CaseLinkProps {
  readonly call: Call;
  readonly events: HallEvents;
  readonly timeZone: string;
}

/** Form fields `caseId` and `exportId`: what the answer rests on, chosen from what there is. */
export function CaseLink({ call, events, timeZone }: CaseLinkProps): ReactNode {
  const [chosen, setChosen] = useState("");
  const { value } = useReading<{ readonly cases: readonly CaseView[] }>("/cases", {
    call,
    events,
    isNews: ({ type }) => type === "case",
  });
  if (value === undefined || value.cases.length === 0) return null;
  return (
    <>
      <label>
        Hồ sơ vụ việc (nếu có)
        <select name="caseId" value={chosen} onChange={({ target }) => setChosen(target.value)}>
          <option value="">Không gắn hồ sơ</option>
          {value.cases.map(({ id, number, title }) => (
            <option key={id} value={id}>
              {number}: {title}
            </option>
          ))}
        </select>
      </label>
      {chosen !== "" && <ExportChoice caseId={chosen} call={call} events={events} timeZone={timeZone} />}
    </>
  );
}

function ExportChoice({
  caseId,
  call,
  events,
  timeZone,
}: CaseLinkProps & { readonly caseId: string }): ReactNode {
  const { value } = useReading<{ readonly exports: readonly ExportView[] }>(
    `/cases/${encodeURIComponent(caseId)}`,
    { call, events, isNews: ({ type, id }) => type === "case" && id === caseId },
  );
  const ready = value?.exports.filter(({ state }) => state === "ready") ?? [];
  if (ready.length === 0) return null;
  return (
    <label>
      Gói đã giao (nếu có)
      <select name="exportId" defaultValue="">
        <option value="">Không có</option>
        {ready.map(({ id, askedAt, reason }) => (
          <option key={id} value={id}>
            {dateAndTime(askedAt, timeZone)}: {reason}
          </option>
        ))}
      </select>
    </label>
  );
}
