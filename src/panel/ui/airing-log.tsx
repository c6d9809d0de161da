import type { ReactNode } from "react";
import { clockTime, signedMs } from "./format.ts";
import type { AiringRecord, SpeakerShare, Status } from "./shapes.ts";

interface AiringLogProps {
  readonly airings: readonly AiringRecord[];
  readonly status: Status;
}

const OUTCOME: Record<AiringRecord["outcome"], string> = {
  airing: "Đang phát",
  played: "Đã phát",
  partial: "Phát thiếu",
  silent: "Không phát",
  stopped: "Đã dừng",
  barred: "Bị chặn",
};

const SHARE: Record<SpeakerShare["outcome"], string> = {
  pending: "Chờ biên nhận",
  played: "Đã phát",
  partial: "Phát thiếu",
  silent: "Không phát",
  delivered: "Đã truyền",
};

export function AiringLog({ airings, status }: AiringLogProps): ReactNode {
  if (airings.length === 0) {
    return (
      <p className="empty">
        Hôm nay chưa có lượt phát nào. Khi có, mỗi lượt hiện ở đây kèm biên nhận của từng cụm loa.
      </p>
    );
  }
  return (
    <ul className="cards">
      {airings.map((airing) => (
        <li key={airing.airing}>
          <span>
            <time>{clockTime(airing.plannedAt, status.timeZone)}</time> <strong>{airing.title}</strong>{" "}
            <span className={`outcome ${airing.outcome}`}>{OUTCOME[airing.outcome]}</span>
          </span>
          <span>{airing.sentence.vi}</span>
          {airing.speakers.length > 0 && <Shares speakers={airing.speakers} title={airing.title} />}
        </li>
      ))}
    </ul>
  );
}

/** Silences show their reason at once; what went well is a click away. */
function Shares({
  speakers,
  title,
}: {
  readonly speakers: readonly SpeakerShare[];
  readonly title: string;
}): ReactNode {
  return (
    <>
      {speakers.map(
        ({ speaker, name, sentence }) =>
          sentence !== undefined && (
            <span className="reason" key={speaker}>
              {name}: {sentence.vi}
            </span>
          ),
      )}
      <details>
        <summary>
          Từng cụm loa<span className="unseen"> của {title}</span>
        </summary>
        <ul className="rows">
          {speakers.map(({ speaker, name, outcome, startErrorMs }) => (
            <li key={speaker}>
              <span>{name}</span>
              <span>
                {SHARE[outcome]}
                {startErrorMs !== null && `, lệch giờ ${signedMs(startErrorMs)}`}
              </span>
            </li>
          ))}
        </ul>
      </details>
    </>
  );
}
