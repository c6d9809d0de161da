import { boxAt, viewOf, type Box } from "./mp4.ts";

type Codec = "h264" | "h265";

/** NAL types: ITU-T H.264 table 7-1, H.265 table 7-1. */
const SEQUENCE_SET = { h264: 7, h265: 33 } as const;

function typeOf(codec: Codec, header: number): number {
  return codec === "h264" ? header & 0x1f : (header >> 1) & 0x3f;
}

function isPicture(codec: Codec, type: number): boolean {
  return codec === "h264" ? type >= 1 && type <= 5 : type <= 31;
}

/** By its codec string; undefined: parameter sets of this codec are not looked for. */
export function nalCodecOf(codec: string): Codec | undefined {
  if (codec.startsWith("avc")) return "h264";
  return codec.startsWith("hvc") || codec.startsWith("hev") ? "h265" : undefined;
}

const LENGTH_BYTES = 4;

/**
 * The sequence parameter set that comes before the first picture of a fragment, as hex: it changes when the camera's
 * resolution or profile does. Undefined when the camera sends none there. The fragment's end may be missing.
 */
export function sequenceSetOf(fragment: Uint8Array, codec: Codec): string | undefined {
  const mdat = mdatOf(fragment);
  if (mdat === undefined) return undefined;
  const view = viewOf(fragment);
  const limit = Math.min(mdat.end, fragment.length);
  let at = mdat.bodyStart;
  while (at + LENGTH_BYTES < limit) {
    const bytes = view.getUint32(at);
    const type = typeOf(codec, fragment[at + LENGTH_BYTES] ?? 0);
    const end = at + LENGTH_BYTES + bytes;
    if (bytes === 0 || end > limit || isPicture(codec, type)) return undefined;
    if (type === SEQUENCE_SET[codec]) return hexOf(fragment.subarray(at + LENGTH_BYTES, end));
    at = end;
  }
  return undefined;
}

function mdatOf(fragment: Uint8Array): Box | undefined {
  for (let box = boxAt(fragment, 0); box; box = boxAt(fragment, box.end)) if (box.type === "mdat") return box;
  return undefined;
}

function hexOf(bytes: Uint8Array): string {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
