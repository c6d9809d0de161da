import { createWriteStream } from "node:fs";
import { rename, rm, stat } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import { asError, Fault } from "../kernel/faults.ts";
import { text } from "../kernel/text.ts";
import type { Api } from "./api.ts";

/** Saves what the hall sends under a name that must be free. Returns its bytes. */
export async function saveAnswer(api: Api, path: string, file: string, signal: AbortSignal): Promise<number> {
  await refuseTaken(file);
  const part = `${file}.part`;
  try {
    const answer = await api.stream("GET", path);
    await pipeline(answer, createWriteStream(part, { mode: 0o600, flush: true }), { signal });
    await rename(part, file);
    return (await stat(file)).size;
  } catch (error) {
    if (error instanceof Fault) throw error;
    const cause = asError(error);
    throw new Fault(
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
  } finally {
    await rm(part, { force: true });
  }
}

/** Throws Fault("conflict") for a name that is taken. */
export async function refuseTaken(file: string): Promise<void> {
  if (!(await isThere(file))) return;
  throw new Fault("conflict", text(`${file} is there already.`, `Tệp ${file} đã có.`), {
    hint: text("Choose another name.", "Hãy chọn tên khác."),
  });
}

async function isThere(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    () => false,
  );
}
