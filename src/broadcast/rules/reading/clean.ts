/** Marks that nobody sees: zero width, direction, soft hyphen, byte order, variation selectors, tags. */
const INVISIBLE =
  /[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff\u{e0000}-\u{e0fff}]/gu;
const PICTURES = /[\p{Extended_Pictographic}\p{Emoji_Modifier}\p{Regional_Indicator}\u20e3]/gu;
/** Bold letters of mathematics, which social networks use for headlines; figures in circles; ½. */
const STYLED = /[\u{1d400}-\u{1d7ff}\u00bc-\u00be\u2150-\u215f\u2460-\u249b]/gu;
/** Composed Vietnamese has no mark of its own left, and no letter beyond the basic plane. */
const FOREIGN = /[\p{M}\u{10000}-\u{10ffff}]/gu;
/** Fullwidth figures and letters, as some input methods leave them. */
const FULLWIDTH = /[\uff01-\uff5e]/g;

/**
 * The text as the rules expect it: composed letters whatever the keyboard sent, one kind of space, of hyphen and of
 * quote, no invisible marks and no pictures. Lines stay.
 */
export function clean(text: string): string {
  return text
    .replace(STYLED, (sign) => sign.normalize("NFKC"))
    .normalize("NFC")
    .replace(/\r\n?|[\u2028\u2029\v\f]/g, "\n")
    .replace(INVISIBLE, "")
    .replace(/[©®™]/gu, " ")
    .replace(PICTURES, (sign) => (/[0-9#*]/.test(sign) ? sign : " "))
    .replace(FOREIGN, "")
    .replaceAll("⁄", "/")
    .replace(FULLWIDTH, (sign) => String.fromCharCode(sign.charCodeAt(0) - 0xfee0))
    .replace(/[\p{Zs}\t]/gu, " ")
    .replace(/[\0-\x08\x0e-\x1f\x7f-\x9f\ufffd\p{Cs}\p{Co}\p{Cn}]/gu, " ")
    .replace(/[\u2010-\u2012\u2212\ufe63]/g, "-")
    .replace(/[\u2013-\u2015]/g, "–")
    .replace(/[“”„«»″]/g, '"')
    .replace(/[‘‛′]/g, "'");
}
