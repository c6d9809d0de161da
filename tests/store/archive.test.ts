import { createWriteStream } from "node:fs";
import {
  chmod,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  symlink,
  truncate,
  writeFile,
} from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { pack } from "tar-stream";
import { beforeEach, describe, expect, test } from "vitest";
import { epochMs } from "../../src/kernel/time.ts";
import { filesBelow, unpackArchive, writeArchive } from "../../src/store/archive.ts";

let dir: string;
let data: string;
let archive: string;
let restored: string;

beforeEach(async () => {
  dir = await mkdtemp(path.join(os.tmpdir(), "archive-"));
  data = path.join(dir, "data");
  archive = path.join(dir, "backup.tar.gz");
  restored = path.join(dir, "restored");
  await mkdir(path.join(data, "audio", "ab"), { recursive: true });
  await writeFile(path.join(data, "audio", "ab", "bản tin.mp3"), Buffer.alloc(300_000, 7));
  await writeFile(path.join(data, "empty"), "");
  await writeFile(path.join(data, "key.pem"), "secret", { mode: 0o600 });
  return () => rm(dir, { recursive: true, force: true });
});

const made = { version: "1.2.3", createdAt: epochMs(42) };

async function save(): Promise<void> {
  await pipeline(
    writeArchive(
      filesBelow(data, () => false),
      made,
    ),
    createWriteStream(archive),
  );
}

describe("an archive", () => {
  test("brings every file back as it was, with who may read it", async () => {
    await save();
    expect(await unpackArchive(archive, restored)).toEqual({ ...made, fileCount: 3, bytes: 300_006 });
    expect(await readFile(path.join(restored, "audio", "ab", "bản tin.mp3"))).toEqual(
      Buffer.alloc(300_000, 7),
    );
    expect(await readFile(path.join(restored, "empty"), "utf8")).toBe("");
    expect((await stat(path.join(restored, "key.pem"))).mode & 0o777).toBe(0o600);
  });

  test("leaves out what is skipped and what is a link to elsewhere", async () => {
    await symlink("/etc/hostname", path.join(data, "link"));
    const names: string[] = [];
    for await (const { name } of filesBelow(data, (name) => name === "audio")) names.push(name);
    expect(names).toEqual(["empty", "key.pem"]);
  });

  test("goes on without a file that has gone meanwhile", async () => {
    const sources = async function* (): ReturnType<typeof filesBelow> {
      for await (const source of filesBelow(data, () => false)) {
        await rm(path.join(data, "key.pem"), { force: true });
        yield source;
      }
    };
    await pipeline(writeArchive(sources(), made), createWriteStream(archive));
    expect(await unpackArchive(archive, restored)).toMatchObject({ fileCount: 2 });
  });

  test("tells its reader when a file can't be read, rather than ending early", async () => {
    const sources = async function* (): ReturnType<typeof filesBelow> {
      yield* filesBelow(data, () => false);
      yield { name: "folder", file: path.join(data, "audio") };
    };
    await expect(pipeline(writeArchive(sources(), made), createWriteStream(archive))).rejects.toThrow(
      "EISDIR",
    );
  });

  test("can be left half-read", async () => {
    const stream = writeArchive(
      filesBelow(data, () => false),
      made,
    );
    for await (const chunk of stream) {
      expect(chunk).toBeDefined();
      break;
    }
    expect(stream.destroyed).toBe(true);
  });
});

describe("an archive is refused whole, leaving nothing behind,", () => {
  const refused = async (): Promise<string> => {
    const error: unknown = await unpackArchive(archive, restored).then(
      () => "taken",
      (thrown: unknown) => thrown,
    );
    expect(await readdir(dir)).not.toContain("restored");
    return error instanceof Error && "kind" in error ? String(error.kind) : String(error);
  };

  const tarOf = async (fill: (tar: ReturnType<typeof pack>) => void): Promise<void> => {
    const tar = pack();
    fill(tar);
    tar.finalize();
    await pipeline(tar as AsyncIterable<Uint8Array>, createGzip(), createWriteStream(archive));
  };
  const manifest = (files: object[]): string =>
    JSON.stringify({ format: 1, version: "1", createdAt: 1, files });

  test("when it is not there", async () => {
    expect(await refused()).toBe("not-found");
  });

  test.for([0, 10, 150])("when it is cut off after %i bytes", async (bytes) => {
    await save();
    await truncate(archive, bytes);
    expect(await refused()).toBe("corrupt");
  });

  test("when it is something else", async () => {
    await writeFile(archive, "PK not a backup");
    expect(await refused()).toBe("corrupt");
  });

  test("when a file of its list is missing", async () => {
    const sha256 = "0".repeat(64);
    await tarOf((tar) => {
      tar.entry({ name: "tienglang-backup.json" }, manifest([{ name: "tienglang.db", bytes: 1, sha256 }]));
    });
    expect(await refused()).toBe("corrupt");
  });

  test("when it has no list", async () => {
    await tarOf((tar) => {
      tar.entry({ name: "a" }, "a");
    });
    expect(await refused()).toBe("corrupt");
  });

  test("when it has a file more than its list", async () => {
    await tarOf((tar) => {
      tar.entry({ name: "a" }, "a");
      tar.entry({ name: "tienglang-backup.json" }, manifest([]));
    });
    expect(await refused()).toBe("corrupt");
  });

  test.for(["../outside", "/etc/outside", "a/../../outside"])("when an entry is named %s", async (name) => {
    await tarOf((tar) => {
      tar.entry({ name }, "x");
      tar.entry({ name: "tienglang-backup.json" }, manifest([]));
    });
    expect(await refused()).toBe("corrupt");
    expect(await readdir(dir)).not.toContain("outside");
  });

  test("when an entry is a link", async () => {
    await tarOf((tar) => {
      tar.entry({ name: "a", type: "symlink", linkname: "/etc/passwd" });
      tar.entry({ name: "tienglang-backup.json" }, manifest([]));
    });
    expect(await refused()).toBe("corrupt");
  });

  test("but a folder that is there already is not touched", async () => {
    await save();
    await mkdir(restored);
    await chmod(restored, 0o750);
    await expect(unpackArchive(archive, restored)).rejects.toThrow("EEXIST");
    expect(await readdir(dir)).toContain("restored");
  });
});
