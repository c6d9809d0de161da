import type { ReactNode } from "react";
import { clockTime, clockTimeNear } from "./format.ts";
import type { Act } from "./api.ts";
import { mayAct } from "./roles.ts";
import type { Me, OnAir, Status, Upcoming } from "./shapes.ts";

interface OnAirProps {
  readonly airings: readonly OnAir[];
  readonly status: Status;
  readonly me: Me;
  readonly act: Act;
}

export function OnAirList({ airings, status, me, act }: OnAirProps): ReactNode {
  const { timeZone } = status;
  return (
    <div role="status">
      {airings.length === 0 ? (
        <p className="empty">Không có gì đang phát.</p>
      ) : (
        <ul className="cards">
          {airings.map((airing) => (
            <li key={airing.airing} className={airing.kind === "emergency" ? "emergency" : "playing"}>
              <strong>{airing.title}</strong>
              <span>
                {airing.kind === "emergency" && "Khẩn cấp · "}
                {airing.kind === "live" && "Trực tiếp · "}
                từ {clockTime(airing.startedAt, timeZone)} đến {clockTime(airing.endsAt, timeZone)} ·{" "}
                {`${airing.speakersPlaying}/${airing.speakersTotal} cụm đang phát`}
              </span>
              {mayAct(me, "officer", "leader") && (
                <button onClick={() => void act(`/airings/${encodeURIComponent(airing.airing)}/stop`)}>
                  Dừng<span className="unseen"> {airing.title}</span>
                </button>
              )}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

interface NextProps {
  readonly airings: readonly Upcoming[];
  readonly status: Status;
}

export function NextList({ airings, status }: NextProps): ReactNode {
  if (airings.length === 0) {
    return (
      <p className="empty">
        Chưa có lịch phát nào sắp tới. Bản tin chỉ phát khi đã được duyệt và có trên lịch.
      </p>
    );
  }
  return (
    <ul className="cards">
      {airings.map(({ airing, title, startsAt, speakers, problems }) => (
        <li key={airing}>
          <strong>{title}</strong>
          <span>
            {clockTimeNear(startsAt, status.at, status.timeZone)} · {speakers} cụm
          </span>
          {problems.map(({ speaker, sentence }) => (
            <span className="reason" key={speaker}>
              {sentence.vi}
            </span>
          ))}
        </li>
      ))}
    </ul>
  );
}
