import { endRtsp, startRtsp, type RtspProcess } from "../../scripts/demo-camera/rtsp-process.ts";

export type RtspMount =
  "h264" | "noisy" | "sub" | "h265" | "black" | "frozen" | "dim" | "clock" | "resize" | "voice";

interface RtspServerOrder {
  /** Default "none". */
  readonly auth?: "none" | "basic" | "digest";
  readonly user?: string;
  readonly password?: string;
  /** Refuses streams over TCP (461), as old cameras do. */
  readonly udpOnly?: boolean;
}

/** GStreamer's RTSP server in a process of its own: a peer that knows nothing of our code. */
export interface RtspServer extends AsyncDisposable {
  readonly port: number;
  readonly user: string;
  readonly password: string;
  /** Of the running process; changes with `restart`. */
  readonly pid: number;
  /** Without user and password. */
  url(mount: RtspMount): string;
  /** With user and password, percent-encoded; the same as `url` when nobody asks for them. */
  urlWithPassword(mount: RtspMount): string;
  /** The connections stay and nothing more comes: a camera that hangs. */
  freeze(): void;
  thaw(): void;
  /** The connections break and nobody listens: a camera without power. Ends it when it is frozen, too. */
  kill(): Promise<void>;
  /** On the same port, after `kill`. */
  restart(): Promise<void>;
}

/** Listens on a free port of 127.0.0.1 when it resolves. A mount encodes only while somebody watches it. */
export async function openRtspServer(order: RtspServerOrder = {}): Promise<RtspServer> {
  const { auth = "none", user = "admin", password = "secret1", udpOnly = false } = order;
  const start = (port: number): Promise<RtspProcess> => startRtsp({ auth, user, password, port, udpOnly });
  let running = await start(0);
  const { port } = running;
  const base = (login: string): string => `rtsp://${login}127.0.0.1:${port}`;
  const login = auth === "none" ? "" : `${encodeURIComponent(user)}:${encodeURIComponent(password)}@`;
  const kill = (): Promise<void> => endRtsp(running.child);
  return {
    port,
    user,
    password,
    get pid() {
      return running.pid;
    },
    url: (mount) => `${base("")}/${mount}`,
    urlWithPassword: (mount) => `${base(login)}/${mount}`,
    freeze: () => void running.child.kill("SIGSTOP"),
    thaw: () => void running.child.kill("SIGCONT"),
    kill,
    restart: async () => {
      running = await start(port);
    },
    [Symbol.asyncDispose]: kill,
  };
}
