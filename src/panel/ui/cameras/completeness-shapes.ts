import type { Said } from "../shapes.ts";

/** How much of one local day was recorded. */
export interface DayReport {
  /** `2026-11-23` */
  readonly day: string;
  /** Null: nothing had to be recorded. */
  readonly percent: number | null;
  readonly said: Said;
}

/** One day with what is missing of it. */
export interface WholeDayReport extends DayReport {
  readonly gaps: readonly {
    readonly from: number;
    /** Null: it lasts. */
    readonly to: number | null;
    readonly cause: string;
    readonly said: Said;
  }[];
  /** Recorded, and deleted because somebody asked for it. */
  readonly erased: readonly { readonly from: number; readonly to: number }[];
}

/** `99,8 %` */
export function percentText(percent: number | null): string {
  return percent === null
    ? "không cần ghi"
    : `${percent.toLocaleString("vi-VN", { maximumFractionDigits: 1 })} %`;
}

/** Whole, nearly whole, or worth a look; told by a word as well as by a colour. */
export function gradeOf(percent: number | null): { readonly className: string; readonly word: string } {
  if (percent === null) return { className: "none", word: "không cần ghi" };
  if (percent >= 100) return { className: "whole-day", word: "đủ" };
  return percent >= 99 ? { className: "nearly", word: "gần đủ" } : { className: "missing", word: "thiếu" };
}
