/** Text as it may stand between tags or in an attribute. */
export function escapeXml(value: string): string {
  return value.replace(/[<>&"']/gu, (character) => `&#${character.charCodeAt(0)};`);
}
