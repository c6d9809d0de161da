/** One box of ISO/IEC 14496-12, by its place in the bytes it was found in. */
export interface Box {
  /** Four characters: `moof`. */
  readonly type: string;
  readonly start: number;
  /** Where its content begins, after the header. */
  readonly bodyStart: number;
  /** May lie beyond the bytes at hand: then the box is not whole yet. */
  readonly end: number;
}

/** A box larger than this is not one of ours: ten seconds of the fattest camera are a tenth of it. */
const MAX_BOX_BYTES = 256 * 1_048_576;

const HEADER_BYTES = 8;
/** Header with a 64-bit size. */
const LONG_HEADER_BYTES = 16;

/**
 * The header at `offset`. `undefined`: too few bytes to say. `null`: no box can begin like this. At most 16 bytes are
 * looked at, so a file can be walked by reading 16 bytes at each box's `end`.
 */
export function boxAt(bytes: Uint8Array, offset: number): Box | null | undefined {
  if (offset + HEADER_BYTES > bytes.length) return undefined;
  const view = viewOf(bytes);
  const type = typeAt(bytes, offset + 4);
  if (type === undefined) return null;
  const short = view.getUint32(offset);
  if (short !== 1) return boxOf(type, offset, short, HEADER_BYTES);
  if (offset + LONG_HEADER_BYTES > bytes.length) return undefined;
  return boxOf(type, offset, readU64(view, offset + 8), LONG_HEADER_BYTES);
}

function boxOf(type: string, start: number, sizeBytes: number, headerBytes: number): Box | null {
  if (sizeBytes < headerBytes || sizeBytes > MAX_BOX_BYTES) return null;
  return { type, start, bodyStart: start + headerBytes, end: start + sizeBytes };
}

/** Printable ASCII, as all types of the standard are. */
function typeAt(bytes: Uint8Array, offset: number): string | undefined {
  let type = "";
  for (const code of bytes.subarray(offset, offset + 4)) {
    if (code < 0x20 || code > 0x7e) return undefined;
    type += String.fromCharCode(code);
  }
  return type;
}

/** The whole boxes from `start` to `end`, up to the first that is torn or no box. */
export function boxesWithin(bytes: Uint8Array, start = 0, end = bytes.length): readonly Box[] {
  const found: Box[] = [];
  const limit = Math.min(end, bytes.length);
  let offset = start;
  while (offset < limit) {
    const box = boxAt(bytes, offset);
    if (box === null || box === undefined || box.end > limit) break;
    found.push(box);
    offset = box.end;
  }
  return found;
}

/** The first box of that type in another one's content; `skipBytes` of fields come before its children. */
export function childOf(bytes: Uint8Array, parent: Box, type: string, skipBytes = 0): Box | undefined {
  return boxesWithin(bytes, parent.bodyStart + skipBytes, parent.end).find((box) => box.type === type);
}

/** Whether the box, whole, holds at least so many bytes of content. */
export function holds(box: Box, bodyBytes: number): boolean {
  return box.end - box.bodyStart >= bodyBytes;
}

export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Exact up to 2^53; decode times at 90 kHz stay below that for three thousand years. */
export function readU64(view: DataView, offset: number): number {
  return view.getUint32(offset) * 0x1_0000_0000 + view.getUint32(offset + 4);
}

/** Boxes that come before a `moof` and belong to its fragment. */
const LEADS_FRAGMENT = new Set(["prft", "styp", "emsg", "sidx"]);
/** Boxes that carry no picture and may stand anywhere: `mfra` ends a finished file. */
const PASSED_OVER = new Set(["free", "skip", "mfra", "udta", "uuid", "meta"]);

type Step = "more" | "init" | "fragment" | "broken";

/** Walks top-level boxes in their order and says where an init segment or a fragment is complete. */
class Grammar {
  private expectsMdat = false;

  take(type: string): Step {
    if (this.expectsMdat) {
      this.expectsMdat = false;
      return type === "mdat" ? "fragment" : "broken";
    }
    if (type === "moof") this.expectsMdat = true;
    else if (type === "moov") return "init";
    else if (type !== "ftyp" && !LEADS_FRAGMENT.has(type) && !PASSED_OVER.has(type)) return "broken";
    return "more";
  }
}

/** `init`: `ftyp` and `moov`. `fragment`: what leads a `moof`, the `moof` and its `mdat`. */
export interface Mp4Piece {
  readonly kind: "init" | "fragment";
  readonly bytes: Uint8Array;
}

/** Cuts fragmented MP4 that comes in pieces of any size into init segments and fragments. */
export interface Mp4Splitter {
  /** Whole pieces in order. The bytes given must not be changed afterwards. After bytes that are no fragmented MP4 nothing comes any more, see `broken`. */
  push(bytes: Uint8Array): readonly Mp4Piece[];
  readonly broken: boolean;
  /** What waits for its rest; never more than a fragment and the last piece pushed. */
  readonly heldBytes: number;
}

export function newMp4Splitter(): Mp4Splitter {
  const grammar = new Grammar();
  let held: Uint8Array[] = [];
  let heldBytes = 0;
  /** Nothing can be decided before so many bytes are held. */
  let neededBytes = HEADER_BYTES;
  /** Where the next box begins within what is held. */
  let offset = 0;
  let broken = false;

  const fail = (): void => {
    broken = true;
    held = [];
    heldBytes = 0;
  };
  const joined = (): Uint8Array => {
    const only = held[0];
    if (held.length === 1 && only !== undefined) return only;
    const all = concatBytes(held);
    held = [all];
    return all;
  };
  const forget = (bytes: Uint8Array, end: number): Uint8Array => {
    const rest = bytes.subarray(end);
    held = rest.length === 0 ? [] : [rest];
    heldBytes = rest.length;
    offset = 0;
    return rest;
  };
  const cut = (pieces: Mp4Piece[]): void => {
    let bytes = joined();
    for (;;) {
      const box = boxAt(bytes, offset);
      if (box === undefined) {
        neededBytes = Math.max(offset + HEADER_BYTES, bytes.length + 1);
        return;
      }
      if (box === null) {
        fail();
        return;
      }
      if (box.end > bytes.length) {
        neededBytes = box.end;
        return;
      }
      const step = grammar.take(box.type);
      if (step === "broken") {
        fail();
        return;
      }
      offset = box.end;
      if (step === "more") {
        if (PASSED_OVER.has(box.type)) bytes = forget(bytes, box.end);
        continue;
      }
      pieces.push({ kind: step, bytes: copyOf(bytes.subarray(0, box.end)) });
      bytes = forget(bytes, box.end);
    }
  };
  return {
    push: (bytes) => {
      const pieces: Mp4Piece[] = [];
      if (broken || bytes.length === 0) return pieces;
      held.push(bytes);
      heldBytes += bytes.length;
      if (heldBytes >= neededBytes) cut(pieces);
      return pieces;
    },
    get broken() {
      return broken;
    },
    get heldBytes() {
      return heldBytes;
    },
  };
}

/** Where the parts of a file lie. Offsets are those of the bytes given. */
export interface FileLayout {
  /** From 0 to here: `ftyp` and `moov`. */
  readonly initEnd: number;
  /** Whole fragments in order, each with what leads it (`prft`). */
  readonly fragments: readonly { readonly start: number; readonly end: number }[];
  /** End of the last whole fragment, or of the init segment: a torn file is cut here. */
  readonly wholeEnd: number;
}

/** For a file that a crash may have torn; undefined when not even its init segment is whole. */
export function layoutOf(bytes: Uint8Array): FileLayout | undefined {
  const walk = newLayoutWalk();
  for (let box = boxAt(bytes, 0); box && box.end <= bytes.length; box = boxAt(bytes, box.end)) {
    if (!walk.take(box)) break;
  }
  return walk.layout();
}

/** The same without the bytes: takes the headers of the top-level boxes, whole ones only, in their order. */
export interface LayoutWalk {
  /** False: this box can't stand here; what follows is not to be read. */
  take(box: Box): boolean;
  layout(): FileLayout | undefined;
}

export function newLayoutWalk(): LayoutWalk {
  const grammar = new Grammar();
  const fragments: { start: number; end: number }[] = [];
  let initEnd: number | undefined;
  let start = 0;
  return {
    take: ({ type, end }) => {
      const step = grammar.take(type);
      if (step === "init") initEnd ??= end;
      if (step === "fragment") fragments.push({ start, end });
      if (step !== "more" || PASSED_OVER.has(type)) start = end;
      return step !== "broken";
    },
    layout: () =>
      initEnd === undefined ? undefined : { initEnd, fragments, wholeEnd: fragments.at(-1)?.end ?? initEnd },
  };
}

/** A Buffer's own `slice` would share its memory. */
export function copyOf(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes);
}

export function concatBytes(parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
