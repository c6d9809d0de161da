/** Names within a package. What is not here is listed in the manifest with its hash. */
export const MANIFEST = "manifest.json";
export const SIGNATURE = "manifest.sig";
export const FORMAT = "tienglang-evidence/1";

/** Holes between recorded stretches that need no words: a seam, or the picture that was not finished. */
export const SEAM_MS = 2_000;

export interface Stretch {
  readonly from: number;
  readonly to: number;
}

export interface ManifestSegment {
  readonly file: string;
  readonly startAt: number;
  readonly endAt: number;
  readonly session: string;
  readonly n: number;
  readonly bytes: number;
  readonly sha256: string;
  readonly ledgerN: number;
  readonly recovered: boolean;
  readonly suspect: boolean;
}

/** What a package says of itself; times are UTC milliseconds. */
export interface Manifest {
  readonly format: string;
  readonly madeAt: number;
  readonly software: { readonly name: string; readonly version: string };
  readonly commune: string;
  readonly case: { readonly number: string; readonly title: string; readonly reason: string };
  readonly order: {
    readonly id: string;
    readonly operator: { readonly id: string; readonly name: string; readonly roles: readonly string[] };
    readonly askedAt: number;
    readonly reason: string;
    readonly purpose: string;
    readonly redaction: string;
  };
  readonly camera: {
    readonly id: string;
    readonly name: string;
    readonly place: string;
    /** As the device says it, character by character. */
    readonly identity: Readonly<Record<string, string>>;
    readonly purpose: string;
    readonly retentionDays: number;
    readonly audio: boolean;
  };
  readonly time: {
    readonly timeZone: string;
    /** Whether the controller's clock followed network time when this was made; null: not known. */
    readonly controllerSynchronized: boolean | null;
    /** The camera's clock minus the controller's. */
    readonly cameraClock: { readonly offsetMs: number; readonly measuredAt: number | null } | null;
  };
  readonly requested: Stretch;
  readonly delivered: Stretch;
  readonly clip: {
    readonly file: string;
    readonly delivered: Stretch;
    readonly codec: string;
    readonly widthPx: number;
    readonly heightPx: number;
    readonly stretches: readonly (Stretch & { readonly mediaMs: number })[];
    readonly program: string;
    readonly command: string;
  };
  readonly segments: readonly ManifestSegment[];
  readonly gaps: readonly (Stretch & {
    readonly cause: string;
    readonly said: { readonly vi: string; readonly en: string };
    /** Null while it lasts, and for what nobody noted. */
    readonly ledgerN: number | null;
  })[];
  /** Recorded, and deleted before this was made. */
  readonly deleted: readonly (Stretch & {
    readonly ledgerN: number;
    readonly deletionN: number;
    readonly reason: string;
  })[];
  readonly ledger: {
    readonly file: string;
    readonly firstN: number;
    readonly lastN: number;
    /** Hash of the entry before the first. */
    readonly before: string;
    /** Number of the signed heads in which the chain must end. */
    readonly headsN: number;
  };
  readonly heads: { readonly file: string };
  readonly audit: { readonly file: string };
  readonly key: { readonly file: string; readonly fingerprint: string };
  readonly files: readonly { readonly name: string; readonly bytes: number; readonly sha256: string }[];
  /** Files that were no longer as they were recorded when this was made. */
  readonly changedOnDisk: readonly string[];
}

/** `manifest.sig`. The hash tells a changed manifest from a changed signature. */
export interface ManifestSignature {
  readonly algorithm: "Ed25519";
  readonly key: string;
  readonly manifestSha256: string;
  readonly signature: string;
}

/** `[n, at, kind, hash, ...fields]`, one a line. */
export type LedgerLine = readonly [number, number, string, string, ...unknown[]];

/** A body as it was signed, with its signature. */
export interface HeadsLine {
  readonly n: number;
  readonly body: string;
  readonly signature: string;
}

/** The entry of the audit trail that tells of this package. */
export interface AuditProof {
  readonly before: string;
  readonly seq: number;
  readonly at: number;
  readonly actorId: string;
  readonly actorName: string;
  readonly action: string;
  readonly subject: string;
  /** JSON as it was hashed. */
  readonly details: string;
  readonly hash: string;
  /** Number of the signed heads whose audit head is this entry. */
  readonly headsN: number;
}
