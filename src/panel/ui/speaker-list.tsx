import type { ReactNode } from "react";
import { clockTimeNear } from "./format.ts";
import type { Speaker, Status } from "./shapes.ts";

interface SpeakerListProps {
  readonly speakers: readonly Speaker[];
  readonly status: Status;
}

const PRESENCE: Record<Speaker["presence"], string> = {
  online: "Trực tuyến",
  offline: "Mất kết nối",
  unknown: "Chưa thấy",
};

/** Those that need a person come first. */
const URGENCY: Record<Speaker["presence"], number> = { offline: 0, unknown: 1, online: 2 };

const byName = new Intl.Collator("vi", { numeric: true });

export function SpeakerList({ speakers, status }: SpeakerListProps): ReactNode {
  if (speakers.length === 0) {
    return (
      <p className="empty">
        Chưa có cụm loa nào. Kỹ thuật viên thêm loa trên máy chủ bằng lệnh <code>tienglang speaker add</code>.
      </p>
    );
  }
  const sorted = [...speakers].sort(
    (a, b) => URGENCY[a.presence] - URGENCY[b.presence] || byName.compare(a.name, b.name),
  );
  return (
    <ul className="rows">
      {sorted.map((speaker) => (
        <li key={speaker.id}>
          <span>
            <strong>{speaker.name}</strong> {speaker.hamletName}
          </span>
          <span className={`presence ${speaker.presence}`}>{stateOf(speaker, status)}</span>
          {adviceOf(speaker) !== undefined && <span className="reason">{adviceOf(speaker)}</span>}
        </li>
      ))}
    </ul>
  );
}

function stateOf({ presence, since, playing }: Speaker, { at, timeZone }: Status): string {
  if (playing !== null) return "Đang phát";
  if (presence === "offline") return `${PRESENCE.offline} từ ${clockTimeNear(since, at, timeZone)}`;
  return PRESENCE[presence];
}

function adviceOf({ presence, amplifierFault }: Speaker): string | undefined {
  if (presence === "offline") return "Hãy kiểm tra nguồn điện và mạng của cụm loa này.";
  if (amplifierFault === true) return "Tăng âm báo lỗi: hãy kiểm tra dây loa và nguồn.";
  return undefined;
}
