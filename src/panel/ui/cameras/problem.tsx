import type { ReactNode } from "react";
import type { Refused } from "../api.ts";

/** A refusal in the hall's own words; nothing when there is none. */
export function Problem({ refused }: { readonly refused: Refused | undefined }): ReactNode {
  if (refused === undefined) return null;
  return (
    <p className="problem" role="alert">
      {refused.message} {refused.hint}
    </p>
  );
}
