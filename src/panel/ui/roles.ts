import type { Me } from "./shapes.ts";

/** Only hides what would be refused; the hall decides. */
export function mayAct({ roles }: Me, ...allowed: readonly string[]): boolean {
  return roles.some((role) => role === "admin" || allowed.includes(role));
}
