import type { Manifest } from "./package-format.ts";

/** A file of the package, wherever it lies: a folder, a zip, a browser's file chooser. */
export interface PackageFile {
  /** Relative, with `/`. */
  readonly name: string;
  readonly size: number;
  read(from: number, to: number): Promise<Uint8Array>;
}

/** What the surroundings can do; every function must work in a browser and in Node. */
export interface VerifierTools {
  /** Hex. */
  sha256(file: PackageFile): Promise<string>;
  sha256OfText(said: string): Promise<string>;
  /** Undefined: Ed25519 can't be checked here. */
  isSigned(said: string, signatureBase64: string, publicKeyPem: string): Promise<boolean | undefined>;
  fingerprint(publicKeyPem: string): Promise<string>;
}

export interface Problem {
  /** For programs: `changed`, `missing`, `extra`, `manifest`, `signature`, `key`, `chain`, `segment`, `gap`, `heads`, `audit`, `format`. */
  readonly code: string;
  /** The file, entry or stretch that is meant. */
  readonly what: string;
  readonly vi: string;
  readonly en: string;
}

export interface Verdict {
  readonly whole: boolean;
  readonly problems: readonly Problem[];
  /** Null when there is none that can be read. */
  readonly manifest: Manifest | null;
  /** Of the key that the package brings along; compare it with what the commune has announced. */
  readonly fingerprint: string | null;
}

export class Findings {
  readonly problems: Problem[] = [];
  add(code: string, what: string, vi: string, en: string): void {
    this.problems.push({ code, what, vi, en });
  }
}

/** What the checks of one package share. */
export interface Parts {
  readonly manifest: Manifest;
  readonly byName: ReadonlyMap<string, PackageFile>;
  readonly keyPem: string | undefined;
  readonly tools: VerifierTools;
  readonly found: Findings;
}

/** Longest file that is read as text: a year of one camera's chain is a tenth of it. */
const MOST_TEXT_BYTES = 512 * 1_048_576;

export async function textOf(file: PackageFile | undefined): Promise<string | undefined> {
  if (file === undefined || file.size > MOST_TEXT_BYTES) return undefined;
  return new TextDecoder().decode(await file.read(0, file.size));
}

export function parsed(said: string): unknown {
  try {
    const value: unknown = JSON.parse(said);
    return typeof value === "object" && value !== null ? value : undefined;
  } catch {
    // Whoever asked names the file that is damaged.
    return undefined;
  }
}

/** What file managers leave in every folder that they show. */
const DROPPINGS = new Set([".DS_Store", "Thumbs.db", "desktop.ini"]);

export function withoutDroppings(files: readonly PackageFile[]): PackageFile[] {
  return files.filter(({ name }) => !DROPPINGS.has(name.split("/").at(-1) ?? ""));
}
