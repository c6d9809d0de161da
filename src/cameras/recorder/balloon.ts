import { open, rm, stat } from "node:fs/promises";

/** A file that holds room: let go when the disk is full, so that rows and deletions can be written at all. */
export interface Balloon {
  release(): Promise<void>;
  /** Filled when there is at least so much more free than it needs. */
  fill(freeBytes: number, spareBytes: number): Promise<void>;
}

const LARGEST_BYTES = 256 * 1_048_576;
const PART_OF_DISK = 1 / 100;
const PIECE_BYTES = 1_048_576;

export function newBalloon(file: string, totalBytes: number): Balloon {
  const sizeBytes = Math.floor(Math.min(LARGEST_BYTES, totalBytes * PART_OF_DISK));
  const present = async (): Promise<number> =>
    stat(file).then(
      ({ size }) => size,
      () => 0,
    );
  return {
    release: () => rm(file, { force: true }),
    fill: async (freeBytes, spareBytes) => {
      if ((await present()) === sizeBytes || freeBytes < sizeBytes + spareBytes) return;
      await using handle = await open(file, "w");
      const piece = new Uint8Array(PIECE_BYTES);
      for (let at = 0; at < sizeBytes; at += piece.length) {
        await handle.write(piece, 0, Math.min(piece.length, sizeBytes - at), at);
      }
    },
  };
}
