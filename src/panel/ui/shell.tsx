import { useCallback, useEffect, useRef, useState, type ReactNode, type RefObject } from "react";
import { ask, Refused, type Act, type Call } from "./api.ts";
import { clockTime } from "./format.ts";
import { Home } from "./home.tsx";
import { openHallEvents, type HallEvents } from "./live-events.ts";
import { CurrentPage, NAVIGATION, titleOf } from "./pages.tsx";
import { hrefOf, type Route } from "./routes.ts";
import type { Me, Status } from "./shapes.ts";
import { useHall } from "./use-hall.ts";
import { useRoute } from "./use-route.ts";

interface ShellProps {
  readonly me: Me;
  readonly onLogout: () => void;
}

/** The frame of every page: whose hall it is, where one can go, and what went wrong. */
export function Shell(props: ShellProps): ReactNode {
  const [events, setEvents] = useState<HallEvents>();
  useEffect(() => {
    const opened = openHallEvents();
    setEvents(opened);
    return () => opened.close();
  }, []);
  return events === undefined ? null : <Frame {...props} events={events} />;
}

function Frame({ me, onLogout, events }: ShellProps & { readonly events: HallEvents }): ReactNode {
  const route = useRoute();
  const { status, hall, offline, reload } = useHall({ events, whole: route.page === "home", onLogout });
  const [refused, setRefused] = useState<Refused>();
  const call = useCall(me, onLogout);
  const main = useArrival(route, status, () => setRefused(undefined));

  const act: Act = async (path, body) => {
    setRefused(undefined);
    try {
      await call("POST", path, body === undefined ? {} : { body });
      await reload();
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      if (error.status !== 401) setRefused(error);
    }
  };

  return (
    <>
      <Header me={me} status={status} act={act} onLogout={onLogout} />
      <Navigation route={route} />
      <main ref={main} tabIndex={-1}>
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
        {status?.problems.map(({ vi }) => (
          <p className="notice" key={vi}>
            {vi}
          </p>
        ))}
        {route.page === "home" && <Home hall={hall} me={me} act={act} />}
        {route.page !== "home" && status !== undefined && (
          <CurrentPage me={me} status={status} route={route} events={events} call={call} act={act} />
        )}
      </main>
    </>
  );
}

interface HeaderProps extends ShellProps {
  readonly status: Status | undefined;
  readonly act: Act;
}

function Header({ me, status, act, onLogout }: HeaderProps): ReactNode {
  return (
    <header>
      <h1>{status?.commune ?? "Tiếng Làng"}</h1>
      {status !== undefined && (
        <p>
          Giờ máy chủ <time>{clockTime(status.at, status.timeZone)}</time>
        </p>
      )}
      <p className="who">
        {me.fullName}
        <button onClick={() => void act("/logout").then(onLogout)}>Đăng xuất</button>
      </p>
    </header>
  );
}

function Navigation({ route }: { readonly route: Route }): ReactNode {
  return (
    <nav aria-label="Các trang">
      <ul>
        {NAVIGATION.map(({ page, name, holds }) => (
          <li key={page}>
            <a href={hrefOf(page)} aria-current={holds.includes(route.page) ? "page" : undefined}>
              {name}
            </a>
          </li>
        ))}
      </ul>
    </nav>
  );
}

/** Asks as this person; when the session has ended, the login comes back. */
function useCall({ csrfToken }: Me, onLogout: () => void): Call {
  const logout = useRef(onLogout);
  logout.current = onLogout;
  return useCallback<Call>(
    async (method, path, how = {}) => {
      try {
        return await ask(method, path, { csrfToken, ...how });
      } catch (error) {
        if (error instanceof Refused && error.status === 401) logout.current();
        throw error;
      }
    },
    [csrfToken],
  );
}

/** On another page: its name in the window's title, the keyboard at its beginning, old refusals gone. */
function useArrival(
  { page, camera, id }: Route,
  status: Status | undefined,
  onLeave: () => void,
): RefObject<HTMLElement | null> {
  const main = useRef<HTMLElement>(null);
  const place = `${page}/${camera}/${id}`;
  const before = useRef(place);
  const commune = status?.commune ?? "Tiếng Làng";
  useEffect(() => {
    document.title = `${titleOf(page)} · ${commune}`;
  }, [page, commune]);
  useEffect(() => {
    if (before.current === place) return;
    before.current = place;
    onLeave();
    main.current?.focus();
    window.scrollTo(0, 0);
  });
  return main;
}
