import { z } from "zod";
import type { CameraId as Id } from "./rules/model.ts";

/** Mints a camera's id from what came over the wire. */
export const CameraId = z.custom<Id>(
  (id) => typeof id === "string" && /^[a-z0-9][a-z0-9-]{0,30}$/.test(id),
  "1 to 31 of a-z, 0-9 and '-', not starting with '-'",
);
