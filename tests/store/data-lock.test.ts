import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, symlink } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { lockDataDir } from "../../src/store/data-lock.ts";

let dir: string;

beforeEach(async () => {
  dir = await mkdtemp(path.join(os.tmpdir(), "lock-"));
  return () => rm(dir, { recursive: true, force: true });
});

describe("the lock of a data folder", () => {
  test("is held by one at a time, and free again when let go", async () => {
    const first = await lockDataDir(dir);
    await expect(lockDataDir(dir)).rejects.toMatchObject({
      kind: "conflict",
      message: expect.stringContaining(dir) as string,
    });
    await first[Symbol.asyncDispose]();
    await using second = await lockDataDir(dir);
    expect(second).toBeDefined();
  });

  test("two spellings of one folder are one lock", async () => {
    const alias = `${dir}-alias`;
    await symlink(dir, alias);
    try {
      await using held = await lockDataDir(dir);
      expect(held).toBeDefined();
      await expect(lockDataDir(`${alias}/../${path.basename(alias)}/.`)).rejects.toMatchObject({
        kind: "conflict",
      });
    } finally {
      await rm(alias);
    }
  });

  test("two folders do not disturb each other, and a missing one is made", async () => {
    await using one = await lockDataDir(path.join(dir, "one"));
    await using two = await lockDataDir(path.join(dir, "two"));
    expect([one, two]).toHaveLength(2);
  });

  test("a holder that is killed leaves no lock behind", async () => {
    const lock = path.resolve("src/store/data-lock.ts");
    const script = `import { lockDataDir } from ${JSON.stringify(lock)};
      const held = await lockDataDir(${JSON.stringify(dir)}); console.log("held"); setInterval(() => held, 1000);`;
    const holder = spawn(process.execPath, ["--input-type=module-typescript", "-e", script], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    try {
      await once(holder.stdout, "data");
      await expect(lockDataDir(dir)).rejects.toMatchObject({ kind: "conflict" });
    } finally {
      holder.kill("SIGKILL");
      await once(holder, "exit");
    }
    await using held = await lockDataDir(dir);
    expect(held).toBeDefined();
  });
});
