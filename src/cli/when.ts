import type { Lang } from "../kernel/text.ts";

/** `23/11/2026 17:05` in the commune's zone, written by ourselves: ICU's own order differs between versions. */
export function when(at: number, timeZone: string): string {
  const parts = new Map(
    new Intl.DateTimeFormat("en-GB", {
      timeZone,
      year: "numeric",
      month: "2-digit",
      day: "2-digit",
      hour: "2-digit",
      minute: "2-digit",
      hourCycle: "h23",
    })
      .formatToParts(at)
      .map(({ type, value }) => [type, value]),
  );
  const part = (type: Intl.DateTimeFormatPartTypes): string => parts.get(type) ?? "";
  return `${part("day")}/${part("month")}/${part("year")} ${part("hour")}:${part("minute")}`;
}

/** `98,6 %` in Vietnamese. */
export function percent(value: number, lang: Lang): string {
  return `${value.toLocaleString(lang === "vi" ? "vi-VN" : "en-GB", { maximumFractionDigits: 1 })} %`;
}
