/** Engines slow down or give up on very long input; a sentence longer than this is cut at a comma or a space. */
const LONGEST_CHARS = 1_000;

/**
 * Cuts a text into pieces of whole sentences, each at most 1,000 characters where words allow. Blank text gives no
 * piece.
 */
export function sentencesOf(text: string): string[] {
  const pieces: string[] = [];
  let piece = "";
  for (const sentence of text.split(/(?<=[.!?…])\s+|\n+/).flatMap(shortEnough)) {
    if (piece !== "" && piece.length + sentence.length + 1 > LONGEST_CHARS) {
      pieces.push(piece);
      piece = "";
    }
    piece = piece === "" ? sentence : `${piece} ${sentence}`;
  }
  if (piece !== "") pieces.push(piece);
  return pieces;
}

function shortEnough(sentence: string): string[] {
  const parts: string[] = [];
  let rest = sentence.trim();
  while (rest.length > LONGEST_CHARS) {
    const window = rest.slice(0, LONGEST_CHARS);
    const at = Math.max(window.lastIndexOf(", "), window.lastIndexOf("; ")) + 1 || window.lastIndexOf(" ");
    const cutAt = at > 0 ? at : LONGEST_CHARS;
    parts.push(rest.slice(0, cutAt).trim());
    rest = rest.slice(cutAt).trim();
  }
  return rest === "" ? parts : [...parts, rest];
}
