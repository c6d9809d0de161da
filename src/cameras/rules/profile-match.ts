import type { Identity } from "./model.ts";

interface Matchable {
  readonly id: string;
  readonly match: { readonly manufacturers: readonly string[]; readonly models: readonly string[] };
}

/**
 * The profile of a device's make: by its model first, because brands sell each other's devices, then by its maker.
 * `fallback` when no profile knows it.
 */
export function profileFor(
  { manufacturer, model }: Pick<Identity, "manufacturer" | "model">,
  profiles: Iterable<Matchable>,
  fallback: string,
): string {
  const all = [...profiles];
  const ofModel = all.find(({ match }) =>
    match.models.some((start) => plain(model).startsWith(plain(start))),
  );
  const ofMaker = all.find(({ match }) => match.manufacturers.some((word) => hasWord(manufacturer, word)));
  return (ofModel ?? ofMaker)?.id ?? fallback;
}

const plain = (words: string): string => words.normalize("NFC").toLowerCase().trim();

function hasWord(said: string, word: string): boolean {
  const parts = plain(said).split(/[^\p{L}\p{N}]+/u);
  return parts.some((part) => part.startsWith(plain(word)));
}
