import { open, rename } from "node:fs/promises";
import { dirname } from "node:path";

/** A new name in a folder outlives a power cut only when the folder itself is on the disk. */
async function syncFolder(folder: string): Promise<void> {
  await using handle = await open(folder, "r");
  await handle.sync();
}

/** Gives a file that is on the disk already its final name. */
export async function nameDurably(part: string, file: string): Promise<void> {
  await rename(part, file);
  await syncFolder(dirname(file));
}
