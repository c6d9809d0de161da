import { Fault } from "../kernel/faults.ts";
import { text } from "../kernel/text.ts";

/** As Node names them, and as ffmpeg prints them (strerror(3)). */
const CODES = ["ENOSPC", "EDQUOT", "EFBIG"];
const WORDS = /No space left on device|Disk quota exceeded|File too large/;

/** A full disk in words a person can act on; anything else comes back as it was. */
export function asDiskFault(error: unknown, folder: string): unknown {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  const full = CODES.includes(String(code)) || (error instanceof Error && WORDS.test(error.message));
  return full ? diskFull(folder, error) : error;
}

/** Listens to what ffmpeg prints: among its last words, or although it ended with code 0, the disk may be full. */
export interface DiskListener {
  readonly hear: (line: string) => void;
  throwIfFull(folder: string): void;
}

export function newDiskListener(): DiskListener {
  let said: string | undefined;
  return {
    hear: (line) => {
      said ??= WORDS.exec(line)?.[0];
    },
    throwIfFull: (folder) => {
      if (said !== undefined) throw diskFull(folder, new Error(said));
    },
  };
}

function diskFull(folder: string, cause: unknown): Fault {
  return new Fault(
    "unavailable",
    text(
      `The disk is full: nothing more fits into ${folder}.`,
      `Ổ đĩa đã đầy: không ghi thêm được vào ${folder}.`,
    ),
    {
      cause,
      hint: text(
        "Nothing was stored. Free some space, then send it again.",
        "Chưa lưu gì cả. Hãy giải phóng dung lượng rồi gửi lại.",
      ),
    },
  );
}
