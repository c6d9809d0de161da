import type { PackageFile, VerifierTools } from "./findings.ts";
import { newSha256 } from "./sha256.ts";

/** A browser hashes only what it holds in memory at once; longer files go through our own hash, piece by piece. */
const AT_ONCE_BYTES = 64 * 1_048_576;
const PIECE_BYTES = 4 * 1_048_576;

/** WebCrypto, as browsers and Node have it. */
export const webTools: VerifierTools = {
  sha256: async (file: PackageFile) => {
    if (file.size <= AT_ONCE_BYTES) return hex(await digest(await file.read(0, file.size)));
    const hash = newSha256();
    for (let at = 0; at < file.size; at += PIECE_BYTES) {
      hash.update(await file.read(at, Math.min(at + PIECE_BYTES, file.size)));
    }
    return hex(hash.digest());
  },
  sha256OfText: async (said) => hex(await digest(new TextEncoder().encode(said))),
  isSigned: async (said, signatureBase64, publicKeyPem) => {
    const key = await crypto.subtle
      .importKey("spki", bytesOf(bodyOf(publicKeyPem)), { name: "Ed25519" }, false, ["verify"])
      .catch((error: unknown) => {
        if (error instanceof Error && error.name === "NotSupportedError") return undefined;
        throw error;
      });
    if (key === undefined) return undefined;
    const signature = bytesOf(signatureBase64);
    return crypto.subtle.verify({ name: "Ed25519" }, key, signature, new TextEncoder().encode(said));
  },
  fingerprint: async (publicKeyPem) => {
    // The last 32 bytes of the SPKI form are the key itself (RFC 8410).
    const raw = bytesOf(bodyOf(publicKeyPem)).slice(-32);
    return (
      hex(await digest(raw))
        .toUpperCase()
        .match(/.{4}/g) ?? []
    ).join(" ");
  },
};

async function digest(bytes: Uint8Array): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes as Uint8Array<ArrayBuffer>));
}

function bodyOf(pem: string): string {
  return pem.replaceAll(/-----[A-Z ]+-----|\s/g, "");
}

/** Of standard base64; throws for anything else. */
function bytesOf(base64: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
