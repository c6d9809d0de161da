import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  sign,
  type KeyObject,
} from "node:crypto";
import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from "node:fs";
import { join } from "node:path";
import { asError, Fault } from "../../kernel/faults.ts";
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
  const pem = readIfThere(file);
  const privateKey = pem === undefined ? makeKey(file) : parseKey(file, pem);
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

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw unusable(file, asError(error));
  }
}

function parseKey(file: string, pem: string): KeyObject {
  try {
    const key = createPrivateKey(pem);
    if (key.asymmetricKeyType !== "ed25519") {
      throw new Error(`it is a key of type ${key.asymmetricKeyType ?? "?"}`);
    }
    return key;
  } catch (error) {
    throw unusable(file, asError(error));
  }
}

/** Written beside and renamed, so that a power cut leaves a whole key or none. */
function makeKey(file: string): KeyObject {
  const { privateKey } = generateKeyPairSync("ed25519");
  const draft = `${file}.new`;
  try {
    const handle = openSync(draft, "w", 0o600);
    try {
      writeSync(handle, privateKey.export({ type: "pkcs8", format: "pem" }));
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
    renameSync(draft, file);
  } catch (error) {
    throw unusable(file, asError(error));
  }
  return privateKey;
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
