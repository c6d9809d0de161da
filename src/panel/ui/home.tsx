import { useState, type ReactNode } from "react";
import { ask, Refused, type Act } from "./api.ts";
import { AiringLog } from "./airing-log.tsx";
import { clockTime } from "./format.ts";
import { NextList, OnAirList } from "./on-air.tsx";
import type { Hall, Me } from "./shapes.ts";
import { SpeakerList } from "./speaker-list.tsx";
import { StopAll } from "./stop-all.tsx";
import { useHall } from "./use-hall.ts";

interface HomeProps {
  readonly me: Me;
  readonly onLogout: () => void;
}

export function Home({ me, onLogout }: HomeProps): ReactNode {
  const { hall, offline, reload } = useHall(onLogout);
  const [refused, setRefused] = useState<Refused>();

  const act: Act = async (path, body) => {
    setRefused(undefined);
    try {
      await ask("POST", path, { csrfToken: me.csrfToken, ...(body !== undefined && { body }) });
      await reload();
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      if (error.status === 401) onLogout();
      else setRefused(error);
    }
  };

  return (
    <>
      <header>
        <h1>{hall?.status.commune ?? "Tiếng Làng"}</h1>
        {hall !== undefined && (
          <p>
            Giờ máy chủ <time>{clockTime(hall.status.at, hall.status.timeZone)}</time>
          </p>
        )}
        <p className="who">
          {me.fullName}
          <button onClick={() => void act("/logout").then(onLogout)}>Đăng xuất</button>
        </p>
      </header>
      <main>
        {offline && (
          <p className="problem" role="alert">
            Mất kết nối với bộ điều khiển: thông tin dưới đây có thể đã cũ. Loa vẫn phát theo lịch đã nhận.
            Trang sẽ tự kết nối lại; nếu kéo dài, hãy kiểm tra mạng và nguồn điện của máy chủ.
          </p>
        )}
        {refused !== undefined && (
          <p className="problem" role="alert">
            {refused.message} {refused.hint}
          </p>
        )}
        {hall === undefined ? <p className="empty">Đang tải…</p> : <Sections hall={hall} me={me} act={act} />}
      </main>
    </>
  );
}

function Sections({ hall, me, act }: { readonly hall: Hall; readonly me: Me; readonly act: Act }): ReactNode {
  const { status, onAir, next, speakers, log } = hall;
  return (
    <>
      {status.problems.map(({ vi }) => (
        <p className="notice" key={vi}>
          {vi}
        </p>
      ))}
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
    </>
  );
}
