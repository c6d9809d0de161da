import { boxesWithin, childOf, holds, viewOf, type Box } from "./mp4.ts";

export interface Mp4Track {
  readonly id: number;
  readonly kind: "video" | "audio" | "other";
  /** Units of a second in which this track counts time. */
  readonly timescale: number;
  /** RFC 6381: `avc1.64001f`, `hvc1.1.6.L93.b0`, `mp4a.40.2`; the bare type of the sample entry for anything else. */
  readonly codec: string;
  /** 0 for what is no picture. */
  readonly widthPx: number;
  readonly heightPx: number;
  /** `trex`: what a fragment does not say itself. */
  readonly defaultDuration: number;
  readonly defaultFlags: number;
}

/** What an init segment says. */
export interface Mp4Init {
  readonly tracks: readonly Mp4Track[];
  readonly video: Mp4Track;
  /** All tracks, as `MediaSource.isTypeSupported` wants them within `codecs="…"`. */
  readonly codecs: string;
  /** The `stsd` boxes one after the other: files with equal ones can be played on behind one init segment. */
  readonly description: Uint8Array;
}

/** Undefined for anything that is not an init segment with a picture in it. */
export function readInit(bytes: Uint8Array): Mp4Init | undefined {
  const moov = boxesWithin(bytes).find(({ type }) => type === "moov");
  if (moov === undefined) return undefined;
  const defaults = trackDefaults(bytes, moov);
  const found = boxesWithin(bytes, moov.bodyStart, moov.end)
    .filter(({ type }) => type === "trak")
    .flatMap((trak) => readTrack(bytes, trak, defaults) ?? []);
  const tracks = found.map(({ track }) => track);
  const video = tracks.find(({ kind }) => kind === "video");
  if (video === undefined) return undefined;
  const description = new Uint8Array(found.flatMap(({ stsd }) => [...bytes.subarray(stsd.start, stsd.end)]));
  return { tracks, video, codecs: tracks.map(({ codec }) => codec).join(","), description };
}

/** Whether the fragments of one file can follow those of the other behind the same init segment. */
export function sameDescription(a: Mp4Init, b: Mp4Init): boolean {
  return (
    a.description.length === b.description.length &&
    a.description.every((byte, at) => byte === b.description[at]) &&
    a.tracks.every((track, at) => track.id === b.tracks[at]?.id && track.timescale === b.tracks[at].timescale)
  );
}

interface Defaults {
  readonly duration: number;
  readonly flags: number;
}

function trackDefaults(bytes: Uint8Array, moov: Box): ReadonlyMap<number, Defaults> {
  const found = new Map<number, Defaults>();
  const mvex = childOf(bytes, moov, "mvex");
  if (mvex === undefined) return found;
  const view = viewOf(bytes);
  for (const trex of boxesWithin(bytes, mvex.bodyStart, mvex.end)) {
    if (trex.type !== "trex" || !holds(trex, 24)) continue;
    found.set(view.getUint32(trex.bodyStart + 4), {
      duration: view.getUint32(trex.bodyStart + 12),
      flags: view.getUint32(trex.bodyStart + 20),
    });
  }
  return found;
}

function readTrack(
  bytes: Uint8Array,
  trak: Box,
  defaults: ReadonlyMap<number, Defaults>,
): { track: Mp4Track; stsd: Box } | undefined {
  const mdia = childOf(bytes, trak, "mdia");
  const id = trackId(bytes, childOf(bytes, trak, "tkhd"));
  if (mdia === undefined || id === undefined) return undefined;
  const timescale = timescaleOf(bytes, childOf(bytes, mdia, "mdhd"));
  const stsd = descendant(bytes, mdia, ["minf", "stbl", "stsd"]);
  if (timescale === undefined || stsd === undefined) return undefined;
  const entry = boxesWithin(bytes, stsd.bodyStart + 8, stsd.end)[0];
  if (entry === undefined) return undefined;
  const { duration, flags } = defaults.get(id) ?? { duration: 0, flags: 0 };
  return {
    stsd,
    track: {
      id,
      timescale,
      ...sampleEntry(bytes, entry, handlerOf(bytes, mdia)),
      defaultDuration: duration,
      defaultFlags: flags,
    },
  };
}

function descendant(bytes: Uint8Array, from: Box, path: readonly string[]): Box | undefined {
  return path.reduce<Box | undefined>((box, type) => box && childOf(bytes, box, type), from);
}

/** Version 1 of `tkhd` and `mdhd` has two 64-bit times before the field we want, version 0 two 32-bit ones. */
function fieldAfterTimes(bytes: Uint8Array, box: Box | undefined): number | undefined {
  if (box === undefined || !holds(box, 24)) return undefined;
  const version = bytes[box.bodyStart] ?? 0;
  return viewOf(bytes).getUint32(box.bodyStart + (version === 1 ? 20 : 12));
}

const trackId = fieldAfterTimes;

function timescaleOf(bytes: Uint8Array, mdhd: Box | undefined): number | undefined {
  const timescale = fieldAfterTimes(bytes, mdhd);
  return timescale === 0 ? undefined : timescale;
}

function handlerOf(bytes: Uint8Array, mdia: Box): Mp4Track["kind"] {
  const hdlr = childOf(bytes, mdia, "hdlr");
  if (hdlr === undefined || !holds(hdlr, 12)) return "other";
  switch (String.fromCharCode(...bytes.subarray(hdlr.bodyStart + 8, hdlr.bodyStart + 12))) {
    case "vide":
      return "video";
    case "soun":
      return "audio";
    default:
      return "other";
  }
}

/** Fields of a VisualSampleEntry before its children (ISO/IEC 14496-12 §12.1.3). */
const VISUAL_FIELDS_BYTES = 78;

function sampleEntry(
  bytes: Uint8Array,
  entry: Box,
  kind: Mp4Track["kind"],
): Pick<Mp4Track, "kind" | "codec" | "widthPx" | "heightPx"> {
  if (kind !== "video" || !holds(entry, VISUAL_FIELDS_BYTES)) {
    // Cameras send AAC-LC when they send AAC at all.
    const codec = entry.type === "mp4a" ? "mp4a.40.2" : entry.type.trim().toLowerCase();
    return { kind: kind === "video" ? "other" : kind, codec, widthPx: 0, heightPx: 0 };
  }
  const view = viewOf(bytes);
  return {
    kind,
    codec: videoCodec(bytes, entry),
    widthPx: view.getUint16(entry.bodyStart + 24),
    heightPx: view.getUint16(entry.bodyStart + 26),
  };
}

function videoCodec(bytes: Uint8Array, entry: Box): string {
  const avcC = childOf(bytes, entry, "avcC", VISUAL_FIELDS_BYTES);
  if (avcC !== undefined && holds(avcC, 4)) {
    return `${entry.type}.${hex(bytes.subarray(avcC.bodyStart + 1, avcC.bodyStart + 4))}`;
  }
  const hvcC = childOf(bytes, entry, "hvcC", VISUAL_FIELDS_BYTES);
  if (hvcC !== undefined && holds(hvcC, 13)) {
    return `${entry.type}.${hevcDetails(bytes.subarray(hvcC.bodyStart, hvcC.bodyStart + 13))}`;
  }
  return entry.type;
}

/** ISO/IEC 14496-15 annex E.3: profile, compatibility bits in reverse, tier and level, constraint bytes. */
function hevcDetails(config: Uint8Array): string {
  const general = config[1] ?? 0;
  const space = ["", "A", "B", "C"][general >> 6] ?? "";
  const tier = (general & 0x20) === 0 ? "L" : "H";
  const compatibility = reversedBits(viewOf(config).getUint32(2)).toString(16);
  const constraints = [...config.subarray(6, 12)];
  while (constraints.at(-1) === 0) constraints.pop();
  return [
    `${space}${general & 0x1f}`,
    compatibility,
    `${tier}${config[12] ?? 0}`,
    ...constraints.map((byte) => byte.toString(16)),
  ].join(".");
}

function reversedBits(value: number): number {
  let reversed = 0;
  for (let bit = 0; bit < 32; bit += 1) if (value & (1 << bit)) reversed |= 1 << (31 - bit);
  return reversed >>> 0;
}

function hex(bytes: Uint8Array): string {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
