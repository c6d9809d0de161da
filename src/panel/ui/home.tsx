import type { ReactNode } from "react";
import type { Act } from "./api.ts";
import { AiringLog } from "./airing-log.tsx";
import { NextList, OnAirList } from "./on-air.tsx";
import type { Hall, Me } from "./shapes.ts";
import { SpeakerList } from "./speaker-list.tsx";
import { StopAll } from "./stop-all.tsx";

interface HomeProps {
  readonly hall: Hall | undefined;
  readonly me: Me;
  readonly act: Act;
}

/** What sounds, what comes, and what was proven. */
export function Home({ hall, me, act }: HomeProps): ReactNode {
  if (hall === undefined) return <p className="empty">Đang tải…</p>;
  const { status, onAir, next, speakers, log } = hall;
  return (
    <div className="columns">
      <section aria-labelledby="on-air">
        <h2 id="on-air">Đang phát</h2>
        <OnAirList airings={onAir} status={status} me={me} act={act} />
        <StopAll status={status} me={me} act={act} />
      </section>
      <section aria-labelledby="next">
        <h2 id="next">Sắp phát</h2>
        <NextList airings={next} status={status} />
      </section>
      <section aria-labelledby="speakers">
        <h2 id="speakers">
          Cụm loa{" "}
          <span className="count">{`${status.speakers.online}/${status.speakers.total} trực tuyến`}</span>
        </h2>
        <SpeakerList speakers={speakers} status={status} />
      </section>
      <section aria-labelledby="log">
        <h2 id="log">Nhật ký hôm nay</h2>
        <AiringLog airings={log} status={status} />
      </section>
    </div>
  );
}
