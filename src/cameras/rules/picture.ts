import { text, type Text } from "../../kernel/text.ts";
import type { PictureVerdict } from "./model.ts";

/** A small grey picture, one byte a point, row by row. */
export interface GreyPicture {
  readonly widthPx: number;
  readonly heightPx: number;
  readonly points: Uint8Array;
}

/** What one look at a camera's picture shows. Grey goes from 0 (black) to 255. */
export interface PictureSample {
  readonly mean: number;
  /** Standard deviation of the points. */
  readonly spread: number;
  /** Mean step between neighbours: a picture without edges has been covered or has lost its focus. */
  readonly detail: number;
  /** Part of the points, 0 to 1, that differ from the sample before; null: there is none, or of another size. */
  readonly changed: number | null;
}

export function sampleOf(picture: GreyPicture, before: GreyPicture | undefined): PictureSample {
  const { points } = picture;
  const mean = average(points.length, (at) => points[at] ?? 0);
  const variance = average(points.length, (at) => ((points[at] ?? 0) - mean) ** 2);
  const comparable = before?.points.length === points.length ? before.points : undefined;
  return {
    mean,
    spread: Math.sqrt(variance),
    detail: detailOf(picture),
    changed:
      comparable === undefined
        ? null
        : average(points.length, (at) => (points[at] === comparable[at] ? 0 : 1)),
  };
}

function average(count: number, of: (at: number) => number): number {
  let sum = 0;
  for (let at = 0; at < count; at += 1) sum += of(at);
  return count === 0 ? 0 : sum / count;
}

function detailOf({ points, widthPx, heightPx }: GreyPicture): number {
  const inner = Math.max(0, widthPx - 1) * heightPx;
  return average(inner, (n) => {
    const at = Math.floor(n / (widthPx - 1)) * widthPx + (n % (widthPx - 1));
    return Math.abs((points[at] ?? 0) - (points[at + 1] ?? 0));
  });
}

/** A room without light still shows the sensor's noise, which is darker and flatter than this only with the lens cap on. */
const BLACK_MEAN = 20;
const BLACK_SPREAD = 4;
/** Sensor noise changes a third of the points and more; an encoder that repeats itself changes next to none. */
const FROZEN_CHANGED = 0.005;
/** A hand or tape before the lens: one colour, whatever its light. */
const COVERED_SPREAD = 6;
const COVERED_DETAIL = 1.5;
/** Of what the same camera shows otherwise. */
const BLURRED_DETAIL = 0.2;

/** What a single look says. `usualDetail`: median of the camera's good pictures, null while too few were seen. */
function glance(sample: PictureSample, usualDetail: number | null): PictureVerdict {
  const { mean, spread, detail, changed } = sample;
  // A black picture does not change either, so black is asked first.
  if (mean < BLACK_MEAN && spread < BLACK_SPREAD) return "black";
  if (changed !== null && changed < FROZEN_CHANGED) return "frozen";
  if (spread < COVERED_SPREAD && detail < COVERED_DETAIL) return "covered";
  if (usualDetail !== null && detail < BLURRED_DETAIL * usualDetail) return "covered";
  return "ok";
}

/** So many looks must say the same before it is believed. A still picture is the least certain of all. */
const LOOKS_NEEDED: Record<PictureVerdict, number> = { unknown: 1, ok: 2, black: 3, covered: 3, frozen: 5 };

/** What is believed of a camera's picture, and what the last looks said. */
export interface PictureState {
  readonly verdict: PictureVerdict;
  readonly latest: PictureVerdict;
  readonly looks: number;
  /** Of pictures found good, newest last. */
  readonly details: readonly number[];
}

export const FIRST_LOOK: PictureState = { verdict: "unknown", latest: "unknown", looks: 0, details: [] };

const DETAILS_KEPT = 240;
const DETAILS_NEEDED = 20;

export function afterLook(state: PictureState, sample: PictureSample): PictureState {
  const usual = state.details.length < DETAILS_NEEDED ? null : median(state.details);
  const latest = glance(sample, usual);
  const looks = latest === state.latest ? state.looks + 1 : 1;
  // The first picture can't be compared; a good one is believed at once when nothing was known.
  const believed = looks >= LOOKS_NEEDED[latest] || (state.verdict === "unknown" && latest === "ok");
  return {
    verdict: believed ? latest : state.verdict,
    latest,
    looks,
    details: latest === "ok" ? [...state.details, sample.detail].slice(-DETAILS_KEPT) : state.details,
  };
}

/** A rate below this part of what is usual is no rate. */
const COLLAPSED = 0.2;
const RATES_NEEDED = 10;

/** Whether the camera sends far less than in the hour before (kbit/s of finished files, newest last). */
export function isRateCollapsed(ratesKbps: readonly number[]): boolean {
  const newest = ratesKbps.at(-1);
  const before = ratesKbps.slice(0, -1);
  return newest !== undefined && before.length >= RATES_NEEDED && newest < COLLAPSED * median(before);
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? 0;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? 0) + upper) / 2;
}

const WORDS: Record<PictureVerdict, Text> = {
  unknown: text("The picture has not been looked at yet.", "Chưa kiểm tra hình."),
  ok: text("The picture is good.", "Hình tốt."),
  black: text(
    "The picture is black. Look whether the lens is covered or the room's light and infrared are off.",
    "Hình đen. Hãy xem ống kính có bị che, đèn phòng và đèn hồng ngoại có tắt không.",
  ),
  frozen: text(
    "The picture does not change although the camera is sending. Restart the camera.",
    "Hình đứng yên dù camera vẫn gửi. Hãy khởi động lại camera.",
  ),
  covered: text(
    "The picture has hardly any detail. Look whether the lens is covered, dirty or out of focus.",
    "Hình gần như không còn chi tiết. Hãy xem ống kính có bị che, bẩn hoặc mất nét không.",
  ),
};

const COLLAPSED_WORDS = text(
  "The camera sends far less than usual. Look at the picture and at the camera's settings.",
  "Camera gửi ít dữ liệu hơn hẳn mọi khi. Hãy xem hình và cài đặt của camera.",
);

export function pictureWords(verdict: PictureVerdict, rateCollapsed: boolean): Text {
  return rateCollapsed && (verdict === "ok" || verdict === "unknown") ? COLLAPSED_WORDS : WORDS[verdict];
}
