/**
 * Whether everything that `requested` can match is matched by `allowed` too (MQTT 3.1.1 §4.7). A topic is a filter
 * without wildcards, so the same question answers "may it publish there?".
 */
export function covers(allowed: string, requested: string): boolean {
  if (allowed === requested) return true;
  // §4.7.2: a wildcard at the first level does not reach topics that begin with $.
  if (allowed.startsWith("$") !== requested.startsWith("$")) return false;
  const wide = allowed.split("/");
  const narrow = requested.split("/");
  for (const [level, word] of wide.entries()) {
    if (word === "#") return true;
    const asked = narrow[level];
    if (asked === undefined || asked === "#") return false;
    if (word !== "+" && word !== asked) return false;
  }
  return wide.length === narrow.length;
}

export function coversAny(allowed: readonly string[], requested: string): boolean {
  return allowed.some((filter) => covers(filter, requested));
}
