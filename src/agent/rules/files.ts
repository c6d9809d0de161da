/** One encoding of a sound, as the protocol describes it. */
interface Encoding {
  readonly sha256: string;
  readonly bytes: number;
  readonly kbps: number;
}

/** `lan`: the best there is; `sim`: the smallest, because data is paid for. */
export type Preference = "lan" | "sim";

/** The encoding to fetch. */
export function chooseEncoding<E extends Encoding>(files: readonly E[], prefer: Preference): E | undefined {
  return ranked(files, prefer)[0];
}

/** The encoding to play: the preferred one of those on disk. */
export function playableEncoding<E extends Encoding>(
  files: readonly E[],
  prefer: Preference,
  isOnDisk: (sha256: string) => boolean,
): E | undefined {
  return ranked(files, prefer).find(({ sha256 }) => isOnDisk(sha256));
}

function ranked<E extends Encoding>(files: readonly E[], prefer: Preference): E[] {
  return [...files].sort((a, b) => (prefer === "lan" ? b.kbps - a.kbps : a.kbps - b.kbps));
}

interface StoredFile {
  readonly sha256: string;
  readonly bytes: number;
  readonly usedAt: number;
}

/**
 * What to delete so that `neededBytes` more fit, least recently used first. Undefined when even deleting everything
 * that no plan or order needs would not make room.
 */
export function evictionFor(
  stored: readonly StoredFile[],
  isNeeded: (sha256: string) => boolean,
  neededBytes: number,
  budgetBytes: number,
): string[] | undefined {
  let excessBytes = stored.reduce((sum, file) => sum + file.bytes, 0) + neededBytes - budgetBytes;
  const evicted: string[] = [];
  const spare = stored.filter(({ sha256 }) => !isNeeded(sha256)).sort((a, b) => a.usedAt - b.usedAt);
  for (const file of spare) {
    if (excessBytes <= 0) break;
    evicted.push(file.sha256);
    excessBytes -= file.bytes;
  }
  return excessBytes <= 0 ? evicted : undefined;
}
