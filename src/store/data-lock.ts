import { createHash } from "node:crypto";
import { mkdir, realpath } from "node:fs/promises";
import { createServer } from "node:net";
import { asError, Fault } from "../kernel/faults.ts";
import { text } from "../kernel/text.ts";

/**
 * Takes the data folder for this process alone, making it when it is missing. The lock is a listening abstract socket:
 * the kernel lets it go with the process however that ends, so no stale lock file can keep the next start out.
 * A folder that is taken is a Fault("conflict") naming it. Linux only, and within one network namespace.
 */
export async function lockDataDir(dir: string): Promise<AsyncDisposable> {
  await mkdir(dir, { recursive: true, mode: 0o700 });
  // Two spellings of one folder must meet in one lock.
  const folder = await realpath(dir);
  const name = `\0tienglang-${createHash("sha256").update(folder).digest("hex")}`;
  const server = createServer((socket) => socket.destroy());
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error) => reject(isTaken(error) ? taken(folder, error) : error));
    server.listen(name, resolve);
  });
  server.unref();
  return {
    [Symbol.asyncDispose]: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

function isTaken(error: Error): boolean {
  return "code" in error && error.code === "EADDRINUSE";
}

function taken(folder: string, cause: Error): Fault {
  return new Fault(
    "conflict",
    text(
      `The data folder ${folder} is in use by another tienglang.`,
      `Thư mục dữ liệu ${folder} đang được một tiến trình tienglang khác sử dụng.`,
    ),
    {
      cause: asError(cause),
      hint: text(
        "Stop that one first (systemctl stop tienglang, or Ctrl-C in its terminal), or choose another folder.",
        "Hãy dừng tiến trình đó trước (systemctl stop tienglang, hoặc Ctrl-C ở cửa sổ đang chạy), hoặc chọn thư mục khác.",
      ),
    },
  );
}
