import type { VideoCodec } from "./model.ts";

/** A media profile of a camera that carries video. */
export interface MediaProfile {
  readonly token: string;
  readonly name: string;
  /** Which video input it shows; a camera with two lenses has two. */
  readonly source: string;
  readonly codec: VideoCodec;
  readonly widthPx: number;
  readonly heightPx: number;
  readonly fps: number | null;
  readonly kbps: number | null;
  readonly hasPtz: boolean;
  /** The service that told of it, and that knows its address. */
  readonly service: "media" | "media2";
}

export interface StreamChoice {
  readonly main: MediaProfile;
  readonly sub: MediaProfile | null;
}

/** A mosaic's tile and a weak line want no more than this. */
const SUB_LIMIT_PX = 1_280 * 720;

/**
 * What is recorded and what mosaics show. H.264 wins, because every browser plays it, unless it is less than half of
 * what the camera can show: evidence needs faces. Undefined when there is no video that can be recorded as it is.
 */
export function chooseStreams(profiles: readonly MediaProfile[]): StreamChoice | undefined {
  const source = profiles[0]?.source;
  const candidates = profiles.filter((profile) => profile.source === source && profile.codec !== "other");
  const largest = best(candidates);
  const largestH264 = best(candidates.filter(({ codec }) => codec === "h264"));
  if (largest === undefined) return undefined;
  const main =
    largestH264 !== undefined && pixels(largestH264) * 2 >= pixels(largest) ? largestH264 : largest;
  const small = candidates.filter(
    (profile) =>
      profile.token !== main.token && pixels(profile) <= SUB_LIMIT_PX && pixels(profile) < pixels(main),
  );
  const sub = best(small.filter(({ codec }) => codec === "h264")) ?? best(small);
  return { main, sub: sub ?? null };
}

const pixels = ({ widthPx, heightPx }: MediaProfile): number => widthPx * heightPx;

function best(profiles: readonly MediaProfile[]): MediaProfile | undefined {
  return [...profiles].sort((a, b) => pixels(b) - pixels(a) || (b.fps ?? 0) - (a.fps ?? 0))[0];
}
