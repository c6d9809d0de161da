import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { gzipSync } from "node:zlib";
import type { FastifyInstance } from "fastify";
import { beforeEach, describe, expect, test } from "vitest";
import { buildPanel } from "../../src/panel/app.ts";
import { openTestPanel } from "../support/test-panel.ts";

let app: FastifyInstance;

beforeEach(async () => {
  const panel = await openTestPanel();
  const { uiDir } = panel.parts;
  await mkdir(path.join(uiDir, "assets"), { recursive: true });
  await writeFile(path.join(uiDir, "index.html"), "<p>Tiếng Làng</p>");
  await writeFile(path.join(uiDir, "assets", "index-abc.js"), "plain");
  await writeFile(path.join(uiDir, "assets", "index-abc.js.gz"), gzipSync("plain"));
  app = await buildPanel(panel.parts);
  return async () => {
    await app.close();
    await panel[Symbol.asyncDispose]();
  };
});

describe("the built page", () => {
  test("is asked for each time; what it names is kept for good", async () => {
    expect((await app.inject({ url: "/" })).headers["cache-control"]).toBe("no-cache");
    expect((await app.inject({ url: "/assets/index-abc.js" })).headers["cache-control"]).toContain(
      "immutable",
    );
  });

  test("goes out compressed to who takes that", async () => {
    const plain = await app.inject({ url: "/assets/index-abc.js" });
    expect([plain.headers["content-encoding"], plain.body]).toEqual([undefined, "plain"]);
    const packed = await app.inject({
      url: "/assets/index-abc.js",
      headers: { "accept-encoding": "gzip, br" },
    });
    expect([packed.headers["content-encoding"], packed.headers["content-type"]]).toEqual([
      "gzip",
      "application/javascript; charset=utf-8",
    ]);
  });

  test.for(["/../cli.token", "/..%2fcli.token", "/assets/../../tienglang.db", "/.git/config"])(
    "gives nothing of what is not in it (%s)",
    async (url) => {
      expect((await app.inject({ url })).statusCode).toBeGreaterThanOrEqual(400);
    },
  );
});
