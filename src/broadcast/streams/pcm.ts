/** Uncompressed sound inside the house: mono, signed 16 bit, little-endian. */

const BYTES_PER_SAMPLE = 2;

/** What a meter shows for no sound at all, and the floor of what it shows. */
export const FLOOR_DBFS = -100;

export function pcmBytes(durationMs: number, sampleRateHz: number): number {
  return Math.round((durationMs * sampleRateHz) / 1_000) * BYTES_PER_SAMPLE;
}

/** RMS against full scale. */
export function levelDbfs(pcm: Buffer): number {
  const samples = Math.floor(pcm.length / BYTES_PER_SAMPLE);
  if (samples === 0) return FLOOR_DBFS;
  let sum = 0;
  for (let at = 0; at < samples * BYTES_PER_SAMPLE; at += BYTES_PER_SAMPLE) sum += pcm.readInt16LE(at) ** 2;
  return Math.max(FLOOR_DBFS, 10 * Math.log10(sum / samples / 32_768 ** 2));
}

/** Straight lines between samples: good for our chimes, whose tones lie far below half of either rate. */
export function resampled(
  { samples, sampleRateHz }: { samples: Int16Array; sampleRateHz: number },
  rateHz: number,
): Buffer {
  const count = Math.floor((samples.length * rateHz) / sampleRateHz);
  const result = Buffer.alloc(count * BYTES_PER_SAMPLE);
  for (let index = 0; index < count; index += 1) {
    const at = (index * sampleRateHz) / rateHz;
    const before = samples[Math.floor(at)] ?? 0;
    const after = samples[Math.floor(at) + 1] ?? before;
    result.writeInt16LE(Math.round(before + (after - before) * (at % 1)), index * BYTES_PER_SAMPLE);
  }
  return result;
}

interface PcmBufferLimits {
  readonly sampleRateHz: number;
  /** After running dry it fills up to this before it gives again: this is what evens out a line that stutters. */
  readonly holdMs: number;
  /** More than this is too old to be heard: the oldest goes. */
  readonly longestMs: number;
}

/** Takes sound as it comes and gives it as it is needed; what is missing is silence. */
export class PcmBuffer {
  private readonly limits: PcmBufferLimits;
  private pieces: Buffer[] = [];
  private heldBytes = 0;
  private filling = true;
  private odd: number | undefined;

  constructor(limits: PcmBufferLimits) {
    this.limits = limits;
  }

  get heldMs(): number {
    return (this.heldBytes * 1_000) / (this.limits.sampleRateHz * BYTES_PER_SAMPLE);
  }

  push(bytes: Uint8Array): void {
    const piece = this.wholeSamples(bytes);
    this.pieces.push(piece);
    this.heldBytes += piece.length;
    if (this.heldMs > this.limits.longestMs) this.discard(this.heldBytes - this.bytesOf(this.limits.holdMs));
    if (this.heldMs >= this.limits.holdMs) this.filling = false;
  }

  /** No more will come: gives what is left without filling up first. */
  drain(): void {
    this.filling = false;
  }

  clear(): void {
    this.discard(this.heldBytes);
    this.filling = true;
  }

  take(durationMs: number): { pcm: Buffer; missing: boolean } {
    const wantedBytes = this.bytesOf(durationMs);
    if (this.filling) return { pcm: Buffer.alloc(wantedBytes), missing: true };
    const pcm = this.discard(Math.min(wantedBytes, this.heldBytes));
    if (pcm.length === wantedBytes) return { pcm, missing: false };
    this.filling = true;
    return { pcm: Buffer.concat([pcm], wantedBytes), missing: true };
  }

  private bytesOf(durationMs: number): number {
    return pcmBytes(durationMs, this.limits.sampleRateHz);
  }

  private discard(bytes: number): Buffer {
    const taken: Buffer[] = [];
    let left = bytes;
    while (left > 0) {
      const piece = this.pieces.shift();
      if (piece === undefined) break;
      taken.push(piece.subarray(0, left));
      if (piece.length > left) this.pieces.unshift(piece.subarray(left));
      left -= Math.min(left, piece.length);
    }
    this.heldBytes -= bytes - left;
    return Buffer.concat(taken);
  }

  /** A pipe may cut between the two bytes of a sample. */
  private wholeSamples(bytes: Uint8Array): Buffer {
    const joined =
      this.odd === undefined ? Buffer.from(bytes) : Buffer.concat([Buffer.from([this.odd]), bytes]);
    this.odd = joined.length % BYTES_PER_SAMPLE === 1 ? joined.at(-1) : undefined;
    return joined.subarray(0, joined.length - (joined.length % BYTES_PER_SAMPLE));
  }
}
