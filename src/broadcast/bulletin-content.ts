import { Fault } from "../kernel/faults.ts";
import { text } from "../kernel/text.ts";
import { HOUR_MS, MINUTE_MS, SECOND_MS } from "../kernel/time.ts";
import type { AudioPart } from "../speakers/protocol.ts";
import type { Bulletin, BulletinContent, BulletinDraft } from "./bulletin-model.ts";
import type { Sounding } from "./rules/approval.ts";

/** What bulletins need of the library. */
export interface BulletinLibrary {
  get(
    audioId: string,
  ):
    | { readonly id: string; readonly name: string; readonly durationMs: number; readonly sha256: string }
    | undefined;
  part(audioId: string): AudioPart;
  /** The station's own sounds. */
  readonly chimes: Readonly<Record<"opening" | "closing" | "emergency", { readonly id: string }>>;
  addSpeech(
    request: {
      readonly text: string;
      readonly name: string;
      readonly by: string;
      readonly voice?: string;
      /** An emergency does not wait for exact loudness. */
      readonly quick?: boolean;
    },
    signal: AbortSignal,
  ): Promise<{ readonly id: string; readonly readText: string }>;
}

const TITLE_LIMIT = 200;
const ADDRESS_LIMIT = 2_000;
const RELAY_SHORTEST_MS = 10 * SECOND_MS;
const RELAY_LONGEST_MS = 4 * HOUR_MS;

/** One line in NFC, so that the same title is the same text whichever keyboard wrote it. */
export function cleanTitle(title: string): string {
  const cleaned = title
    .normalize("NFC")
    .replace(/[\p{Cc}\s]+/gu, " ")
    .trim();
  const length = cleaned.length;
  if (length >= 1 && length <= TITLE_LIMIT) return cleaned;
  throw new Fault(
    "invalid",
    text(
      `The title has ${length} characters; it must have 1 to ${TITLE_LIMIT}.`,
      `Tên bản tin có ${length} ký tự; phải có từ 1 đến ${TITLE_LIMIT} ký tự.`,
    ),
    {
      field: "title",
      hint:
        length === 0
          ? text("Give the bulletin a title.", "Hãy đặt tên cho bản tin.")
          : text("Shorten it.", "Hãy rút ngắn tên."),
    },
  );
}

interface Settling {
  readonly draft: BulletinDraft;
  /** The bulletin's content so far. */
  readonly before: BulletinContent | undefined;
  /** Id of who writes it. */
  readonly by: string;
  readonly library: BulletinLibrary;
}

/**
 * Brings drafted content into the form that is stored: checks that recordings exist, has text spoken (unless the same
 * text already was), writes relay addresses in one way.
 */
export async function settleContent(settling: Settling, signal: AbortSignal): Promise<BulletinContent> {
  const { library } = settling;
  const drafted = settling.draft.content;
  switch (drafted.type) {
    case "audio":
      mustExist(library, drafted.audioId, "content.audioId");
      return { type: "audio", audioId: drafted.audioId };
    case "text":
      return speak(settling, drafted, signal);
    case "relay": {
      const { fallbackAudioId } = drafted;
      if (fallbackAudioId !== undefined) mustExist(library, fallbackAudioId, "content.fallbackAudioId");
      return {
        type: "relay",
        address: relayAddress(drafted.address),
        durationMs: relayDuration(drafted.durationMs),
        ...(fallbackAudioId === undefined ? {} : { fallbackAudioId }),
      };
    }
  }
}

async function speak(
  { draft, before, by, library }: Settling,
  { text: words, voice }: Extract<BulletinDraft["content"], { type: "text" }>,
  signal: AbortSignal,
): Promise<BulletinContent> {
  const written = words.normalize("NFC").trim();
  if (written === "")
    throw new Fault("invalid", text("The text is empty.", "Bản tin chưa có lời."), {
      field: "content.text",
      hint: text("Write what is to be read aloud.", "Hãy nhập nội dung cần đọc."),
    });
  if (before?.type === "text" && before.text === written && before.voice === voice) return before;
  const chosen = voice === undefined ? {} : { voice };
  const quick = draft.class === "emergency";
  const request = { text: written, name: cleanTitle(draft.title), by, quick, ...chosen };
  const { id, readText } = await library.addSpeech(request, signal);
  return { type: "text", text: written, readText, audioId: id, ...chosen };
}

function mustExist(library: BulletinLibrary, audioId: string, field: string): void {
  if (library.get(audioId) !== undefined) return;
  throw new Fault(
    "invalid",
    text(`There is no recording ${audioId} in the library.`, `Kho âm thanh không có bản ghi ${audioId}.`),
    {
      field,
      hint: text(
        "Choose a recording of the library, or upload it first.",
        "Hãy chọn một bản ghi có trong kho, hoặc tải tệp lên trước.",
      ),
    },
  );
}

/** http and https only: anything else would let an address read the hall's own files or devices. */
function relayAddress(address: string): string {
  const refused = (en: string, vi: string): Fault =>
    new Fault("invalid", text(en, vi), {
      field: "content.address",
      hint: text(
        "Give the full address of the stream, for example https://example.vn/live/playlist.m3u8.",
        "Hãy nhập địa chỉ đầy đủ của luồng tiếp âm, ví dụ https://example.vn/live/playlist.m3u8.",
      ),
    });
  const url = URL.parse(address.trim());
  if (url === null || address.length > ADDRESS_LIMIT)
    throw refused(
      `“${shortened(address)}” is not an address.`,
      `“${shortened(address)}” không phải là địa chỉ hợp lệ.`,
    );
  if (url.protocol !== "http:" && url.protocol !== "https:")
    throw refused(
      `A relay takes http and https only, not ${url.protocol}//.`,
      `Tiếp âm chỉ nhận địa chỉ http hoặc https, không nhận ${url.protocol}//.`,
    );
  if (url.username !== "" || url.password !== "")
    throw refused(
      "The address must not contain a user name or password: it appears in logs.",
      "Địa chỉ không được chứa tên người dùng hoặc mật khẩu, vì sẽ hiện trong nhật ký.",
    );
  url.hash = "";
  return url.href;
}

function shortened(words: string): string {
  return words.length <= 80 ? words : `${words.slice(0, 79)}…`;
}

function relayDuration(durationMs: number): number {
  if (durationMs >= RELAY_SHORTEST_MS && durationMs <= RELAY_LONGEST_MS) return durationMs;
  const minutes = Math.round(durationMs / MINUTE_MS);
  throw new Fault(
    "invalid",
    text(
      `A relay of ${minutes} min is outside 10 seconds to 4 hours.`,
      `Thời lượng tiếp âm ${minutes} phút nằm ngoài khoảng 10 giây đến 4 giờ.`,
    ),
    {
      field: "content.durationMs",
      hint: text("Set how long to relay.", "Hãy nhập thời lượng tiếp âm phù hợp."),
    },
  );
}

/** What is heard of a bulletin; undefined when its recording is not in the library any more. */
export function soundingOf(
  { class: urgency, chime, content }: Pick<Bulletin, "class" | "chime" | "content">,
  library: BulletinLibrary,
): Sounding | undefined {
  if (content.type === "relay") {
    const { address, durationMs, fallbackAudioId } = content;
    const fallback = fallbackAudioId === undefined ? undefined : library.get(fallbackAudioId);
    if (fallbackAudioId !== undefined && fallback === undefined) return undefined;
    return {
      class: urgency,
      chime,
      content: {
        type: "relay",
        address,
        durationMs,
        ...(fallback === undefined ? {} : { fallbackSha256: fallback.sha256 }),
      },
    };
  }
  const audio = library.get(content.audioId);
  if (audio === undefined) return undefined;
  return { class: urgency, chime, content: { type: "files", sha256: audio.sha256 } };
}
