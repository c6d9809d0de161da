/** Written from parts: ICU's own wording differs between browsers. */
function partsIn(timeZone: string, at: number): (type: Intl.DateTimeFormatPartTypes) => string {
  const format = new Intl.DateTimeFormat("en-GB", {
    timeZone,
    year: "numeric",
    day: "2-digit",
    month: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    hourCycle: "h23",
  });
  const parts = new Map(format.formatToParts(at).map(({ type, value }) => [type, value]));
  return (type) => parts.get(type) ?? "";
}

/** `17:05` */
export function clockTime(at: number, timeZone: string): string {
  const part = partsIn(timeZone, at);
  return `${part("hour")}:${part("minute")}`;
}

/** `17:05`, or `17:05 24/11` on another day. */
export function clockTimeNear(at: number, now: number, timeZone: string): string {
  const part = partsIn(timeZone, at);
  const today = partsIn(timeZone, now);
  const date = `${part("day")}/${part("month")}`;
  const time = `${part("hour")}:${part("minute")}`;
  return date === `${today("day")}/${today("month")}` ? time : `${time} ${date}`;
}

/** The last midnight of the commune. */
export function midnight(now: number, timeZone: string): number {
  const part = partsIn(timeZone, now);
  const seconds = (Number(part("hour")) * 60 + Number(part("minute"))) * 60 + Number(part("second"));
  return now - seconds * 1_000 - (now % 1_000);
}

/** `+12 ms`, `−3 ms` */
export function signedMs(ms: number): string {
  const rounded = Math.round(ms);
  return `${rounded < 0 ? "−" : "+"}${Math.abs(rounded).toLocaleString("vi-VN")} ms`;
}

/** `23/11/2026 17:05:09` */
export function dateAndTime(at: number, timeZone: string): string {
  const part = partsIn(timeZone, at);
  return `${part("day")}/${part("month")}/${part("year")} ${part("hour")}:${part("minute")}:${part("second")}`;
}

/** `17:05:09` */
export function dayTime(at: number, timeZone: string): string {
  const part = partsIn(timeZone, at);
  return `${part("hour")}:${part("minute")}:${part("second")}`;
}
