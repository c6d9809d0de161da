import { createHash } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { mkdir, open, readdir, rm } from "node:fs/promises";
import path from "node:path";
import { pipeline } from "node:stream/promises";
import type { Readable, Writable } from "node:stream";
import { createGunzip, createGzip } from "node:zlib";
import { extract, pack, type Header, type Pack } from "tar-stream";
import { z } from "zod";
import { asError, Fault } from "../kernel/faults.ts";
import { text } from "../kernel/text.ts";
import { epochMs, type EpochMs } from "../kernel/time.ts";

/** The archive's last entry: what must be in it. Last, because each hash is known only when its file has been read. */
const MANIFEST = "tienglang-backup.json";

const Manifest = z.strictObject({
  format: z.literal(1),
  version: z.string(),
  createdAt: z.int(),
  files: z.array(z.strictObject({ name: z.string(), bytes: z.int().min(0), sha256: z.string().length(64) })),
});
type Manifest = z.infer<typeof Manifest>;

/** One file of the archive and where it is read from: they differ for the copy of a database. */
export interface ArchiveSource {
  /** Relative, with `/`. */
  readonly name: string;
  readonly file: string;
}

export interface ArchiveContent {
  readonly version: string;
  readonly createdAt: EpochMs;
  readonly fileCount: number;
  readonly bytes: number;
}

/**
 * Writes the files as tar.gz while it is read. Sources are listed when their turn comes, so a file that has gone
 * meanwhile is left out, and one that is growing is taken as long as it was when opened.
 */
export function writeArchive(
  sources: AsyncIterable<ArchiveSource>,
  { version, createdAt }: { readonly version: string; readonly createdAt: EpochMs },
): Readable {
  const tar = pack();
  const zipped = createGzip({ level: 1 });
  const fill = async (): Promise<void> => {
    const files: Manifest["files"] = [];
    for await (const source of sources) {
      const written = await addFile(tar, source);
      if (written !== undefined) files.push(written);
    }
    const manifest: Manifest = { format: 1, version, createdAt, files };
    tar.entry({ name: MANIFEST, mode: 0o600 }, JSON.stringify(manifest));
    tar.finalize();
  };
  fill().catch((error: unknown) => tar.destroy(asError(error)));
  // A failure ends the reader's stream too; there is nobody else to tell.
  pipeline(tar as AsyncIterable<Uint8Array>, zipped).catch((error: unknown) =>
    zipped.destroy(asError(error)),
  );
  return zipped;
}

/** All files below a folder, without those whose path (relative, with `/`) is skipped. Links are not followed. */
export async function* filesBelow(
  root: string,
  isSkipped: (name: string) => boolean,
  folder = "",
): AsyncGenerator<ArchiveSource> {
  const entries = await readdir(path.join(root, folder), { withFileTypes: true });
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const name = folder === "" ? entry.name : `${folder}/${entry.name}`;
    if (isSkipped(name)) continue;
    if (entry.isDirectory()) yield* filesBelow(root, isSkipped, name);
    else if (entry.isFile()) yield { name, file: path.join(root, name) };
  }
}

/**
 * Unpacks into a folder that must not exist yet and checks every file against the manifest. Throws Fault("corrupt")
 * for anything else than a whole archive of ours, and leaves no folder behind then.
 */
export async function unpackArchive(file: string, into: string): Promise<ArchiveContent> {
  await mkdir(into, { mode: 0o700 });
  try {
    return await readArchive(file, (entry) => writeFileOf(entry, into));
  } catch (error) {
    await rm(into, { recursive: true, force: true });
    throw error;
  }
}

/** Reads it whole and checks it, without unpacking. */
export async function checkArchive(file: string): Promise<ArchiveContent> {
  return readArchive(file, (entry) => measured(entry, drain));
}

async function drain(content: AsyncGenerator<Buffer>): Promise<void> {
  while ((await content.next()).done !== true);
}

async function addFile(
  tar: Pack,
  { name, file }: ArchiveSource,
): Promise<Manifest["files"][number] | undefined> {
  await using handle = await open(file).catch(unlessGone);
  if (handle === undefined) return undefined;
  const { size, mode, mtime } = await handle.stat();
  const hash = createHash("sha256");
  const entry = tar.entry({ name, size, mode: mode & 0o777, mtime });
  const content = async function* (): AsyncGenerator<Buffer> {
    if (size === 0) return;
    for await (const chunk of createReadStream("", { fd: handle.fd, autoClose: false, end: size - 1 })) {
      hash.update(chunk as Buffer);
      yield chunk as Buffer;
    }
  };
  await pipeline(content, asNodeStream(entry));
  return { name, bytes: size, sha256: hash.digest("hex") };
}

/** tar-stream's streams are streamx's: Node's pipeline takes them, only the types do not know it. */
function asNodeStream(stream: object): Writable {
  return stream as Writable;
}

/** A file on its way out of the archive. */
type Entry = AsyncIterable<Buffer> & { readonly header: Header };

function unlessGone(error: unknown): undefined {
  if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
  throw error;
}

interface Measured {
  readonly bytes: number;
  readonly sha256: string;
}

async function readArchive(file: string, take: (entry: Entry) => Promise<Measured>): Promise<ArchiveContent> {
  try {
    return await contentOf(file, take);
  } catch (error) {
    throw error instanceof Fault ? error : asFault(file, asError(error));
  }
}

async function contentOf(file: string, take: (entry: Entry) => Promise<Measured>): Promise<ArchiveContent> {
  const found = new Map<string, Measured>();
  let manifest: Manifest | undefined;
  const entries = extract();
  const reading = pipeline(createReadStream(file), createGunzip(), asNodeStream(entries));
  const taking = async (): Promise<void> => {
    for await (const entry of entries as AsyncIterable<Entry>) {
      const { name, type } = entry.header;
      if (type !== "file" || !isPlainPath(name)) throw new Error(`unexpected entry ${name}`);
      if (name === MANIFEST) manifest = Manifest.parse(JSON.parse(await textOf(entry)));
      else found.set(name, await take(entry));
    }
  };
  await Promise.all([reading, taking()]);
  if (manifest === undefined) throw notWhole(file, "no list of contents");
  const strange = firstDifference(manifest, found);
  if (strange !== undefined) throw notWhole(file, strange);
  return {
    version: manifest.version,
    createdAt: epochMs(manifest.createdAt),
    fileCount: manifest.files.length,
    bytes: manifest.files.reduce((sum, { bytes }) => sum + bytes, 0),
  };
}

/** Name of a file that is missing, changed, or not in the list. */
function firstDifference({ files }: Manifest, found: ReadonlyMap<string, Measured>): string | undefined {
  const listed = new Set(files.map(({ name }) => name));
  const wrong = files.find(({ name, bytes, sha256 }) => {
    const is = found.get(name);
    return is?.bytes !== bytes || is.sha256 !== sha256;
  });
  return wrong?.name ?? [...found.keys()].find((name) => !listed.has(name));
}

/** Longest list of contents that is read; about a hundred thousand files. */
const MAX_MANIFEST_BYTES = 32 * 1_048_576;

async function textOf(entry: Entry): Promise<string> {
  if (entry.header.size > MAX_MANIFEST_BYTES) throw new Error("the list of contents is too long");
  const chunks: Buffer[] = [];
  for await (const chunk of entry) chunks.push(chunk);
  return Buffer.concat(chunks).toString("utf8");
}

async function writeFileOf(entry: Entry, into: string): Promise<Measured> {
  const { name, mode } = entry.header;
  const target = path.join(into, name);
  await mkdir(path.dirname(target), { recursive: true, mode: 0o700 });
  return measured(entry, (content) =>
    pipeline(content, createWriteStream(target, { flags: "wx", mode: mode & 0o777, flush: true })),
  );
}

async function measured(
  entry: Entry,
  use: (content: AsyncGenerator<Buffer>) => Promise<void>,
): Promise<Measured> {
  const hash = createHash("sha256");
  let bytes = 0;
  const counting = async function* (): AsyncGenerator<Buffer> {
    for await (const chunk of entry) {
      hash.update(chunk);
      bytes += chunk.length;
      yield chunk;
    }
  };
  await use(counting());
  return { bytes, sha256: hash.digest("hex") };
}

/** Nothing of the archive may land outside its folder. */
function isPlainPath(name: string): boolean {
  return (
    !path.isAbsolute(name) && name.split("/").every((part) => part !== "" && part !== "." && part !== "..")
  );
}

function asFault(file: string, cause: Error): Fault {
  const code = "code" in cause ? cause.code : undefined;
  if (code === "ENOENT") {
    return new Fault("not-found", text(`There is no file ${file}.`, `Không có tệp ${file}.`), { cause });
  }
  if (code === "ENOSPC" || code === "EACCES" || code === "EPERM") {
    return new Fault(
      "unavailable",
      text(`${file} can't be unpacked: ${cause.message}.`, `Không giải nén được ${file}: ${cause.message}.`),
      { cause },
    );
  }
  return notWhole(file, cause.message, cause);
}

function notWhole(file: string, what: string, cause?: Error): Fault {
  return new Fault(
    "corrupt",
    text(
      `${file} is not a whole backup of tienglang (${what}).`,
      `${file} không phải bản sao lưu tienglang nguyên vẹn (${what}).`,
    ),
    { cause, hint: text("Take another backup file.", "Hãy dùng bản sao lưu khác.") },
  );
}
