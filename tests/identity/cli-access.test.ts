import { mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { CLI_ACCESS_FILE, openCliAccess, readCliAccess } from "../../src/identity/cli-access.ts";

let dir: string;

beforeEach(async () => {
  dir = await mkdtemp(path.join(os.tmpdir(), "cli-access-"));
  return () => rm(dir, { recursive: true, force: true });
});

describe("the command line's way in", () => {
  test("is a file for its owner alone, and gone when the daemon has ended", async () => {
    {
      await using access = openCliAccess(dir);
      await access.announce("https://127.0.0.1:8443", "CA");
      const read = await readCliAccess(dir);
      expect(read).toMatchObject({ url: "https://127.0.0.1:8443", caPem: "CA" });
      expect(access.isToken(read.token)).toBe(true);
      expect((await stat(path.join(dir, CLI_ACCESS_FILE))).mode & 0o777).toBe(0o600);
    }
    expect(await readdir(dir)).toEqual([]);
  });

  test("is another token at each start; the file of a killed daemon is written over", async () => {
    const killed = openCliAccess(dir);
    await killed.announce("https://127.0.0.1:1", "CA");
    const old = await readCliAccess(dir);
    await using access = openCliAccess(dir);
    await access.announce("https://127.0.0.1:2", "CA");
    expect(access.isToken(old.token)).toBe(false);
    expect(await readCliAccess(dir)).toMatchObject({ url: "https://127.0.0.1:2" });
  });

  test.for(["", "x", "ă".repeat(43)])("%j is not the token", (candidate) => {
    expect(openCliAccess(dir).isToken(candidate)).toBe(false);
  });

  test("without it, tells that nothing runs here and what to do", async () => {
    await expect(readCliAccess(dir)).rejects.toMatchObject({ kind: "unavailable" });
    await writeFile(path.join(dir, CLI_ACCESS_FILE), "{");
    await expect(readCliAccess(dir)).rejects.toMatchObject({ kind: "corrupt" });
  });
});
