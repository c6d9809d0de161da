import { open, type FileHandle } from "node:fs/promises";
import { basename } from "node:path";
import { Fault } from "../../kernel/faults.ts";
import { text } from "../../kernel/text.ts";
import type { EpochMs } from "../../kernel/time.ts";
import type { CutFragment } from "../rules/cut.ts";
import { readFragment, retimeFragment, msToUnits, unitsToMs } from "../rules/mp4-fragment.ts";
import { readInit, type Mp4Init } from "../rules/mp4-init.ts";
import { boxAt, newLayoutWalk, type FileLayout } from "../rules/mp4.ts";

/** A file of the ring that was looked through: where its fragments lie and what they hold. */
export interface SegmentSource {
  readonly path: string;
  readonly startAt: EpochMs;
  readonly initBytes: Uint8Array;
  readonly init: Mp4Init;
  readonly fragments: readonly PlacedFragment[];
}

export interface PlacedFragment extends CutFragment {
  readonly start: number;
  readonly end: number;
}

const BOX_HEADER_BYTES = 16;

/**
 * Looks through a file without reading its pictures. One that is being written counts as long as it is now.
 * Undefined when nothing in it can be played.
 */
export async function readSegmentSource(path: string, startAt: EpochMs): Promise<SegmentSource | undefined> {
  await using file = await open(path, "r");
  const { size } = await file.stat();
  const { layout, heads } = await layoutOnDisk(file, size);
  if (layout === undefined) return undefined;
  const initBytes = await bytesAt(file, 0, layout.initEnd);
  const init = readInit(initBytes);
  if (init === undefined) return undefined;
  const fragments: PlacedFragment[] = [];
  for (const [index, { start, end }] of layout.fragments.entries()) {
    const told = readFragment(await bytesAt(file, start, heads[index] ?? end), init);
    if (told === undefined) continue;
    fragments.push({
      start,
      end,
      fromMs: unitsToMs(told.decodeTime, init.video),
      toMs: unitsToMs(told.decodeTime + told.duration, init.video),
      key: told.startsWithKey,
    });
  }
  return fragments.length === 0 ? undefined : { path, startAt, initBytes, init, fragments };
}

/** `heads`: where the `moof` of each fragment ends. */
async function layoutOnDisk(
  file: FileHandle,
  size: number,
): Promise<{ readonly layout: FileLayout | undefined; readonly heads: readonly number[] }> {
  const walk = newLayoutWalk();
  const heads: number[] = [];
  for (let at = 0; at + 8 <= size;) {
    const box = boxAt(await bytesAt(file, at, Math.min(at + BOX_HEADER_BYTES, size)), 0);
    if (box === null || box === undefined) break;
    const placed = { ...box, start: at, bodyStart: at + box.bodyStart, end: at + box.end };
    if (placed.end > size || !walk.take(placed)) break;
    if (box.type === "moof") heads.push(placed.end);
    at = placed.end;
  }
  return { layout: walk.layout(), heads };
}

/** The fragments `first` to `last` (not included), as they are but for their time: the first begins at `mediaMs`. */
export async function* fragmentsOf(
  { path, init, fragments }: SegmentSource,
  { first, last, mediaMs }: { readonly first: number; readonly last: number; readonly mediaMs: number },
): AsyncGenerator<Uint8Array> {
  await using file = await open(path, "r");
  const shiftMs = mediaMs - (fragments[first]?.fromMs ?? 0);
  for (const { start, end } of fragments.slice(first, last)) {
    const bytes = await bytesAt(file, start, end);
    const moved = retimeFragment(bytes, init, (track, time) => Math.max(0, time + msToUnits(shiftMs, track)));
    if (moved === undefined) throw unreadable(path, start);
    yield moved;
  }
}

async function bytesAt(file: FileHandle, from: number, to: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(to - from);
  let filled = 0;
  while (filled < bytes.length) {
    const { bytesRead } = await file.read(bytes, filled, bytes.length - filled, from + filled);
    if (bytesRead === 0) throw unreadable("the file", from + filled);
    filled += bytesRead;
  }
  return bytes;
}

/** What could be read a moment ago can't any more. */
function unreadable(what: string, at: number): Fault {
  return new Fault(
    "corrupt",
    text(
      `A recorded file is damaged (${basename(what)}, byte ${at}).`,
      `Một tệp ghi hình bị hỏng (${basename(what)}, byte ${at}).`,
    ),
  );
}
