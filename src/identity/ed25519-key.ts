import { createPrivateKey, generateKeyPairSync, type KeyObject } from "node:crypto";
import type { Fault } from "../kernel/faults.ts";
import { openSecretFile } from "../store/secret-file.ts";

/** An Ed25519 private key, PEM (PKCS#8), made at the first start. Throws what `unusable` makes of a file that is no such key. */
export function openEd25519Key(file: string, unusable: (cause: Error) => Fault): KeyObject {
  return openSecretFile({
    file,
    make: () =>
      Buffer.from(generateKeyPairSync("ed25519").privateKey.export({ type: "pkcs8", format: "pem" })),
    parse: (pem) => {
      const key = createPrivateKey(pem);
      if (key.asymmetricKeyType !== "ed25519") {
        throw new Error(`it is a key of type ${key.asymmetricKeyType ?? "?"}`);
      }
      return key;
    },
    unusable,
  });
}
