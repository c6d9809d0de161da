import { z } from "zod";
import type { CameraId as Id } from "./rules/model.ts";

/** Mints a camera's id from what came over the wire. The rules' type knows no zod, hence the cast. */
export const CameraId = z
  .string()
  .regex(
    /^[a-z0-9][a-z0-9-]{0,30}$/,
    "1 to 31 of a-z, 0-9 and '-', not starting with '-'",
  ) as unknown as z.ZodType<Id, string>;
