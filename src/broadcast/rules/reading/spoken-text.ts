/** Rests, weak to strong. Between two words the strongest counts. */
const RESTS = ["", " ", ", ", "; ", ": ", ". ", "? ", "! ", ".\n"] as const;
type Rest = (typeof RESTS)[number];

const REST_OF: Readonly<Record<string, Rest>> = {
  " ": " ",
  ",": ", ",
  "(": ", ",
  ")": ", ",
  "[": ", ",
  "]": ", ",
  "–": ", ",
  ";": "; ",
  ":": ": ",
  ".": ". ",
  "…": ". ",
  "?": "? ",
  "!": "! ",
  "\n": ".\n",
};

/** Builds what a voice gets: words with one rest between them. */
export class SpokenText {
  private said = "";
  private rest: Rest = "";

  get text(): string {
    return this.said + (/[.?!]/.exec(this.rest)?.[0] ?? "");
  }

  /** Returns where the words begin. */
  say(words: string): number {
    if (this.said !== "") this.said += this.rest === "" ? " " : this.rest;
    this.rest = "";
    const from = this.said.length;
    this.said += words;
    return from;
  }

  /** A sign between words. Unknown signs are a space: they part words and say nothing. */
  pause(sign: string): void {
    const rest = REST_OF[sign] ?? " ";
    const question = sign === "\n" && /[?!]/.test(this.rest);
    if (!question && RESTS.indexOf(rest) > RESTS.indexOf(this.rest)) this.rest = rest;
  }
}
