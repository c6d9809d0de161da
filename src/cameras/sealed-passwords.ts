import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { join } from "node:path";
import { asError, Fault } from "../kernel/faults.ts";
import { text } from "../kernel/text.ts";
import { openSecretFile } from "../store/secret-file.ts";

/** Turns passwords into bytes that tell nothing without the key file, and back. */
export interface Sealer {
  /** Sealed for one owner: bytes moved to another one do not open. */
  seal(owner: string, secret: string): Uint8Array;
  /** Throws Fault("corrupt") when the key is not the one that sealed it, or the bytes were changed. */
  open(owner: string, sealed: Uint8Array): string;
}

const KEY_FILE = "camera-passwords.key";
const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** Reads the key from the folder, or makes it at the first start (readable by the owner only). */
export function openSealer(folder: string): Sealer {
  const key = keyIn(join(folder, KEY_FILE));
  return {
    seal: (owner, secret) => {
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv("aes-256-gcm", key, nonce).setAAD(Buffer.from(owner, "utf8"));
      const body = Buffer.concat([cipher.update(secret, "utf8"), cipher.final()]);
      return Buffer.concat([nonce, cipher.getAuthTag(), body]);
    },
    open: (owner, sealed) => {
      const bytes = Buffer.from(sealed);
      try {
        const decipher = createDecipheriv("aes-256-gcm", key, bytes.subarray(0, NONCE_BYTES))
          .setAAD(Buffer.from(owner, "utf8"))
          .setAuthTag(bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
        return (
          decipher.update(bytes.subarray(NONCE_BYTES + TAG_BYTES), undefined, "utf8") + decipher.final("utf8")
        );
      } catch (error) {
        throw new Fault(
          "corrupt",
          text(
            `The stored password of camera ${owner} can't be opened.`,
            `Không mở được mật khẩu đã lưu của camera ${owner}.`,
          ),
          {
            cause: asError(error),
            hint: text(
              `Restore ${KEY_FILE} from the backup, or enter the password again: tienglang camera set ${owner} --password-stdin.`,
              `Hãy khôi phục ${KEY_FILE} từ bản sao lưu, hoặc nhập lại mật khẩu: tienglang camera set ${owner} --password-stdin.`,
            ),
          },
        );
      }
    },
  };
}

function keyIn(file: string): Buffer {
  return openSecretFile({
    file,
    make: () => randomBytes(KEY_BYTES),
    parse: (key) => {
      if (key.length !== KEY_BYTES) throw new Error(`it has ${key.length} bytes, not ${KEY_BYTES}`);
      return key;
    },
    unusable: (cause) => unusable(file, cause),
  });
}

function unusable(file: string, cause: Error): Fault {
  return new Fault(
    "corrupt",
    text(
      `The key of the cameras' passwords ${file} can't be used: ${cause.message}.`,
      `Không dùng được khóa mật khẩu camera ${file}: ${cause.message}.`,
    ),
    {
      cause,
      hint: text(
        "Restore it from the backup. Without it delete the file and enter every camera's password again.",
        "Hãy khôi phục từ bản sao lưu. Nếu không có, hãy xóa tệp rồi nhập lại mật khẩu từng camera.",
      ),
    },
  );
}
