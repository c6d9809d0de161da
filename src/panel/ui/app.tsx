import { useEffect, useState, type ReactNode } from "react";
import { ask, Refused } from "./api.ts";

import { Login } from "./login.tsx";
import { Shell } from "./shell.tsx";
import type { Me } from "./shapes.ts";

type Session =
  | { readonly state: "asking" }
  | { readonly state: "out" }
  | { readonly state: "in"; readonly me: Me }
  | { readonly state: "unreachable"; readonly why: Refused };

export function App(): ReactNode {
  const [session, setSession] = useState<Session>({ state: "asking" });
  const [attempt, setAttempt] = useState(0);

  useEffect(() => {
    ask<Me>("GET", "/me").then(
      (me) => setSession({ state: "in", me }),
      (error: unknown) => {
        if (!(error instanceof Refused)) throw error;
        setSession(error.status === 401 ? { state: "out" } : { state: "unreachable", why: error });
      },
    );
  }, [attempt]);

  if (session.state === "asking") return <main className="center">Đang tải…</main>;
  if (session.state === "out") return <Login onLogin={(me) => setSession({ state: "in", me })} />;
  if (session.state === "in") return <Shell me={session.me} onLogout={() => setSession({ state: "out" })} />;
  return (
    <main className="center card" role="alert">
      <h1>{session.why.message}</h1>
      <p>{session.why.hint}</p>
      <button onClick={() => setAttempt(attempt + 1)}>Thử lại</button>
    </main>
  );
}
