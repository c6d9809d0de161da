import { z } from "zod";
import type { Signature } from "./rules/approval.ts";

/** Who did it and when, with the name as it was then. */
export const WhoWire = z.object({
  id: z.string(),
  name: z.string(),
  at: z.int().describe("UTC milliseconds"),
});

export function whoAnswer({ by, name, at }: Signature): z.infer<typeof WhoWire> {
  return { id: by, name, at };
}
