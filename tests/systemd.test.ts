import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "./support/temporary-folder.ts";

const ROOT = resolve(import.meta.dirname, "..");
const UNITS = readdirSync(join(ROOT, "systemd")).filter((name) => name.endsWith(".service"));

test.each(UNITS)("%s passes systemd's own check without a word", (name) => {
  using folder = temporaryFolder();
  // The check wants the program and the manual to exist: this checkout stands in for the place of installation.
  const unit = readFileSync(join(ROOT, "systemd", name), "utf8").replaceAll("/opt/tienglang", ROOT);
  const file = join(folder.path, name);
  writeFileSync(file, unit);
  const said = execFileSync("systemd-analyze", ["verify", "--man=no", file], {
    encoding: "utf8",
    stdio: "pipe",
  });
  expect(said).toBe("");
});
