import { readFileSync } from "node:fs";
import { stripTypeScriptTypes } from "node:module";

/** In the order in which each needs only what stands before it. */
const CORE = [
  "package-format.ts",
  "findings.ts",
  "record-checks.ts",
  "checks.ts",
  "report.ts",
  "sha256.ts",
  "web-tools.ts",
  "zip.ts",
] as const;

/** `verify.mjs`: everything in one file for Node 20 or later, no packages. */
export function verifierScript(): string {
  return [...CORE, "folder.ts"].map(plain).join("\n") + read("script.txt");
}

/** `verify.html`: the same checks in one page, without network. */
export function verifierPage(): string {
  const core = CORE.map(plain).join("\n");
  if (core.includes("</script")) throw new Error("the verifier's text would end its own script element");
  return read("page.html").replace("/*VERIFIER*/", () => core);
}

/** Without types, and without what ties the files together: in one text they see each other. */
function plain(file: string): string {
  return stripTypeScriptTypes(read(file))
    .replaceAll(/^import\s[^;]*from\s+"\.[^"]*";/gm, "")
    .replaceAll(/^export /gm, "")
    .replaceAll(/[ \t]+$/gm, "")
    .replaceAll(/\n{3,}/g, "\n\n");
}

function read(file: string): string {
  return readFileSync(new URL(file, import.meta.url), "utf8");
}
