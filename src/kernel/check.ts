import type { Text } from "./text.ts";

/** One line of `tienglang doctor`: something looked at, how it stands, and what to do when it does not stand well. */
export interface Check {
  /** Stable, for programs: `database`, `certificate`, `speakers-silent`. */
  readonly id: string;
  readonly outcome: "ok" | "warn" | "fail";
  readonly said: Text;
  readonly remedy?: Text;
}
