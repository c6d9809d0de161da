import { createHash, createPublicKey, sign } from "node:crypto";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { openEd25519Key } from "../../identity/ed25519-key.ts";
import { Fault } from "../../kernel/faults.ts";
import { text } from "../../kernel/text.ts";

/** The commune's own key for evidence, an Ed25519 pair. It signs nothing else, and there is no built-in one. */
export interface EvidenceKey {
  /** SPKI, PEM. */
  readonly publicKeyPem: string;
  /** SHA-256 of the 32 bytes of the public key, upper-case hex in groups of four: to be compared over the telephone. */
  readonly fingerprint: string;
  /** Over the bytes of the text in UTF-8; base64. */
  signed(text: string): string;
}

const KEY_FILE = "evidence-key.pem";

/** Reads the key from the folder, or makes it at the first start (readable by the owner only). */
export function openEvidenceKey(dir: string): EvidenceKey {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const file = join(dir, KEY_FILE);
  const privateKey = openEd25519Key(file, (cause) => unusable(file, cause));
  const publicKey = createPublicKey(privateKey);
  const { x = "" } = publicKey.export({ format: "jwk" });
  return {
    publicKeyPem: publicKey.export({ type: "spki", format: "pem" }),
    fingerprint: fingerprintOf(Buffer.from(x, "base64url")),
    signed: (said) => sign(null, Buffer.from(said, "utf8"), privateKey).toString("base64"),
  };
}

function fingerprintOf(raw: Uint8Array): string {
  const hex = createHash("sha256").update(raw).digest("hex").toUpperCase();
  return (hex.match(/.{4}/g) ?? []).join(" ");
}

function unusable(file: string, cause: Error): Fault {
  return new Fault(
    "corrupt",
    text(
      `The evidence key ${file} can't be used: ${cause.message}.`,
      `Không dùng được khóa ký bằng chứng ${file}: ${cause.message}.`,
    ),
    {
      cause,
      hint: text(
        "Restore it from the backup. Without it move the file away: a new key is made, and its fingerprint must be announced anew.",
        "Hãy khôi phục từ bản sao lưu. Nếu không có, hãy chuyển tệp đi: khóa mới sẽ được tạo và phải công bố lại dấu vân tay khóa.",
      ),
    },
  );
}
