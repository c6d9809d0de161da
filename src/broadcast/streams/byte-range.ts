export type RangeAnswer =
  | { readonly type: "whole" }
  | { readonly type: "part"; readonly from: number; readonly to: number }
  | { readonly type: "unsatisfiable" };

/**
 * What a `Range` header asks of a file (RFC 9110 §14). `to` is included. Several ranges, other units and malformed headers
 * are answered with the whole file, as the RFC allows.
 */
export function readRange(header: string | undefined, sizeBytes: number): RangeAnswer {
  const match = /^bytes=\s*(\d{0,15})-(\d{0,15})\s*$/.exec(header ?? "");
  if (match === null) return { type: "whole" };
  const [, first = "", last = ""] = match;
  if (first === "") return suffix(last, sizeBytes);
  const from = Number(first);
  const to = last === "" ? sizeBytes - 1 : Math.min(Number(last), sizeBytes - 1);
  if (last !== "" && Number(last) < from) return { type: "whole" };
  return from >= sizeBytes ? { type: "unsatisfiable" } : { type: "part", from, to };
}

function suffix(last: string, sizeBytes: number): RangeAnswer {
  if (last === "") return { type: "whole" };
  const lengthBytes = Math.min(Number(last), sizeBytes);
  if (lengthBytes === 0) return { type: "unsatisfiable" };
  return { type: "part", from: sizeBytes - lengthBytes, to: sizeBytes - 1 };
}
