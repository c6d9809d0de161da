import { createHash } from "node:crypto";
import { open, type FileHandle } from "node:fs/promises";
import { readInit, type Mp4Init } from "../rules/mp4-init.ts";
import { readFragment, unitsToMs, type Mp4Fragment } from "../rules/mp4-fragment.ts";
import { boxAt, newLayoutWalk, type Box } from "../rules/mp4.ts";
import { nalCodecOf, sequenceSetOf } from "../rules/parameter-sets.ts";

/** What a recorded file holds. */
export interface Measured {
  /** Of the whole part. When `torn`, what comes after it is broken, or of another time or size. */
  readonly wholeBytes: number;
  readonly torn: boolean;
  readonly codec: string;
  readonly durationMs: number;
  readonly fragments: number;
}

/** A box's header needs no more (64-bit size). */
const HEADER_BYTES = 16;
/** More pictures without a word in between do not go into one fragment of a second. */
const HEAD_LIMIT_BYTES = 1_048_576;
/** A second of pictures can't last longer: the recorder ends a run that stands still for five. */
const LONGEST_FRAGMENT_MS = 15_000;

/**
 * Walks a fragmented file by its boxes, without decoding. Undefined when not one whole fragment is in it. The file ends,
 * for us, before the first fragment that is torn, jumps in time, or begins with pictures of another size.
 */
export async function measureFile(path: string): Promise<Measured | undefined> {
  await using file = await open(path, "r");
  const { size } = await file.stat();
  const { boxes, layout } = await walk(file, size);
  if (layout === undefined) return undefined;
  const init = readInit(await read(file, 0, layout.initEnd));
  if (init === undefined) return undefined;
  const measured = await addUp({ file, boxes, init }, layout.fragments);
  if (measured === undefined) return undefined;
  const torn = measured.wholeBytes < layout.wholeEnd || boxes.at(-1)?.end !== size;
  return { ...measured, torn, codec: init.codecs };
}

interface Stretch {
  readonly start: number;
  readonly end: number;
}

interface Walked {
  readonly file: FileHandle;
  readonly boxes: readonly Box[];
  readonly init: Mp4Init;
}

/** Fragment by fragment, up to the first that does not belong to what came before. */
async function addUp(
  { file, boxes, init }: Walked,
  fragments: readonly Stretch[],
): Promise<ReturnType<Sum["result"]>> {
  const sum = newSum(init);
  const moofs = boxes.filter(({ type }) => type === "moof");
  for (const [index, { start, end }] of fragments.entries()) {
    const moof = moofs[index];
    if (moof === undefined || moof.end - start > HEAD_LIMIT_BYTES) break;
    const fragment = readFragment(await read(file, start, moof.end), init);
    if (fragment === undefined || !sum.fits(fragment)) break;
    if (fragment.startsWithKey && !sum.sameSize(await sizeWords(file, { start, end }, init))) break;
    sum.add(fragment, end);
  }
  return sum.result();
}

interface Sum {
  fits(fragment: Mp4Fragment): boolean;
  sameSize(sequenceSet: string | undefined): boolean;
  add(fragment: Mp4Fragment, end: number): void;
  result(): Omit<Measured, "torn" | "codec"> | undefined;
}

function newSum({ video }: Mp4Init): Sum {
  let endUnits: number | undefined;
  let startUnits = 0;
  let wholeBytes = 0;
  let fragments = 0;
  let sequence: string | undefined;
  const ms = (units: number): number => unitsToMs(units, video);
  return {
    fits: ({ decodeTime, duration }) =>
      ms(duration) <= LONGEST_FRAGMENT_MS &&
      (endUnits === undefined || Math.abs(ms(decodeTime - endUnits)) <= LONGEST_FRAGMENT_MS),
    sameSize: (found) => {
      if (found === undefined) return true;
      sequence ??= found;
      return sequence === found;
    },
    add: ({ decodeTime, duration }, end) => {
      if (endUnits === undefined) startUnits = decodeTime;
      endUnits = decodeTime + duration;
      wholeBytes = end;
      fragments += 1;
    },
    result: () =>
      endUnits === undefined
        ? undefined
        : {
            wholeBytes,
            fragments,
            durationMs: Math.round(ms(endUnits - startUnits)),
          },
  };
}

/** Parameter sets stand at the front of a fragment's pictures; the pictures themselves need not be read. */
const PARAMETER_SETS_BYTES = 4_096;

async function sizeWords(
  file: FileHandle,
  { start, end }: Stretch,
  { video }: Mp4Init,
): Promise<string | undefined> {
  const codec = nalCodecOf(video.codec);
  return codec === undefined
    ? undefined
    : sequenceSetOf(await read(file, start, Math.min(end, start + PARAMETER_SETS_BYTES)), codec);
}

async function walk(
  file: FileHandle,
  size: number,
): Promise<{ boxes: readonly Box[]; layout: ReturnType<ReturnType<typeof newLayoutWalk>["layout"]> }> {
  const walking = newLayoutWalk();
  const boxes: Box[] = [];
  let offset = 0;
  while (offset < size) {
    const found = boxAt(await read(file, offset, Math.min(size, offset + HEADER_BYTES)), 0);
    if (!found) break;
    const box = {
      ...found,
      start: offset,
      bodyStart: offset + found.bodyStart,
      end: offset + found.end,
    };
    if (box.end > size || !walking.take(box)) break;
    boxes.push(box);
    offset = box.end;
  }
  return { boxes, layout: walking.layout() };
}

async function read(file: FileHandle, start: number, end: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(Math.max(0, end - start));
  const { bytesRead } = await file.read(bytes, 0, bytes.length, start);
  return bytes.subarray(0, bytesRead);
}

const HASH_PIECE_BYTES = 1_048_576;

/** Hex SHA-256 of the whole file, read in pieces. */
export async function hashFile(path: string): Promise<string> {
  await using file = await open(path, "r");
  const hash = createHash("sha256");
  const piece = new Uint8Array(HASH_PIECE_BYTES);
  for (;;) {
    const { bytesRead } = await file.read(piece, 0, piece.length, null);
    if (bytesRead === 0) return hash.digest("hex");
    hash.update(piece.subarray(0, bytesRead));
  }
}
