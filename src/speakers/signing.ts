import { createPublicKey, sign, type KeyObject } from "node:crypto";
import { join } from "node:path";
import { openEd25519Key } from "../identity/ed25519-key.ts";
import { Fault } from "../kernel/faults.ts";
import { text } from "../kernel/text.ts";
import type { Envelope } from "./protocol.ts";

/** The key pair with which the hall signs orders and plans. Speakers hold the public half. */
export interface HallKey {
  /** The 32 bytes of RFC 8032 in base64: what a speaker is provisioned with. */
  readonly publicKey: string;
  /** Ed25519 over exactly these bytes, as they will travel. */
  sealed(signed: string): Envelope;
}

const KEY_FILE = "hall-signing-key.pem";

/** Reads the key from the folder, or makes it at the first start (readable by the owner only). */
export function openHallKey(folder: string): HallKey {
  const file = join(folder, KEY_FILE);
  return hallKeyOf(openEd25519Key(file, (cause) => unusable(file, cause)));
}

export function hallKeyOf(privateKey: KeyObject): HallKey {
  return {
    publicKey: rawPublicKey(privateKey),
    sealed: (signed) => ({
      signed,
      signature: sign(null, Buffer.from(signed, "utf8"), privateKey).toString("base64"),
    }),
  };
}

function rawPublicKey(privateKey: KeyObject): string {
  const { x = "" } = createPublicKey(privateKey).export({ format: "jwk" });
  return Buffer.from(x, "base64url").toString("base64");
}

function unusable(file: string, cause: Error): Fault {
  return new Fault(
    "corrupt",
    text(
      `The hall's signing key ${file} can't be used: ${cause.message}.`,
      `Không dùng được khóa ký ${file}: ${cause.message}.`,
    ),
    {
      cause,
      hint: text(
        "Restore it from the backup. Without it delete the file: a new key is made, and every loudspeaker must be provisioned again.",
        "Hãy khôi phục từ bản sao lưu. Nếu không có, hãy xóa tệp: khóa mới sẽ được tạo và phải cấp lại cấu hình cho mọi cụm loa.",
      ),
    },
  );
}
