interface Correlation {
  /** How many frames `heard` lies behind `reference`. */
  readonly lagFrames: number;
  /** −1 to 1 over the whole reference; what `heard` lacks of it counts as silence. */
  readonly coefficient: number;
}

/** Aligns two signals by their cross-correlation (through an FFT) and says how alike they are. */
export function correlate(reference: Int16Array, heard: Int16Array): Correlation {
  const size = 2 ** Math.ceil(Math.log2(reference.length + heard.length));
  const a = spectrumOf(reference, size);
  const b = spectrumOf(heard, size);
  const product = { re: new Float64Array(size), im: new Float64Array(size) };
  for (let k = 0; k < size; k += 1) {
    const [ar, ai, br, bi] = [a.re[k] ?? 0, a.im[k] ?? 0, b.re[k] ?? 0, b.im[k] ?? 0];
    // b · conj(a), conjugated: a forward transform of the conjugate is the inverse transform.
    product.re[k] = br * ar + bi * ai;
    product.im[k] = -(bi * ar - br * ai);
  }
  transform(product.re, product.im);
  let best = 0;
  for (let k = 1; k < size; k += 1) if ((product.re[k] ?? 0) > (product.re[best] ?? 0)) best = k;
  const lagFrames = best < heard.length ? best : best - size;
  return { lagFrames, coefficient: coefficientAt(reference, heard, lagFrames) };
}

/** How alike two signals are when `heard` lies `lagFrames` behind. */
export function coefficientAt(reference: Int16Array, heard: Int16Array, lagFrames: number): number {
  let [product, ofReference, ofHeard] = [0, 0, 0];
  for (let index = 0; index < reference.length; index += 1) {
    const x = reference[index] ?? 0;
    const y = heard[index + lagFrames] ?? 0;
    product += x * y;
    ofReference += x * x;
    ofHeard += y * y;
  }
  return ofReference === 0 || ofHeard === 0 ? 0 : product / Math.sqrt(ofReference * ofHeard);
}

function spectrumOf(samples: Int16Array, size: number): { re: Float64Array; im: Float64Array } {
  const re = new Float64Array(size);
  re.set(samples);
  const im = new Float64Array(size);
  transform(re, im);
  return { re, im };
}

/** Radix-2 FFT in place. */
function transform(re: Float64Array, im: Float64Array): void {
  reverseBits(re, im);
  for (let length = 2; length <= re.length; length *= 2) {
    const half = length / 2;
    const cos = Float64Array.from({ length: half }, (_, k) => Math.cos((-2 * Math.PI * k) / length));
    const sin = Float64Array.from({ length: half }, (_, k) => Math.sin((-2 * Math.PI * k) / length));
    for (let start = 0; start < re.length; start += length) {
      for (let k = 0; k < half; k += 1) {
        const low = start + k;
        const high = low + half;
        const turnedRe = at(re, high) * at(cos, k) - at(im, high) * at(sin, k);
        const turnedIm = at(re, high) * at(sin, k) + at(im, high) * at(cos, k);
        re[high] = at(re, low) - turnedRe;
        im[high] = at(im, low) - turnedIm;
        re[low] = at(re, low) + turnedRe;
        im[low] = at(im, low) + turnedIm;
      }
    }
  }
}

function reverseBits(re: Float64Array, im: Float64Array): void {
  for (let i = 1, j = 0; i < re.length; i += 1) {
    let bit = re.length >> 1;
    for (; (j & bit) !== 0; bit >>= 1) j ^= bit;
    j ^= bit;
    if (i >= j) continue;
    [re[i], re[j]] = [at(re, j), at(re, i)];
    [im[i], im[j]] = [at(im, j), at(im, i)];
  }
}

function at(values: Float64Array, index: number): number {
  return values[index] ?? 0;
}
