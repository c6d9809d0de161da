import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import { readFile, rename, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { z } from "zod";
import { asError, Fault } from "../kernel/faults.ts";
import { text } from "../kernel/text.ts";

/** How the command line on the same machine reaches the running daemon. */
const CliAccessFile = z.strictObject({
  url: z.url({ protocol: /^https$/ }),
  token: z.string().min(40),
  /** What signs the panel's certificate. */
  caPem: z.string(),
});
export type CliAccessFile = z.infer<typeof CliAccessFile>;

/** A new token at each start of the daemon; the file is for its owner alone. */
export interface CliAccess extends AsyncDisposable {
  /** Compared in constant time. */
  isToken(candidate: string): boolean;
  /** Writes the file, once the address is known. */
  announce(url: string, caPem: string): Promise<void>;
}

export const CLI_ACCESS_FILE = "cli.token";

export function openCliAccess(dataDir: string): CliAccess {
  const token = randomBytes(32).toString("base64url");
  const file = path.join(dataDir, CLI_ACCESS_FILE);
  return {
    isToken: (candidate) => timingSafeEqual(digest(candidate), digest(token)),
    announce: async (url, caPem) => {
      const content: CliAccessFile = { url, token, caPem };
      const fresh = `${file}.new`;
      await rm(fresh, { force: true });
      await writeFile(fresh, JSON.stringify(content, null, 2), { mode: 0o600, flag: "wx" });
      await rename(fresh, file);
    },
    [Symbol.asyncDispose]: () => rm(file, { force: true }),
  };
}

/** Throws Fault("unavailable") when no daemon runs on this data, Fault("rejected") for another user's files. */
export async function readCliAccess(dataDir: string): Promise<CliAccessFile> {
  const file = path.join(dataDir, CLI_ACCESS_FILE);
  try {
    return CliAccessFile.parse(JSON.parse(await readFile(file, "utf8")));
  } catch (error) {
    throw asFault(file, asError(error));
  }
}

function asFault(file: string, cause: Error): Fault {
  const code = "code" in cause ? cause.code : undefined;
  if (code === "ENOENT" || code === "ENOTDIR") {
    return new Fault(
      "unavailable",
      text(`tienglang is not running (no ${file}).`, `tienglang chưa chạy (không có ${file}).`),
      {
        cause,
        hint: text(
          "Start it (systemctl start tienglang, or scripts/run), or name its data folder with --data.",
          "Hãy khởi động (systemctl start tienglang, hoặc scripts/run), hoặc chỉ thư mục dữ liệu bằng --data.",
        ),
      },
    );
  }
  if (code === "EACCES" || code === "EPERM") {
    return new Fault("rejected", text(`${file} may not be read.`, `Không có quyền đọc ${file}.`), {
      cause,
      hint: text(
        "Run it as the daemon's user, or with sudo.",
        "Hãy chạy bằng tài khoản của dịch vụ, hoặc dùng sudo.",
      ),
    });
  }
  return new Fault("corrupt", text(`${file} is damaged.`, `Tệp ${file} bị hỏng.`), {
    cause,
    hint: text(
      "Restart tienglang: it writes the file anew.",
      "Hãy khởi động lại tienglang để ghi lại tệp này.",
    ),
  });
}

function digest(value: string): Buffer {
  return createHash("sha256").update(value).digest();
}
