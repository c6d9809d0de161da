import { createWriteStream } from "node:fs";
import { copyFile, mkdir, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { ZipFile } from "yazl";
import { asDiskFault } from "../../media/disk-fault.ts";
import { nameDurably } from "../clips/durable-file.ts";

/** A file of a package: its own bytes, or where they lie. */
export interface PackageEntry {
  /** Relative, with `/`. */
  readonly name: string;
  readonly content: { readonly bytes: Buffer } | { readonly path: string };
}

/** Uncompressed, because pictures do not shrink and a reader can then read them where they lie. */
export async function writeZip(
  entries: readonly PackageEntry[],
  file: string,
  { madeAt, signal }: { readonly madeAt: Date; readonly signal: AbortSignal },
): Promise<{ readonly bytes: number }> {
  const zip = new ZipFile();
  const failed = Promise.withResolvers<never>();
  zip.on("error", (error) => failed.reject(error));
  const options = { compress: false, mtime: madeAt, mode: 0o100644 };
  for (const { name, content } of entries) {
    if ("path" in content) zip.addFile(content.path, name, options);
    else zip.addBuffer(content.bytes, name, options);
  }
  zip.end();
  const part = `${file}.part`;
  try {
    const target = createWriteStream(part, { mode: 0o600, flush: true });
    await Promise.race([pipeline(zip.outputStream, target, { signal }), failed.promise]);
    const { size } = await stat(part);
    await nameDurably(part, file);
    return { bytes: size };
  } catch (error) {
    throw asDiskFault(error, file);
  }
}

/** The same as a folder, which must not be there yet. */
export async function writeFolder(entries: readonly PackageEntry[], folder: string): Promise<void> {
  await mkdir(folder);
  for (const { name, content } of entries) {
    const file = join(folder, name);
    await mkdir(dirname(file), { recursive: true });
    if ("path" in content) await copyFile(content.path, file);
    else await writeFile(file, content.bytes);
  }
}
