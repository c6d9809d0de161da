import { createHash } from "node:crypto";
import { open, readdir, stat } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import { withoutDroppings, type PackageFile, type VerifierTools } from "./findings.ts";
import { webTools } from "./web-tools.ts";
import { filesOfZip } from "./zip.ts";

/** The files of an unpacked package, or of its zip. */
export async function filesAt(path: string): Promise<PackageFile[]> {
  const about = await stat(path);
  if (!about.isDirectory()) return filesOfZip(fileAt(path, path, about.size));
  const files: PackageFile[] = [];
  for (const entry of await readdir(path, { recursive: true, withFileTypes: true })) {
    if (entry.isDirectory()) continue;
    const file = join(entry.parentPath, entry.name);
    files.push(fileAt(file, relative(path, file).split(sep).join("/"), (await stat(file)).size));
  }
  return withoutDroppings(files);
}

function fileAt(path: string, name: string, size: number): PackageFile {
  return {
    name,
    size,
    read: async (from, to) => {
      const file = await open(path, "r");
      try {
        const bytes = new Uint8Array(to - from);
        for (let filled = 0; filled < bytes.length;) {
          const { bytesRead } = await file.read(bytes, filled, bytes.length - filled, from + filled);
          if (bytesRead === 0) return bytes.subarray(0, filled);
          filled += bytesRead;
        }
        return bytes;
      } finally {
        await file.close();
      }
    },
  };
}

const READ_BYTES = 4 * 1_048_576;

/** Node hashes files of any length itself. */
export const nodeTools: VerifierTools = {
  ...webTools,
  sha256: async (file) => {
    const hash = createHash("sha256");
    for (let at = 0; at < file.size; at += READ_BYTES) {
      hash.update(await file.read(at, Math.min(at + READ_BYTES, file.size)));
    }
    return hash.digest("hex");
  },
};
