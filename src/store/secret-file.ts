import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from "node:fs";
import { asError, type Fault } from "../kernel/faults.ts";

interface SecretFile<T> {
  readonly file: string;
  /** What is kept when there is none yet. */
  readonly make: () => Uint8Array;
  /** May throw: then the file is not what it should be. */
  readonly parse: (bytes: Buffer) => T;
  /** The words for a file that can't be read, made or understood. */
  readonly unusable: (cause: Error) => Fault;
}

/** A key that is made at the first start and kept in a file that only its owner reads. Throws what `unusable` makes. */
export function openSecretFile<T>({ file, make, parse, unusable }: SecretFile<T>): T {
  try {
    return parse(readIfThere(file) ?? keep(file, make()));
  } catch (error) {
    throw unusable(asError(error));
  }
}

function readIfThere(file: string): Buffer | undefined {
  try {
    return readFileSync(file);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}

/** Written beside and renamed, so that a power cut leaves a whole secret or none. */
function keep(file: string, secret: Uint8Array): Buffer {
  const draft = `${file}.new`;
  const handle = openSync(draft, "w", 0o600);
  try {
    writeSync(handle, secret);
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
  renameSync(draft, file);
  return Buffer.from(secret);
}
