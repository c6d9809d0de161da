import { Fault } from "../kernel/faults.ts";
import { text } from "../kernel/text.ts";
import type { Session } from "./command.ts";

/** What can be said of a camera on the command line, as commander hands it over. */
export interface CameraOptions {
  readonly user?: string;
  readonly passwordStdin?: true;
  readonly port?: string;
  readonly profile?: string;
  readonly stream?: string;
  readonly id?: string;
  readonly name?: string;
  readonly place?: string;
  readonly purpose?: string;
  readonly days?: string;
  readonly reason?: string;
  readonly audio?: string;
  readonly watch?: string[];
  readonly correctClock?: string;
  readonly enabled?: string;
}

/** How to reach a camera. Its password never stands on the command line, where every user of the machine sees it. */
export async function reachOf(session: Session, host: string, options: CameraOptions): Promise<object> {
  return {
    host,
    user: options.user ?? "",
    password: options.user === "" ? "" : await passwordFor(session, options),
    ...(options.port !== undefined && { port: numberOf("port", options.port) }),
    ...(options.profile !== undefined && { profile: options.profile }),
    ...(options.stream !== undefined && { streamUrl: options.stream }),
  };
}

/** From standard input when asked for, else from the environment; a line break at its end is the terminal's. */
export async function passwordFor(session: Session, { passwordStdin }: CameraOptions): Promise<string> {
  if (passwordStdin === true) return (await session.readInput()).replace(/\r?\n$/, "");
  const fromEnvironment = session.env["TIENGLANG_CAMERA_PASSWORD"];
  if (fromEnvironment !== undefined) return fromEnvironment;
  throw new Fault("invalid", text("The camera's password is not given.", "Chưa có mật khẩu của camera."), {
    field: "password",
    hint: text(
      "Add --password-stdin and type it (end with Enter and Ctrl-D), or set $TIENGLANG_CAMERA_PASSWORD; for a camera without one: --user ''.",
      "Thêm --password-stdin rồi gõ mật khẩu (kết thúc bằng Enter và Ctrl-D), hoặc đặt $TIENGLANG_CAMERA_PASSWORD; camera không mật khẩu: --user ''.",
    ),
  });
}

/** Only what was said. */
export function changeOf(options: CameraOptions): object {
  const { id, name, place, purpose, days, reason, audio, watch, correctClock, enabled } = options;
  const change = {
    id,
    name,
    place,
    purpose,
    retentionDays: days === undefined ? undefined : numberOf("days", days),
    retentionReason: reason,
    audio: switchOf("audio", audio),
    watchRoles: watch,
    mayCorrectClock: switchOf("correct-clock", correctClock),
    enabled: switchOf("enabled", enabled),
  };
  return Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));
}

function numberOf(option: string, typed: string): number {
  const value = Number(typed);
  if (typed.trim() !== "" && Number.isInteger(value)) return value;
  throw new Fault(
    "invalid",
    text(`--${option}: “${typed}” is not a whole number.`, `--${option}: “${typed}” không phải số nguyên.`),
    { field: option },
  );
}

function switchOf(option: string, typed: string | undefined): boolean | undefined {
  if (typed === undefined) return undefined;
  if (typed === "on" || typed === "off") return typed === "on";
  throw new Fault(
    "invalid",
    text(`--${option} is on or off, not “${typed}”.`, `--${option} là on hoặc off, không phải “${typed}”.`),
    { field: option },
  );
}
