import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { runCli } from "../../src/cli/program.ts";
import { systemClock } from "../../src/kernel/clock.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

/** Without a running daemon: what is refused here is refused before anything is asked of it. */
async function refusalOf(dir: string, argv: readonly string[]): Promise<[number, string]> {
  const said: string[] = [];
  const code = await runCli(argv, {
    clock: systemClock,
    env: { TIENGLANG_DATA: dir, TIENGLANG_CONFIG: join(dir, "none.json"), LANG: "C" },
    out: (line) => said.push(line),
    err: (line) => said.push(line),
    readInput: () => Promise.resolve(""),
    signal: new AbortController().signal,
  });
  return [code, said.join("\n")];
}

test.each<[string, readonly string[], string]>([
  ["nothing", [], "It is not said what to cut."],
  ["the last minutes and a stretch", ["--last", "5", "--from", "09:00"], "--last does not go together"],
  ["no number", ["--last", "five"], '--last "five" is not a number of minutes'],
  ["the last month", ["--last", "43200"], "from 0.1 to 720"],
])("a clip of %s is refused", async (_name, options, sentence) => {
  using folder = temporaryFolder();
  const [code, said] = await refusalOf(folder.path, [
    "clip",
    "make",
    "quay-1",
    "--reason",
    "Va chạm",
    ...options,
  ]);
  expect([code, said]).toEqual([64, expect.stringContaining(sentence)]);
});

test("a package that is not there, or is none, is told apart", async () => {
  using folder = temporaryFolder();
  const file = join(folder.path, "goi.zip");
  const verify = ["evidence", "verify", file];
  expect(await refusalOf(folder.path, verify)).toEqual([
    66,
    expect.stringContaining(`There is no file ${file}.`),
  ]);
  writeFileSync(file, "no zip at all");
  expect(await refusalOf(folder.path, verify)).toEqual([66, expect.stringContaining("can't be read")]);
});
