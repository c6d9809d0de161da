import { Fault } from "../kernel/faults.ts";
import { text } from "../kernel/text.ts";
import { MINUTE_MS, SECOND_MS } from "../kernel/time.ts";
import type { Pcm } from "./speech-pcm.ts";
import type { Span } from "./trim.ts";

export type IngestInput =
  | { readonly type: "file"; readonly path: string; readonly name: string }
  | { readonly type: "pcm"; readonly pcm: Pcm };

const SHORTEST_MS = 500;

export const SEND_AGAIN = {
  en: "Send a recording (MP3, M4A, WAV, OGG, FLAC) or a video with sound.",
  vi: "Hãy gửi tệp ghi âm (MP3, M4A, WAV, OGG, FLAC) hoặc video có tiếng.",
};

export function cutOff(name: string, cause?: unknown): Fault {
  return new Fault(
    "invalid",
    text(
      `“${name}” is not whole: its end is missing.`,
      `Tệp “${name}” không trọn vẹn: bị cắt mất phần cuối.`,
    ),
    {
      field: "file",
      hint: text(
        "Send it again; if it fails again, play it on the computer first.",
        "Hãy gửi lại; nếu vẫn lỗi, hãy nghe thử tệp trên máy trước.",
      ),
      cause,
    },
  );
}

export function tooSlow(name: string, deadlineMs: number, cause: unknown): Fault {
  const seconds = Math.round(deadlineMs / SECOND_MS);
  return new Fault(
    "invalid",
    text(
      `“${name}” could not be read within ${seconds} seconds.`,
      `Không đọc xong tệp “${name}” trong ${seconds} giây.`,
    ),
    { field: "file", hint: SEND_AGAIN, cause },
  );
}

export function undecodable(name: string, cause: unknown): Fault {
  return new Fault(
    "invalid",
    text(`The sound of “${name}” can't be decoded.`, `Không giải mã được âm thanh của tệp “${name}”.`),
    { field: "file", hint: SEND_AGAIN, cause },
  );
}

export function nameOf(input: IngestInput): string {
  return input.type === "file" ? input.name : "—";
}

/** Throws for what is silent, and for files too short to be meant. */
export function checkSpan(span: Span | undefined, sampleRateHz: number, input: IngestInput): Span {
  if (input.type === "pcm") {
    if (span === undefined) throw silentVoice();
    return span;
  }
  if (span === undefined) throw silentFile(input.name);
  const soundMs = Math.round(((span.to - span.from) * SECOND_MS) / sampleRateHz);
  if (soundMs < SHORTEST_MS) throw tooShort(input.name, soundMs);
  return span;
}

function silentVoice(): Fault {
  return new Fault(
    "invalid",
    text("The voice made no sound of this text.", "Giọng đọc không phát ra tiếng nào từ văn bản này."),
    { field: "text" },
  );
}

function silentFile(name: string): Fault {
  return new Fault(
    "invalid",
    text(`“${name}” is silent from beginning to end.`, `Tệp “${name}” im lặng từ đầu đến cuối.`),
    {
      field: "file",
      hint: text(
        "Check the microphone or the export, then send it again.",
        "Hãy kiểm tra micrô hoặc cách xuất tệp rồi gửi lại.",
      ),
    },
  );
}

function tooShort(name: string, soundMs: number): Fault {
  return new Fault(
    "invalid",
    text(
      `“${name}” holds only ${soundMs} ms of sound; at least ${SHORTEST_MS} ms are needed.`,
      `Tệp “${name}” chỉ có ${soundMs} ms âm thanh; cần ít nhất ${SHORTEST_MS} ms.`,
    ),
    { field: "file" },
  );
}

export function tooLong(input: IngestInput, maxDurationMs: number): Fault {
  const minutes = Math.round(maxDurationMs / MINUTE_MS);
  const what =
    input.type === "file"
      ? text(`“${input.name}” is`, `Tệp “${input.name}”`)
      : text("The speech would be", "Bài đọc này");
  return new Fault(
    "invalid",
    text(
      `${what.en} longer than the ${minutes} minutes allowed.`,
      `${what.vi} dài hơn mức cho phép là ${minutes} phút.`,
    ),
    {
      field: input.type === "file" ? "file" : "text",
      hint: text("Cut it into parts.", "Hãy cắt thành nhiều phần."),
    },
  );
}
