import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { asError, Fault } from "../kernel/faults.ts";
import { text } from "../kernel/text.ts";

/** Reads every profile of a folder, by id. A broken file is a Fault("invalid") that names it and what is wrong in it. */
export function loadProfiles<P extends { readonly id: string }>(
  folder: string,
  schema: z.ZodType<P>,
): ReadonlyMap<string, P> {
  const profiles = new Map<string, P>();
  for (const name of listing(folder).sort()) {
    const file = join(folder, name);
    const parsed = schema.safeParse(readJson(file));
    if (!parsed.success) throw brokenProfile(file, z.prettifyError(parsed.error));
    const { id } = parsed.data;
    if (`${id}.json` !== name) {
      throw brokenProfile(file, `id is "${id}", but the file's name says otherwise`);
    }
    profiles.set(id, parsed.data);
  }
  return profiles;
}

export function brokenProfile(file: string, reason: string): Fault {
  return new Fault(
    "invalid",
    text(
      `Firmware profile ${file} can't be used: ${reason}.`,
      `Không dùng được hồ sơ thiết bị ${file}: ${reason}.`,
    ),
    {
      field: "firmwareProfiles",
      hint: text(
        "Correct the file; firmware-profiles/README.md describes each field.",
        "Hãy sửa tệp này; từng trường được mô tả trong firmware-profiles/README.md.",
      ),
    },
  );
}

function listing(folder: string): string[] {
  try {
    return readdirSync(folder).filter((file) => file.endsWith(".json"));
  } catch (error) {
    throw brokenProfile(folder, asError(error).message);
  }
}

function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    throw brokenProfile(file, asError(error).message);
  }
}
