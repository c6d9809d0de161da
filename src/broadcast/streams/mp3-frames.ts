/**
 * MPEG audio layer III framing (ISO 11172-3 §2.4.1.3, ISO 13818-3 §2.4.2.3). Encoded without a bit reservoir every
 * frame stands alone, so any frame boundary is a clean place to join, leave or change the source.
 */

const KBPS_V1 = [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320];
const KBPS_V2 = [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160];
const RATES_V1_HZ = [44_100, 48_000, 32_000];

/** Version bits of the header: 3 = MPEG-1, 2 = MPEG-2, 0 = MPEG-2.5. Each step down halves the sample rates. */
const RATE_DIVISOR = new Map([
  [3, 1],
  [2, 2],
  [0, 4],
]);

const HEADER_BYTES = 4;
const ID3V2_HEADER_BYTES = 10;

export interface Mp3Format {
  readonly kbps: number;
  readonly sampleRateHz: number;
}

interface FrameHeader extends Mp3Format {
  readonly frameBytes: number;
  readonly durationMs: number;
}

/** Whole frames in a row. */
export interface FrameRun {
  readonly bytes: Buffer;
  readonly durationMs: number;
}

function readHeader(bytes: Uint8Array, at: number): FrameHeader | undefined {
  const b1 = bytes[at + 1] ?? 0;
  const b2 = bytes[at + 2] ?? 0;
  if (bytes[at] !== 0xff || (b1 & 0xe6) !== 0xe2) return undefined;
  const version = (b1 >> 3) & 3;
  const divisor = RATE_DIVISOR.get(version);
  const kbps = (version === 3 ? KBPS_V1 : KBPS_V2)[b2 >> 4];
  const fullRateHz = RATES_V1_HZ[(b2 >> 2) & 3];
  if (divisor === undefined || fullRateHz === undefined || kbps === undefined || kbps === 0) return undefined;
  const sampleRateHz = fullRateHz / divisor;
  const samples = version === 3 ? 1_152 : 576;
  const padding = (b2 >> 1) & 1;
  const frameBytes = Math.floor(((samples / 8) * kbps * 1_000) / sampleRateHz) + padding;
  return { kbps, sampleRateHz, frameBytes, durationMs: (samples * 1_000) / sampleRateHz };
}

/** Cuts a byte stream into whole frames. What is no frame (tags, noise, a torn frame) is dropped. */
export class FrameSplitter {
  private rest: Buffer = Buffer.alloc(0);
  /** The format of the last whole frame. */
  format: Mp3Format | undefined;

  /** The frames that are now whole; undefined when none is. */
  push(piece: Uint8Array): FrameRun | undefined {
    const bytes = this.rest.length === 0 ? Buffer.from(piece) : Buffer.concat([this.rest, piece]);
    const frames: Buffer[] = [];
    let durationMs = 0;
    let at = 0;
    while (at + HEADER_BYTES <= bytes.length) {
      const header = readHeader(bytes, at);
      if (header === undefined || !this.isFollowed(bytes, at + header.frameBytes)) {
        const next = skipNoise(bytes, at);
        if (next === undefined) break;
        at = next;
        continue;
      }
      if (at + header.frameBytes > bytes.length) break;
      frames.push(bytes.subarray(at, at + header.frameBytes));
      durationMs += header.durationMs;
      this.format = { kbps: header.kbps, sampleRateHz: header.sampleRateHz };
      at += header.frameBytes;
    }
    this.rest = bytes.subarray(at);
    return frames.length === 0 ? undefined : { bytes: joined(frames), durationMs };
  }

  /** Eleven set bits also occur inside sound: a frame counts when the next one begins where it ends, as far as seen. */
  private isFollowed(bytes: Buffer, next: number): boolean {
    return (
      next + HEADER_BYTES > bytes.length || bytes[next] === 0x54 || readHeader(bytes, next) !== undefined
    );
  }
}

/** Where to look next after something that is no frame; undefined when more bytes are needed to know. */
function skipNoise(bytes: Buffer, at: number): number | undefined {
  if (bytes.toString("latin1", at, at + 3) === "ID3") {
    if (at + ID3V2_HEADER_BYTES > bytes.length) return undefined;
    // ID3v2 sizes have seven bits to a byte.
    const size = [6, 7, 8, 9].reduce((sum, offset) => sum * 128 + ((bytes[at + offset] ?? 0) & 0x7f), 0);
    const end = at + ID3V2_HEADER_BYTES + size;
    return end <= bytes.length ? end : undefined;
  }
  const sync = bytes.indexOf(0xff, at + 1);
  return sync === -1 ? bytes.length : sync;
}

/** Neighbours in one buffer need no copy. */
function joined(frames: readonly Buffer[]): Buffer {
  const [first] = frames;
  return frames.length === 1 && first !== undefined ? first : Buffer.concat(frames);
}

/**
 * Frames of digital silence, at least `durationMs` of them. Side information and main data of zeros say "nothing coded",
 * which every decoder plays as silence, so no encoder is needed.
 */
export function silentFrames(format: Mp3Format, durationMs: number): FrameRun {
  const frame = silentFrame(format);
  const header = readHeader(frame, 0);
  if (header === undefined)
    throw new RangeError(`no MP3 format: ${format.kbps} kbit/s at ${format.sampleRateHz} Hz`);
  const count = Math.max(1, Math.ceil(durationMs / header.durationMs));
  const bytes = Buffer.alloc(count * frame.length);
  for (let index = 0; index < count; index += 1) frame.copy(bytes, index * frame.length);
  return { bytes, durationMs: count * header.durationMs };
}

function silentFrame({ kbps, sampleRateHz }: Mp3Format): Buffer {
  for (const [version, divisor] of RATE_DIVISOR) {
    const rate = RATES_V1_HZ.indexOf(sampleRateHz * divisor);
    const bitrate = (version === 3 ? KBPS_V1 : KBPS_V2).indexOf(kbps);
    if (rate === -1 || bitrate === -1) continue;
    // Layer III without CRC; mono.
    const head = Buffer.from([0xff, 0xe0 | (version << 3) | 0x03, (bitrate << 4) | (rate << 2), 0xc0]);
    const frameBytes = readHeader(head, 0)?.frameBytes ?? HEADER_BYTES;
    return Buffer.concat([head, Buffer.alloc(frameBytes - HEADER_BYTES)]);
  }
  throw new RangeError(`no MP3 format: ${kbps} kbit/s at ${sampleRateHz} Hz`);
}
