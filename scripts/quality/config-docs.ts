/** Writes config/'s example, JSON Schema and table from the schema in src/daemon/config.ts. `--check` only compares. */
import { readFileSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { format } from "prettier";
import { z } from "zod";
import { Config } from "../../src/daemon/config.ts";

const folder = resolve(import.meta.dirname, "../../config");

interface Property {
  readonly description?: string;
  readonly default?: unknown;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Property[];
  readonly properties?: Readonly<Record<string, Property>>;
}

/** File name → content, as they must be. */
export async function configDocs(): Promise<Map<string, string>> {
  const schema = z.toJSONSchema(Config, { io: "input" }) as Property;
  const example = { $schema: "./tienglang.schema.json", ...Config.parse({}) };
  const json = (value: unknown): Promise<string> =>
    format(JSON.stringify(value), { parser: "json", printWidth: 110 });
  return new Map([
    ["tienglang.schema.json", await json(schema)],
    ["tienglang.example.json", await json(example)],
    ["README.md", await format(table(schema), { parser: "markdown", printWidth: 110 })],
  ]);
}

function table(schema: Property): string {
  const rows = Object.entries(schema.properties ?? {}).flatMap(([name, property]) =>
    property.properties === undefined
      ? [row(name, property)]
      : Object.entries(property.properties).map(([inner, value]) => row(`${name}.${inner}`, value)),
  );
  return [
    "# Settings",
    "",
    "`scripts/run` writes `config/tienglang.json` at its first start. Read once, at start; unknown names are errors.",
    "A setting that is left out has its default. `tienglang.example.json` shows them all. Secrets are never in this file:",
    "keys and credentials are made at first start in the data folder, readable by the service alone.",
    "",
    "| setting | default | range | meaning |",
    "| --- | --- | --- | --- |",
    ...rows,
    "",
  ].join("\n");
}

function row(name: string, property: Property): string {
  const shown = property.default === undefined ? "" : `\`${JSON.stringify(property.default)}\``;
  return `| \`${name}\` | ${shown} | ${range(property)} | ${property.description ?? ""} |`;
}

function range(property: Property): string {
  const { minimum, maximum, enum: values } = property.anyOf?.[0] ?? property;
  if (values !== undefined) return values.map((value) => `\`${String(value)}\``).join(", ");
  return minimum === undefined || maximum === undefined ? "" : `${minimum}–${maximum}`;
}

if (import.meta.main) {
  for (const [name, content] of await configDocs()) {
    const file = resolve(folder, name);
    if (process.argv.includes("--check") && readFileSync(file, "utf8") !== content) {
      console.error(`config/${name} is stale: node scripts/quality/config-docs.ts`);
      process.exitCode = 1;
    } else if (!process.argv.includes("--check")) writeFileSync(file, content);
  }
}
