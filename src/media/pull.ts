import { Fault } from "../kernel/faults.ts";
import { text } from "../kernel/text.ts";
import { SECOND_MS } from "../kernel/time.ts";
import { streamProcess } from "./process.ts";
import type { MediaTools } from "./tools.ts";

interface PullOrder {
  /** An http or https address of a stream, a file or an HLS playlist. */
  readonly address: string;
  readonly sampleRateHz: number;
  /** A source that sends nothing for this long is given up. */
  readonly stalledAfterMs?: number;
}

const DEFAULT_STALLED_AFTER_MS = 10 * SECOND_MS;
const LONGEST_ADDRESS_CHARS = 2_000;

/** What a playlist may lead to: never a file of this machine. */
const PROTOCOLS = "http,https,tcp,tls,crypto";

/** What stations send. Without this ffmpeg takes the HTML page of a login portal for telephone speech (AMR) and plays it. */
const FORMATS = "mp3,aac,hls,mpegts,ogg,flac,wav,mov,mp4,matroska,webm,asf,flv";

/** Throws a Fault for an address that can't be pulled. */
function checkPullAddress(address: string): URL {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  const usable = url !== undefined && ["http:", "https:"].includes(url.protocol);
  if (usable && address.length <= LONGEST_ADDRESS_CHARS) return url;
  throw new Fault(
    "invalid",
    text(
      `"${address.slice(0, 100)}" is not an address that can be relayed.`,
      `"${address.slice(0, 100)}" không phải địa chỉ có thể tiếp âm.`,
    ),
    {
      field: "address",
      hint: text(
        "Give a full address that begins with http:// or https://.",
        "Hãy nhập địa chỉ đầy đủ, bắt đầu bằng http:// hoặc https://.",
      ),
    },
  );
}

/**
 * Sound of an Internet source as mono s16le, as fast as the source and the consumer allow; short breaks are bridged by
 * reconnecting. Ends when the source ends. Throws a Fault when it can't be reached, is no sound, or has stalled.
 */
export async function* pullAudio(
  { ffmpeg }: Pick<MediaTools, "ffmpeg">,
  { address, sampleRateHz, stalledAfterMs = DEFAULT_STALLED_AFTER_MS }: PullOrder,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array, void, void> {
  const url = checkPullAddress(address);
  const stalling = new AbortController();
  const args = [
    ...["-hide_banner", "-nostdin", "-loglevel", "error", "-nostats", "-threads", "1"],
    ...["-protocol_whitelist", PROTOCOLS, "-format_whitelist", FORMATS],
    ...["-rw_timeout", String(stalledAfterMs * 1_000)],
    ...["-reconnect", "1", "-reconnect_streamed", "1", "-reconnect_delay_max", "5", "-i", url.href],
    ...[
      "-map",
      "0:a:0",
      "-vn",
      "-sn",
      "-dn",
      "-ac",
      "1",
      "-ar",
      String(sampleRateHz),
      "-f",
      "s16le",
      "pipe:1",
    ],
  ];
  const pcm = streamProcess({ command: ffmpeg, args }, AbortSignal.any([signal, stalling.signal]));
  try {
    for (;;) {
      const stalled = setTimeout(() => stalling.abort(stalledFault(url, stalledAfterMs)), stalledAfterMs);
      const next = await pcm.next().finally(() => clearTimeout(stalled));
      if (next.done === true) return;
      yield next.value;
    }
  } finally {
    await pcm.return();
  }
}

function stalledFault({ host }: URL, stalledAfterMs: number): Fault {
  const seconds = Math.round(stalledAfterMs / SECOND_MS);
  return new Fault(
    "timeout",
    text(`${host} sent no sound for ${seconds} s.`, `${host} không gửi âm thanh trong ${seconds} giây.`),
    {
      hint: text(
        "Check the Internet line and whether the station is on air.",
        "Hãy kiểm tra đường Internet và xem đài có đang phát không.",
      ),
    },
  );
}
