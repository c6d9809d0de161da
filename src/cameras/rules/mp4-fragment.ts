import type { Mp4Init, Mp4Track } from "./mp4-init.ts";
import { boxesWithin, childOf, copyOf, holds, readU64, viewOf, type Box } from "./mp4.ts";

/** What a fragment says about its picture track. Times are in the units of `init.video.timescale`. */
export interface Mp4Fragment {
  /** Its first picture can be decoded without any before it. */
  readonly startsWithKey: boolean;
  readonly decodeTime: number;
  readonly duration: number;
  readonly pictures: number;
  /** Bytes of the pictures. */
  readonly pictureBytes: number;
}

/**
 * Reads `[prft] moof [mdat]`; the `mdat` need not be there. Undefined when it is damaged, or has nothing of the picture
 * track.
 */
export function readFragment(bytes: Uint8Array, init: Mp4Init): Mp4Fragment | undefined {
  const moof = boxesWithin(bytes).find(({ type }) => type === "moof");
  if (moof === undefined) return undefined;
  for (const traf of trafsOf(bytes, moof)) {
    const header = readTfhd(bytes, traf, init);
    if (header?.track !== init.video) continue;
    const decodeTime = readTfdt(bytes, traf);
    if (decodeTime === undefined) return undefined;
    const samples = readSamples(bytes, traf, header);
    if (samples === undefined) return undefined;
    return { decodeTime, ...samples };
  }
  return undefined;
}

/**
 * A copy with other decode times: each track's becomes what `at` says, which is given the track and its own time, both in
 * that track's units. Undefined when the fragment is damaged or the time can't be written into its field (32 bits in version 0).
 */
export function retimeFragment(
  bytes: Uint8Array,
  init: Mp4Init,
  at: (track: Mp4Track, decodeTime: number) => number,
): Uint8Array | undefined {
  const copy = copyOf(bytes);
  const moof = boxesWithin(copy).find(({ type }) => type === "moof");
  if (moof === undefined) return undefined;
  const view = viewOf(copy);
  for (const traf of trafsOf(copy, moof)) {
    const track = readTfhd(copy, traf, init)?.track;
    const tfdt = childOf(copy, traf, "tfdt");
    const decodeTime = readTfdt(copy, traf);
    if (track === undefined || tfdt === undefined || decodeTime === undefined) return undefined;
    const moved = Math.round(at(track, decodeTime));
    const wide = copy[tfdt.bodyStart] === 1;
    if (moved < 0 || moved > (wide ? Number.MAX_SAFE_INTEGER : 0xffff_ffff)) return undefined;
    if (wide) {
      view.setUint32(tfdt.bodyStart + 4, Math.floor(moved / 0x1_0000_0000));
      view.setUint32(tfdt.bodyStart + 8, moved % 0x1_0000_0000);
    } else view.setUint32(tfdt.bodyStart + 4, moved);
  }
  return copy;
}

/** Units of a track in milliseconds, and back. */
export function unitsToMs(units: number, { timescale }: Pick<Mp4Track, "timescale">): number {
  return (units * 1_000) / timescale;
}

export function msToUnits(ms: number, { timescale }: Pick<Mp4Track, "timescale">): number {
  return Math.round((ms * timescale) / 1_000);
}

function trafsOf(bytes: Uint8Array, moof: Box): readonly Box[] {
  return boxesWithin(bytes, moof.bodyStart, moof.end).filter(({ type }) => type === "traf");
}

interface Tfhd {
  readonly track: Mp4Track;
  readonly duration: number;
  readonly sizeBytes: number;
  readonly flags: number;
}

/** Optional fields of `tfhd`, in the order they are written, with their flag and width. */
const TFHD_FIELDS = [
  { flag: 0x01, bytes: 8, name: "baseOffset" },
  { flag: 0x02, bytes: 4, name: "description" },
  { flag: 0x08, bytes: 4, name: "duration" },
  { flag: 0x10, bytes: 4, name: "sizeBytes" },
  { flag: 0x20, bytes: 4, name: "flags" },
] as const;

function readTfhd(bytes: Uint8Array, traf: Box, init: Mp4Init): Tfhd | undefined {
  const tfhd = childOf(bytes, traf, "tfhd");
  if (tfhd === undefined || !holds(tfhd, 8)) return undefined;
  const view = viewOf(bytes);
  const given = view.getUint32(tfhd.bodyStart) & 0xff_ffff;
  const id = view.getUint32(tfhd.bodyStart + 4);
  const track = init.tracks.find((candidate) => candidate.id === id);
  if (track === undefined) return undefined;
  const found: Record<string, number> = {};
  let at = 8;
  for (const field of TFHD_FIELDS) {
    if ((given & field.flag) === 0) continue;
    if (!holds(tfhd, at + field.bytes)) return undefined;
    found[field.name] = view.getUint32(tfhd.bodyStart + at);
    at += field.bytes;
  }
  return {
    track,
    duration: found["duration"] ?? track.defaultDuration,
    sizeBytes: found["sizeBytes"] ?? 0,
    flags: found["flags"] ?? track.defaultFlags,
  };
}

function readTfdt(bytes: Uint8Array, traf: Box): number | undefined {
  const tfdt = childOf(bytes, traf, "tfdt");
  if (tfdt === undefined || !holds(tfdt, 8)) return undefined;
  const view = viewOf(bytes);
  if (bytes[tfdt.bodyStart] !== 1) return view.getUint32(tfdt.bodyStart + 4);
  if (!holds(tfdt, 12)) return undefined;
  const time = readU64(view, tfdt.bodyStart + 4);
  return Number.isSafeInteger(time) ? time : undefined;
}

/** sample_is_non_sync_sample (ISO/IEC 14496-12 §8.8.3.1). */
const NOT_A_KEY = 0x0001_0000;

type Samples = Pick<Mp4Fragment, "startsWithKey" | "duration" | "pictures" | "pictureBytes">;

function readSamples(bytes: Uint8Array, traf: Box, header: Tfhd): Samples | undefined {
  let found: Samples | undefined;
  for (const trun of boxesWithin(bytes, traf.bodyStart, traf.end)) {
    if (trun.type !== "trun") continue;
    const run = readTrun(bytes, trun, header);
    if (run === undefined) return undefined;
    found =
      found === undefined
        ? run
        : {
            startsWithKey: found.startsWithKey,
            duration: found.duration + run.duration,
            pictures: found.pictures + run.pictures,
            pictureBytes: found.pictureBytes + run.pictureBytes,
          };
  }
  return found;
}

function readTrun(bytes: Uint8Array, trun: Box, header: Tfhd): Samples | undefined {
  if (!holds(trun, 8)) return undefined;
  const view = viewOf(bytes);
  const given = view.getUint32(trun.bodyStart) & 0xff_ffff;
  const has = (flag: number): boolean => (given & flag) !== 0;
  const pictures = view.getUint32(trun.bodyStart + 4);
  const rowBytes = 4 * [0x100, 0x200, 0x400, 0x800].filter(has).length;
  const fixedBytes = 8 + (has(0x01) ? 4 : 0) + (has(0x04) ? 4 : 0);
  if (pictures === 0 || !holds(trun, fixedBytes + pictures * rowBytes)) return undefined;
  const rows = trun.bodyStart + fixedBytes;
  const column = (flag: number, row: number): number | undefined => {
    if (!has(flag)) return undefined;
    const before = [0x100, 0x200, 0x400].filter((other) => other < flag && has(other)).length;
    return view.getUint32(rows + row * rowBytes + 4 * before);
  };
  let duration = 0;
  let pictureBytes = 0;
  for (let row = 0; row < pictures; row += 1) {
    duration += column(0x100, row) ?? header.duration;
    pictureBytes += column(0x200, row) ?? header.sizeBytes;
    // Without columns each row is the same; a hostile count must not be walked.
    if (rowBytes === 0) {
      duration = header.duration * pictures;
      pictureBytes = header.sizeBytes * pictures;
      break;
    }
  }
  const firstFlags = has(0x04) ? view.getUint32(rows - 4) : (column(0x400, 0) ?? header.flags);
  return { startsWithKey: (firstFlags & NOT_A_KEY) === 0, duration, pictures, pictureBytes };
}
