/** Longest name of a hamlet, group or speaker, in characters after clean-up. */
export const NAME_LIMIT_CHARS = 60;

/** Longest id the protocol allows. */
const ID_LIMIT_CHARS = 31;

/** Would collide with the group topics of the protocol. */
const RESERVED_IDS: readonly string[] = ["all", "hamlet"];

/**
 * One spelling for what a person typed: composed (NFC), single spaces, no control or invisible characters. Undefined
 * when nothing readable is left or it is too long.
 */
export function cleanName(typed: string): string | undefined {
  const name = typed
    .normalize("NFC")
    .replace(/[\p{Cc}\p{Cf}\p{Co}\p{Cn}]/gu, " ")
    .replace(/\s+/gu, " ")
    .trim();
  if (!/[\p{L}\p{N}]/u.test(name)) return undefined;
  return Array.from(name).length > NAME_LIMIT_CHARS ? undefined : name;
}

/** `Thôn Đông Hòa` → `thon-dong-hoa`; a number is added when that is taken. */
export function proposeId(name: string, isTaken: (id: string) => boolean, fallback: string): string {
  const base = shorten(slug(name), ID_LIMIT_CHARS) || fallback;
  if (!RESERVED_IDS.includes(base) && !isTaken(base)) return base;
  for (let number = 2; ; number += 1) {
    const suffix = `-${number}`;
    const id = shorten(base, ID_LIMIT_CHARS - suffix.length) + suffix;
    if (!isTaken(id)) return id;
  }
}

function slug(name: string): string {
  return name
    .normalize("NFD")
    .replace(/\p{M}/gu, "")
    .replace(/[đĐ]/gu, "d")
    .toLowerCase()
    .replace(/[^a-z0-9]+/gu, "-")
    .replace(/^-+|-+$/gu, "");
}

/** Cuts between words where the first word leaves room for that. */
function shorten(id: string, limit: number): string {
  if (id.length <= limit) return id;
  const cut = id.slice(0, limit + 1);
  const wordEnd = cut.lastIndexOf("-");
  return (wordEnd > 0 ? cut.slice(0, wordEnd) : id.slice(0, limit)).replace(/-+$/u, "");
}
