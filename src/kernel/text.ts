/** The languages a person may read us in. Vietnamese for the panel, English for the technician's terminal. */
export type Lang = "vi" | "en";

/** One sentence in both languages. Written at the place that decides it, so the two can't drift apart. */
export interface Text {
  readonly en: string;
  readonly vi: string;
}

/** Names and figures inside both languages of one sentence. */
export function text(en: string, vi: string): Text {
  return { en, vi };
}
