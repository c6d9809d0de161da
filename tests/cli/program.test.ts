import { mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { runCli } from "../../src/cli/program.ts";
import { allow } from "../../src/identity/guard.ts";
import { systemClock } from "../../src/kernel/clock.ts";
import { openPanel, type Panel } from "../../src/panel/server.ts";
import { lockDataDir } from "../../src/store/data-lock.ts";
import { openDatabase } from "../../src/store/database.ts";
import { openTestPanel, PASSWORD, type TestPanel } from "../support/test-panel.ts";

let dir: string;
let hall: TestPanel;
let panel: Panel;
/** Bodies that the features' routes were sent. */
let sent: unknown[];

const described = (body: z.ZodType) => ({
  preHandler: allow(),
  schema: {
    tags: ["test"],
    summary: "Stands in for a feature",
    body,
    response: { 200: z.unknown(), 204: z.unknown() },
  },
});

const features: FastifyPluginAsyncZod = (app) => {
  app.post("/say", described(z.object({ text: z.string().max(20) }).loose()), (request) => {
    sent.push(request.body);
    return { at: 0, bulletin: "b1", said: { vi: "Sẽ phát lúc 17:05.", en: "It will sound at 17:05." } };
  });
  app.post("/stop-all", described(z.looseObject({})), (request) => {
    sent.push(request.body);
    return { stopped: ["a1"], holdUntil: Date.UTC(2026, 10, 23, 10) };
  });
  app.post("/resume", { ...described(z.unknown()) }, (_request, reply) => reply.code(204).send());
  app.post("/hamlets", described(z.looseObject({})), (request) => {
    sent.push(request.body);
    return { id: "thon-dong", name: "Thôn Đông", speakers: 0 };
  });
  app.post("/speakers", described(z.looseObject({})), (request) => {
    sent.push(request.body);
    const speaker = {
      id: "loa-1",
      name: "Loa đình",
      hamlet: "thon-dong",
      profile: "native",
      presence: "unknown",
      address: null,
    };
    return {
      speaker,
      provisioning: { transport: "native", config: { id: "loa-1", secret: "s3cret" }, caPem: "CA" },
    };
  });
  return Promise.resolve();
};

beforeEach(async () => {
  sent = [];
  dir = await mkdtemp(path.join(os.tmpdir(), "cli-"));
  hall = await openTestPanel({ features: [features] });
  panel = await openPanel(hall.parts, { host: "127.0.0.1", port: 0 });
});

afterEach(async () => {
  await panel[Symbol.asyncDispose]();
  await hall.parts.cliAccess[Symbol.asyncDispose]();
  await hall[Symbol.asyncDispose]();
  await rm(dir, { recursive: true, force: true });
});

interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

async function run(
  argv: readonly string[],
  given: { readonly input?: string; readonly data?: string } = {},
): Promise<Ran> {
  const out: string[] = [];
  const err: string[] = [];
  const code = await runCli(argv, {
    clock: systemClock,
    env: {
      TIENGLANG_DATA: given.data ?? hall.dataDir,
      TIENGLANG_CONFIG: path.join(dir, "none.json"),
      LANG: "vi_VN.UTF-8",
    },
    out: (line) => out.push(line),
    err: (line) => err.push(line),
    readInput: () => Promise.resolve(given.input ?? ""),
    signal: new AbortController().signal,
  });
  return { code, out: out.join("\n"), err: err.join("\n") };
}

describe("users", () => {
  test("are added with a password that is shown once and works", async () => {
    const { code, out } = await run([
      "user",
      "add",
      "hoa",
      "--role",
      "officer",
      "leader",
      "--full-name",
      "Lê Thị Hoa",
    ]);
    const password = /chỉ hiện lần này\): (\S+)/.exec(out)?.[1] ?? "";
    expect(code).toBe(0);
    expect(await hall.parts.users.login("hoa", password)).toMatchObject({
      fullName: "Lê Thị Hoa",
      roles: ["officer", "leader"],
    });
  });

  test("get a new password, from standard input if wanted", async () => {
    const { code, out } = await run(["user", "passwd", "the-officer", "--password-stdin"], {
      input: "cái cày đi sau\n",
    });
    expect([code, out]).toEqual([0, "Đã đổi mật khẩu của the-officer; các phiên đang mở đã kết thúc."]);
    expect(await hall.parts.users.login("the-officer", "cái cày đi sau")).toBeDefined();
    expect(await hall.parts.users.login("the-officer", PASSWORD)).toBeUndefined();
  });

  test("are listed, for programs as JSON", async () => {
    expect((await run(["user", "list"])).out).toContain("the-viewer      viewer      Người viewer");
    const { out } = await run(["--json", "user", "list"]);
    expect(JSON.parse(out)).toHaveLength(5);
  });

  test.for([
    [["user", "remove", "the-admin"], 73, "the-admin là quản trị viên duy nhất."],
    [["user", "remove", "nobody"], 66, "Không có người dùng nobody."],
    [["user", "add", "the-officer", "--role", "viewer"], 73, "đã có người dùng"],
    [["user", "add", "x", "--role", "king"], 64, "king"],
    [["user", "add", "x"], 64, "--role"],
  ] as const)("%j ends with %i and a sentence", async ([argv, code, sentence]) => {
    const ran = await run(argv);
    expect([ran.code, ran.err]).toEqual([code, expect.stringContaining(sentence)]);
  });
});

describe("sound", () => {
  test("is said where and when it was asked", async () => {
    const { code, out } = await run([
      "say",
      "Chào bà con",
      "--hamlet",
      "thon-1",
      "thon-2",
      "--at",
      "2026-11-23T17:05:00+07:00",
    ]);
    expect([code, out]).toEqual([0, "Sẽ phát lúc 17:05."]);
    expect(sent).toEqual([
      { text: "Chào bà con", hamlets: ["thon-1", "thon-2"], at: "2026-11-23T10:05:00.000Z" },
    ]);
  });

  test("a time of day is the commune's", async () => {
    await run(["say", "Chào bà con", "--all", "--at", "17:05"]);
    expect(sent).toMatchObject([
      { everywhere: true, at: expect.stringMatching(/T10:05:00\.000Z$/) as string },
    ]);
  });

  test("an emergency goes everywhere at once", async () => {
    await run(["say", "Lũ về", "--all", "--emergency"]);
    expect(sent).toEqual([{ text: "Lũ về", everywhere: true, emergency: true }]);
  });

  test.for([
    [["say", "x"], "Chưa cho biết phát ở đâu."],
    [["say", "x", "--all", "--hamlet", "a"], "Chưa cho biết phát ở đâu."],
    [["say", "x", "--all", "--emergency", "--at", "17:05"], "Phát khẩn cấp thì phát ngay."],
    [["say", "x", "--all", "--at", "25:00"], '"25:00" không phải giờ phát.'],
    [["say", "một câu dài hơn hai mươi ký tự", "--all"], 'Trường "text" phải có nhiều nhất 20 ký tự.'],
    [["stop-all", "--hold", "soon"], '"soon" không phải số phút.'],
  ] as const)("%j is refused with 64", async ([argv, sentence]) => {
    const ran = await run(argv);
    expect([ran.code, ran.err]).toEqual([64, expect.stringContaining(sentence)]);
    expect(sent).toEqual([]);
  });

  test("is stopped everywhere, and let go on", async () => {
    expect((await run(["stop-all", "--hold", "30"])).out).toContain(
      "Đã dừng 1 lượt phát. Không phát gì trước 23/11/2026 17:00",
    );
    expect(sent).toEqual([{ holdMinutes: 30 }]);
    expect(await run(["resume"])).toMatchObject({ code: 0, out: "Các loa được phép phát trở lại." });
  });
});

describe("devices", () => {
  test("a hamlet and a loudspeaker are added; what goes into the device is written for its owner alone", async () => {
    expect((await run(["hamlet", "add", "Thôn Đông"])).out).toBe("Đã thêm Thôn Đông, mã thon-dong.");
    const folder = path.join(dir, "loa-1");
    const ran = await run([
      "speaker",
      "add",
      "Loa đình",
      "--hamlet",
      "thon-dong",
      "--volume",
      "60",
      "--out",
      folder,
    ]);
    expect(ran.code).toBe(0);
    expect(ran.out).not.toContain("s3cret");
    expect(sent.at(-1)).toEqual({ name: "Loa đình", hamlet: "thon-dong", volumePercent: 60 });
    expect(JSON.parse(await readFile(path.join(folder, "agent.json"), "utf8"))).toMatchObject({
      secret: "s3cret",
    });
    expect((await stat(path.join(folder, "agent.json"))).mode & 0o777).toBe(0o600);
    expect(await readdir(folder)).toEqual(["agent.json", "commune-ca.pem"]);
  });
});

describe("backup and restore", () => {
  const stopped = async (): Promise<void> => {
    await panel[Symbol.asyncDispose]();
    await hall.parts.cliAccess[Symbol.asyncDispose]();
    hall.database[Symbol.dispose]();
  };
  let file: string;

  beforeEach(() => {
    file = path.join(dir, "backup.tar.gz");
  });

  afterEach(async () => {
    for (const name of await readdir(path.dirname(hall.dataDir))) {
      if (name.startsWith(`${path.basename(hall.dataDir)}.`)) {
        await rm(path.join(path.dirname(hall.dataDir), name), { recursive: true, force: true });
      }
    }
  });

  test("bring back what was there, and keep aside what was there since", async () => {
    expect((await run(["backup", file])).out).toContain("Đã sao lưu và đọc lại kiểm tra: 5 tệp");
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    hall.parts.users.remove("u-viewer", { id: "cli", name: "cli", roles: ["admin"] });
    await stopped();
    const ran = await run(["--json", "restore", file]);
    expect(ran.code).toBe(0);
    const { keptAside } = JSON.parse(ran.out) as { keptAside: string };
    const namesIn = (folder: string): unknown[] => {
      using database = openDatabase(path.join(folder, "tienglang.db"));
      return database.all("SELECT name FROM user ORDER BY name").map((row) => row["name"]);
    };
    expect(namesIn(hall.dataDir)).toContain("the-viewer");
    expect(namesIn(keptAside)).not.toContain("the-viewer");
    hall = { ...hall, [Symbol.asyncDispose]: () => rm(hall.dataDir, { recursive: true, force: true }) };
  });

  test("a restore under a running daemon is refused and changes nothing", async () => {
    await run(["backup", file]);
    await using held = await lockDataDir(hall.dataDir);
    const ran = await run(["restore", file]);
    expect(held).toBeDefined();
    expect([ran.code, ran.err]).toEqual([
      73,
      expect.stringContaining("đang được một tiến trình tienglang khác sử dụng"),
    ]);
  });

  test("a restore of a damaged file is refused and changes nothing", async () => {
    await run(["backup", file]);
    await truncate(file, 2_000);
    const before = await readdir(hall.dataDir);
    const ran = await run(["restore", file]);
    expect([ran.code, ran.err]).toEqual([
      65,
      expect.stringContaining("không phải bản sao lưu tienglang nguyên vẹn"),
    ]);
    expect(await readdir(hall.dataDir)).toEqual(before);
  });

  test("a backup is never written over another file", async () => {
    await writeFile(file, "mine");
    expect((await run(["backup", file])).code).toBe(73);
    expect(await readFile(file, "utf8")).toBe("mine");
  });

  test("a backup into a folder that is not there leaves nothing half-done", async () => {
    expect((await run(["backup", path.join(dir, "no", "backup.tar.gz")])).code).toBe(69);
    expect(await readdir(dir)).toEqual([]);
  });
});

describe("without a daemon", () => {
  const data = (): { data: string } => ({ data: path.join(dir, "data") });

  test("says that none runs, what to do, and ends with 69", async () => {
    const ran = await run(["status"], data());
    expect(ran.code).toBe(69);
    expect(ran.err).toContain("tienglang chưa chạy");
    expect(ran.err).toContain("systemctl start tienglang");
  });

  test("that was killed, its stale token leads to the same advice", async () => {
    await panel[Symbol.asyncDispose]();
    const ran = await run(["--lang", "en", "--json", "user", "list"]);
    expect(ran.code).toBe(69);
    expect(JSON.parse(ran.err)).toMatchObject({
      kind: "unavailable",
      hint: expect.stringContaining("systemctl start") as string,
    });
  });

  test("doctor looks at what the next start needs, with a remedy for each failure", async () => {
    const ran = await run(["--json", "doctor"], data());
    expect(ran.code).toBe(1);
    const { checks } = JSON.parse(ran.out) as { checks: { id: string; outcome: string; remedy?: unknown }[] };
    expect(checks.map(({ id }) => id)).toEqual([
      "node",
      "clock",
      "daemon",
      "ffmpeg",
      "ffprobe",
      "espeak-ng",
      "panel.port",
      "broker.port",
      "streams.port",
      "streams.radioPort",
      "disk",
      "database",
    ]);
    expect(checks.find(({ id }) => id === "daemon")).toMatchObject({ outcome: "fail" });
    expect(checks.filter(({ outcome, remedy }) => outcome === "fail" && remedy === undefined)).toEqual([]);
  });
});

describe("the command line itself", () => {
  test.for([
    [["--help"], 0],
    [["--version"], 0],
    [["dance"], 64],
    [["status", "--nonsense"], 64],
    [["--lang", "fr", "status"], 64],
  ] as const)("%j ends with %i", async ([argv, code]) => {
    expect((await run(argv)).code).toBe(code);
  });

  test("a configuration that is no JSON is named", async () => {
    await writeFile(path.join(dir, "none.json"), "{");
    const ran = await run(["status"]);
    expect([ran.code, ran.err]).toEqual([64, expect.stringContaining("none.json")]);
  });
});
