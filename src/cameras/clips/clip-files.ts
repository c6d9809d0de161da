import { readdirSync, rmSync } from "node:fs";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** Where a clip's files lie. Ids are ours and checked against the table before they become a name. */
export interface ClipFiles {
  video(id: string): string;
  picture(id: string): string;
  keepPicture(id: string, jpeg: Uint8Array): Promise<void>;
  remove(id: string): Promise<void>;
}

export function filesIn(dir: string): ClipFiles {
  const video = (id: string): string => join(dir, `${id}.mp4`);
  const picture = (id: string): string => join(dir, `${id}.jpg`);
  return {
    video,
    picture,
    keepPicture: (id, jpeg) => writeFile(picture(id), jpeg, { mode: 0o600 }),
    remove: async (id) => {
      await rm(video(id), { force: true });
      await rm(picture(id), { force: true });
    },
  };
}

/** Removes what a crash left behind: files without a row, and halves. */
export function sweep(dir: string, ids: ReadonlySet<string>): void {
  for (const name of readdirSync(dir)) {
    const [, id = ""] = /^([0-9a-f-]+)\.(?:mp4|jpg)$/.exec(name) ?? [];
    if (!ids.has(id)) rmSync(join(dir, name), { force: true });
  }
}
