/** SHA-256 (FIPS 180-4) of bytes that come in pieces: browsers have it only for bytes that are all at hand. */
export interface Sha256 {
  update(bytes: Uint8Array): void;
  /** Ends it. */
  digest(): Uint8Array;
}

const BLOCK_BYTES = 64;

/** The first 32 bits of the fraction of a number. */
function fraction(value: number): number {
  return Math.floor((value - Math.floor(value)) * 0x1_0000_0000) | 0;
}

function primes(count: number): number[] {
  const found: number[] = [];
  for (let candidate = 2; found.length < count; candidate += 1) {
    if (found.every((prime) => candidate % prime !== 0)) found.push(candidate);
  }
  return found;
}

export function newSha256(): Sha256 {
  const state = Int32Array.from(primes(8), (prime) => fraction(Math.sqrt(prime)));
  const constants = Int32Array.from(primes(64), (prime) => fraction(Math.cbrt(prime)));
  const words = new Int32Array(64);
  const held = new Uint8Array(BLOCK_BYTES);
  let heldBytes = 0;
  let totalBytes = 0;

  const block = (bytes: DataView, at: number): void => {
    for (let t = 0; t < 16; t += 1) words[t] = bytes.getInt32(at + t * 4);
    for (let t = 16; t < 64; t += 1) {
      const w15 = item(words, t - 15);
      const w2 = item(words, t - 2);
      const s0 = turned(w15, 7) ^ turned(w15, 18) ^ (w15 >>> 3);
      const s1 = turned(w2, 17) ^ turned(w2, 19) ^ (w2 >>> 10);
      words[t] = (item(words, t - 16) + s0 + item(words, t - 7) + s1) | 0;
    }
    let [a, b, c, d] = [item(state, 0), item(state, 1), item(state, 2), item(state, 3)];
    let [e, f, g, h] = [item(state, 4), item(state, 5), item(state, 6), item(state, 7)];
    for (let t = 0; t < 64; t += 1) {
      const sum1 = turned(e, 6) ^ turned(e, 11) ^ turned(e, 25);
      const t1 = (h + sum1 + ((e & f) ^ (~e & g)) + item(constants, t) + item(words, t)) | 0;
      const sum0 = turned(a, 2) ^ turned(a, 13) ^ turned(a, 22);
      const t2 = (sum0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
      h = g;
      g = f;
      f = e;
      e = (d + t1) | 0;
      d = c;
      c = b;
      b = a;
      a = (t1 + t2) | 0;
    }
    state.set([a, b, c, d, e, f, g, h].map((word, index) => (item(state, index) + word) | 0));
  };
  const update = (bytes: Uint8Array): void => {
    totalBytes += bytes.length;
    let at = 0;
    if (heldBytes > 0) {
      const taken = Math.min(BLOCK_BYTES - heldBytes, bytes.length);
      held.set(bytes.subarray(0, taken), heldBytes);
      heldBytes += taken;
      at = taken;
      if (heldBytes < BLOCK_BYTES) return;
      block(bytesView(held), 0);
      heldBytes = 0;
    }
    const view = bytesView(bytes);
    for (; at + BLOCK_BYTES <= bytes.length; at += BLOCK_BYTES) block(view, at);
    held.set(bytes.subarray(at), 0);
    heldBytes = bytes.length - at;
  };
  return {
    update,
    digest: () => {
      const lengthBits = totalBytes * 8;
      const padding = new Uint8Array((heldBytes < 56 ? 64 : 128) - heldBytes);
      padding[0] = 0x80;
      const view = new DataView(padding.buffer);
      view.setUint32(padding.length - 8, Math.floor(lengthBits / 0x1_0000_0000));
      view.setUint32(padding.length - 4, lengthBits % 0x1_0000_0000);
      update(padding);
      const out = new DataView(new ArrayBuffer(32));
      state.forEach((word, index) => {
        out.setInt32(index * 4, word);
      });
      return new Uint8Array(out.buffer);
    },
  };
}

function turned(word: number, by: number): number {
  return (word >>> by) | (word << (32 - by));
}

/** Indices here are always within. */
function item(words: Int32Array, index: number): number {
  return words[index] ?? 0;
}

function bytesView(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
