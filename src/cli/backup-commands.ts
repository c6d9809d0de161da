import { createWriteStream } from "node:fs";
import { rename, rm, stat } from "node:fs/promises";
import path from "node:path";
import { pipeline } from "node:stream/promises";
import { asError, Fault } from "../kernel/faults.ts";
import { text } from "../kernel/text.ts";
import { checkArchive } from "../store/archive.ts";
import type { CommandGroup } from "./command.ts";
import { restoreData } from "./restore.ts";

export const backupCommands: CommandGroup = (program, on) => {
  program
    .command("backup <file>")
    .description("save everything (database, audio, keys) as one tar.gz; keep it locked away")
    .action(
      on(async (session, file: string) => {
        if (await exists(file)) throw alreadyThere(file);
        const part = `${file}.part`;
        await rm(part, { force: true });
        try {
          const api = await session.openApi();
          const archive = await api.stream("POST", "/api/backup");
          const target = createWriteStream(part, { flags: "wx", mode: 0o600, flush: true });
          await pipeline(archive, target, { signal: session.signal }).catch((error: unknown) => {
            throw notSaved(file, asError(error));
          });
          const content = await checkArchive(part);
          await rename(part, file);
          const megabytes = (content.bytes / 1e6).toFixed(1);
          session.answer({ file, ...content }, () => [
            text(
              `Saved and read back: ${content.fileCount} files, ${megabytes} MB, in ${file}.`,
              `Đã sao lưu và đọc lại kiểm tra: ${content.fileCount} tệp, ${megabytes} MB, vào ${file}.`,
            ),
            text(
              "It holds the commune's keys and passwords' hashes: keep it where nobody else can read it.",
              "Tệp chứa khóa của xã và mã băm mật khẩu: hãy cất nơi người khác không đọc được.",
            ),
          ]);
        } finally {
          await rm(part, { force: true });
        }
      }),
    );

  program
    .command("restore <file>")
    .description("put a backup back; the daemon must be stopped; the data before it is kept aside")
    .action(
      on(async (session, file: string) => {
        const restored = await restoreData(path.resolve(file), session.settings.dataDir, session.clock);
        session.answer(restored, () => [
          text(
            `Restored ${restored.fileCount} files of ${new Date(restored.createdAt).toISOString()} (tienglang ${restored.version}).`,
            `Đã khôi phục ${restored.fileCount} tệp của bản sao lưu lúc ${new Date(restored.createdAt).toISOString()} (tienglang ${restored.version}).`,
          ),
          text(`The data before it: ${restored.keptAside}`, `Dữ liệu trước đó: ${restored.keptAside}`),
          text("Start tienglang again.", "Hãy khởi động lại tienglang."),
        ]);
      }),
    );
};

async function exists(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    () => false,
  );
}

function alreadyThere(file: string): Fault {
  return new Fault("conflict", text(`${file} is there already.`, `Tệp ${file} đã có.`), {
    hint: text("Choose another name.", "Hãy chọn tên khác."),
  });
}

function notSaved(file: string, cause: Error): Fault {
  return new Fault(
    "unavailable",
    text(`${file} can't be written: ${cause.message}.`, `Không ghi được ${file}: ${cause.message}.`),
    {
      cause,
      hint: text(
        "Is the folder there, writable, and is there space?",
        "Hãy kiểm tra thư mục, quyền ghi và dung lượng trống.",
      ),
    },
  );
}
