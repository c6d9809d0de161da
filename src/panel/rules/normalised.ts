/** Deeper is not ours, and would only serve to use up the stack. */
const MAX_DEPTH = 32;

/**
 * The same plain data with all its text in Unicode NFC: one keyboard sends "ế" as one character, another as three, and
 * both must find the same hamlet. What is not plain data (a stream, bytes) is passed on as it is.
 */
export function normalised(value: unknown, depth = 0): unknown {
  if (typeof value === "string") return value.normalize("NFC");
  if (depth >= MAX_DEPTH || typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map((item) => normalised(item, depth + 1));
  if (!isPlain(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key.normalize("NFC"), normalised(item, depth + 1)]),
  );
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
