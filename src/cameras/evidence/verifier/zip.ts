import type { PackageFile } from "./findings.ts";

/** End of central directory: its fixed part, and the longest comment behind it (APPNOTE 4.3.16). */
const END_BYTES = 22;
const MOST_COMMENT_BYTES = 65_535;
const [END_MARK, END64_MARK, ENTRY_MARK, LOCAL_MARK] = [0x06054b50, 0x06064b50, 0x02014b50, 0x04034b50];
const ZIP64_FIELD = 1;

/**
 * The files of a package's zip, read where they lie: packages store them uncompressed. Throws for anything else than
 * such a zip.
 */
export async function filesOfZip(zip: PackageFile): Promise<PackageFile[]> {
  const directory = await findDirectory(zip);
  const bytes = await zip.read(directory.from, directory.to);
  const view = viewOf(bytes);
  const files: PackageFile[] = [];
  for (let at = 0; at + 46 <= bytes.length && view.getUint32(at, true) === ENTRY_MARK;) {
    const lengths = [28, 30, 32].map((field) => view.getUint16(at + field, true));
    const [nameBytes = 0, extraBytes = 0, commentBytes = 0] = lengths;
    const nameAt = at + 46;
    const name = new TextDecoder().decode(bytes.subarray(nameAt, nameAt + nameBytes));
    if (view.getUint16(at + 10, true) !== 0) throw new Error(`${name} is compressed: not a package of ours`);
    const extra = bytes.subarray(nameAt + nameBytes, nameAt + nameBytes + extraBytes);
    const [size = 0, , start = 0] = wide(
      [24, 20, 42].map((field) => view.getUint32(at + field, true)),
      extra,
    );
    if (!name.endsWith("/")) files.push(entryFile(zip, name, { size, start }));
    at = nameAt + nameBytes + extraBytes + commentBytes;
  }
  if (files.length === 0) throw new Error("no zip, or an empty one");
  return files;
}

/** Values that do not fit in 32 bits stand in the extra field, in their order (APPNOTE 4.5.3). */
function wide(values: readonly number[], extra: Uint8Array): readonly number[] {
  const view = viewOf(extra);
  for (let at = 0; at + 4 <= extra.length; at += 4 + view.getUint16(at + 2, true)) {
    if (view.getUint16(at, true) !== ZIP64_FIELD) continue;
    let next = at + 4;
    return values.map((value) => {
      if (value !== 0xffff_ffff) return value;
      next += 8;
      return Number(view.getBigUint64(next - 8, true));
    });
  }
  return values;
}

async function findDirectory(zip: PackageFile): Promise<{ readonly from: number; readonly to: number }> {
  const tailAt = Math.max(0, zip.size - END_BYTES - MOST_COMMENT_BYTES - 76);
  const view = viewOf(await zip.read(tailAt, zip.size));
  for (let at = view.byteLength - END_BYTES; at >= 0; at -= 1) {
    if (view.getUint32(at, true) !== END_MARK) continue;
    const [size, from] = [view.getUint32(at + 12, true), view.getUint32(at + 16, true)];
    const is64 = at >= 76 && view.getUint32(at - 76, true) === END64_MARK;
    if (from !== 0xffff_ffff || !is64) return { from, to: from + size };
    const from64 = Number(view.getBigUint64(at - 76 + 48, true));
    return { from: from64, to: from64 + Number(view.getBigUint64(at - 76 + 40, true)) };
  }
  throw new Error("no zip");
}

function entryFile(
  zip: PackageFile,
  name: string,
  { size, start }: { size: number; start: number },
): PackageFile {
  /** The local header has a name and extra field of its own length. */
  const dataAt = async (): Promise<number> => {
    const view = viewOf(await zip.read(start, start + 30));
    if (view.getUint32(0, true) !== LOCAL_MARK) throw new Error(`${name}: the zip is damaged`);
    return start + 30 + view.getUint16(26, true) + view.getUint16(28, true);
  };
  return {
    name,
    size,
    read: async (from, to) => {
      const at = await dataAt();
      return zip.read(at + from, at + to);
    },
  };
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
