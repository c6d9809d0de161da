import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openAccess } from "../../../src/cameras/access.ts";
import { caseRoutes } from "../../../src/cameras/case-routes.ts";
import { clipRoutes } from "../../../src/cameras/clip-routes.ts";
import { openClips, type Clips } from "../../../src/cameras/clips/clips.ts";
import { CLIPS_SCHEMA } from "../../../src/cameras/clips/clip-store.ts";
import { evidenceRoutes } from "../../../src/cameras/evidence-routes.ts";
import { openCases, type Cases } from "../../../src/cameras/evidence/cases.ts";
import { openExports, type Exports } from "../../../src/cameras/evidence/exports.ts";
import { openHeads } from "../../../src/cameras/evidence/heads.ts";
import { openEvidenceKey } from "../../../src/cameras/evidence/key.ts";
import { EVIDENCE_SCHEMA } from "../../../src/cameras/evidence/schema.ts";
import { LEDGER_SCHEMA, openLedger } from "../../../src/cameras/ledger.ts";
import { runCli } from "../../../src/cli/program.ts";
import { systemClock } from "../../../src/kernel/clock.ts";
import { runTogether } from "../../../src/kernel/run-together.ts";
import { openPanel, type Panel } from "../../../src/panel/server.ts";
import { migrate } from "../../../src/store/migrate.ts";
import { openOutbox, OUTBOX_SCHEMA } from "../../../src/store/outbox.ts";
import { openTestPanel, type TestPanel } from "../../support/test-panel.ts";
import { until } from "../../support/until.ts";
import { aCamera, GATE, MemoryCameras } from "../camera-house.ts";
import { FILE_SEC, filmSegments, MadeRing } from "../made-ring.ts";
import { ask, login, type Login } from "./web.ts";

const FILE_MS = FILE_SEC * 1_000;

let hall: TestPanel;
let panel: Panel;
let ring: MadeRing;
let clips: Clips;
let cases: Cases;
let exports: Exports;
let running: Promise<void>;
let officer: Login;
let leader: Login;
let viewer: Login;
let technician: Login;
const stopping = new AbortController();
/** Start of the first of three recorded files; the last ended a minute ago. */
const startAt = Date.now() - 60_000 - 3 * FILE_MS;

beforeAll(async () => {
  hall = await openTestPanel();
  const { database, log, dataDir } = hall;
  const { audit } = hall.parts;
  migrate(database, [OUTBOX_SCHEMA, LEDGER_SCHEMA, CLIPS_SCHEMA, EVIDENCE_SCHEMA]);
  const clock = systemClock;
  const cameras = new MemoryCameras(aCamera({ watchRoles: ["officer", "leader", "viewer"] }));
  const access = openAccess({ cameras, audit });
  const ledger = openLedger({ database, clock });
  ring = new MadeRing(dataDir);
  const film = await filmSegments({ folder: dataDir, name: "film", files: 3 });
  film.forEach((file, n) => {
    const segment = ring.add(GATE, file, { startMs: startAt + n * FILE_MS, session: "s", n });
    const { startAt: from, endAt, bytes, sha256 } = segment;
    ledger.append(GATE, { kind: "segment", session: "s", n, startAt: from, endAt, bytes, sha256 });
  });
  const key = openEvidenceKey(join(dataDir, "evidence-keys"));
  const heads = openHeads({ database, clock, ledger, audit, key, outbox: openOutbox(database) });
  const notify = (): void => undefined;
  const tools = { ffmpeg: "ffmpeg" };
  cases = openCases({ database, clock, audit, notify });
  clips = openClips({
    ...{ database, clock, log, audit, cameras, recordings: ring, tools, notify },
    timeZone: "Asia/Ho_Chi_Minh",
    dir: join(dataDir, "clips"),
    isHeld: (camera, span) => cases.kept(camera, span).length > 0,
  });
  exports = openExports({
    ...{ database, clock, log, audit, cameras, ledger, heads, key, cases, recordings: ring, tools, notify },
    dir: join(dataDir, "exports"),
    facts: {
      commune: "UBND xã Thử",
      version: "1.2.3",
      timeZone: "Asia/Ho_Chi_Minh",
      cameraClock: () => null,
      synchronized: () => Promise.resolve(null),
    },
  });
  running = runTogether([(stop) => clips.run(stop), (stop) => exports.run(stop)], stopping.signal);
  const features = [
    clipRoutes({ clips, cameras, access, audit, clock }),
    caseRoutes({ cases, exports, access }),
    evidenceRoutes({ ledger, heads, recordings: ring, key, access, audit }),
  ];
  panel = await openPanel({ ...hall.parts, features }, { host: "127.0.0.1", port: 0 });
  [officer, leader, viewer, technician] = (await Promise.all(
    (["officer", "leader", "viewer", "technician"] as const).map((role) => login(panel, hall, role)),
  )) as [Login, Login, Login, Login];
});

afterAll(async () => {
  stopping.abort(new Error("stopped"));
  await running;
  await panel[Symbol.asyncDispose]();
  await hall.parts.cliAccess[Symbol.asyncDispose]();
  await hall[Symbol.asyncDispose]();
});

const stretch = (fromSec: number, toSec: number) => ({
  from: startAt + fromSec * 1_000,
  to: startAt + toSec * 1_000,
});
/** On a busy machine the answer may come before the clip. */
async function cutClip(body: object): Promise<{ id: string; bytes: number; by: string; delivered: unknown }> {
  const made = await ask(officer, "POST", "/api/clips", { camera: GATE, reason: "xem lại", ...body });
  expect(made.status).toBe(201);
  const { id } = made.body as { id: string };
  await until("the clip is ready", () => clips.get(id).state === "ready", { everyMs: 20 });
  return (await ask(officer, "GET", `/api/clips/${id}`)).body as Awaited<ReturnType<typeof cutClip>>;
}
const actions = (): string[] => hall.parts.audit.read({ limit: 500 }).map(({ action }) => action);

describe("clips", () => {
  test("a stretch is cut at once, and plays piece by piece", async () => {
    const { id, bytes, ...made } = await cutClip(stretch(2, 10));
    expect(made).toMatchObject({ by: "the-officer", delivered: stretch(2, 10) });
    const whole = await ask(viewer, "GET", `/api/clips/${id}/video`);
    expect(whole).toMatchObject({
      status: 200,
      headers: { "content-type": "video/mp4", "accept-ranges": "bytes" },
    });
    expect(whole.bytes.length).toBe(bytes);
    const part = await ask(viewer, "GET", `/api/clips/${id}/video`, undefined, { range: "bytes=100-199" });
    expect(part).toMatchObject({ status: 206, headers: { "content-range": `bytes 100-199/${bytes}` } });
    expect(part.bytes).toEqual(whole.bytes.subarray(100, 200));
    expect(
      await ask(viewer, "GET", `/api/clips/${id}/video`, undefined, { range: `bytes=${bytes}-` }),
    ).toMatchObject({
      status: 416,
    });
    // One watching, however many pieces.
    expect(actions().filter((action) => action === "clip.watch")).toHaveLength(1);
    await until(
      "its picture is there",
      async () => (await ask(viewer, "GET", `/api/clips/${id}/thumbnail`)).status === 200,
    );
    const saved = await ask(officer, "GET", `/api/clips/${id}/download`);
    expect(saved.headers["content-disposition"]).toMatch(
      /^attachment; filename="cong-vao-\d{8}T\d{6}Z\.mp4"$/,
    );
    expect(actions()).toContain("clip.download");
  });

  test("the last minutes are kept with one press", async () => {
    expect(await cutClip({ lastMinutes: 5 })).toMatchObject({ delivered: stretch(0, 24) });
    const { body } = await ask(viewer, "GET", `/api/clips?camera=${GATE}`);
    expect((body as { clips: unknown[] }).clips.length).toBeGreaterThan(0);
  });

  test("who may not see the camera gets nothing, and the try is noted", async () => {
    const { id } = await cutClip(stretch(2, 10));
    const refused = actions().filter((action) => action === "camera.refused").length;
    for (const path of [
      `/api/clips/${id}`,
      `/api/clips/${id}/video`,
      `/api/clips/${id}/download`,
      `/api/clips/${id}/thumbnail`,
    ]) {
      expect(await ask(technician, "GET", path)).toMatchObject({ status: 403 });
    }
    expect(await ask(technician, "GET", "/api/clips")).toMatchObject({ body: { clips: [] } });
    expect(
      await ask(viewer, "POST", "/api/clips", { camera: GATE, lastMinutes: 1, reason: "x" }),
    ).toMatchObject({ status: 403 });
    expect(actions().filter((action) => action === "camera.refused")).toHaveLength(refused + 4);
  });

  test.each([
    ["no reason", { ...stretch(0, 5), reason: " " }],
    ["neither times nor minutes", { reason: "x" }],
    ["a time of the year 9999", { from: 0, to: 253_402_300_799_000, reason: "x" }],
    ["an end before the beginning", { ...stretch(5, 0), reason: "x" }],
    ["kept for ever", { ...stretch(0, 5), reason: "x", keepDays: 10_000 }],
  ])("%s is refused in words", async (_name, body) => {
    const { status, body: said } = await ask(officer, "POST", "/api/clips", { camera: GATE, ...body });
    expect([status, typeof (said as { message: unknown }).message]).toEqual([400, "string"]);
  });

  test.each(["..%2f..%2ftienglang.db", "%2e%2e", "00000000-0000-0000-0000-000000000000", "a%00b"])(
    "the name %s leads to no file",
    async (id) => {
      for (const path of ["video", "download", "thumbnail"]) {
        expect((await ask(officer, "GET", `/api/clips/${id}/${path}`)).status).toBeGreaterThanOrEqual(400);
      }
    },
  );

  test("a clip is removed by who may, but not while a case holds its time", async () => {
    const { id } = await cutClip(stretch(14, 20));
    const opened = await ask(officer, "POST", "/api/cases", { number: "1/HS", title: "Giữ", reason: "thử" });
    const file = (opened.body as { id: string }).id;
    await ask(officer, "POST", `/api/cases/${file}/holds`, { camera: GATE, ...stretch(15, 16) });
    expect(await ask(officer, "DELETE", `/api/clips/${id}`)).toMatchObject({ status: 409 });
    await ask(officer, "POST", `/api/cases/${file}/release`, { reason: "xong" });
    expect(await ask(officer, "POST", `/api/cases/${file}/release/confirm`)).toMatchObject({ status: 403 });
    expect(await ask(leader, "POST", `/api/cases/${file}/release/confirm`)).toMatchObject({
      status: 200,
      body: { state: "released", release: { confirmedBy: "the-leader" } },
    });
    expect(await ask(officer, "DELETE", `/api/clips/${id}`)).toMatchObject({ status: 200 });
    expect(await ask(officer, "GET", `/api/clips/${id}`)).toMatchObject({ status: 404 });
    expect(readdirSync(join(hall.dataDir, "clips")).filter((name) => name.startsWith(id))).toEqual([]);
  });
});

describe("packages", () => {
  const words = { reason: "Công an yêu cầu", purpose: "Xác minh", redaction: "Giữ nguyên" };

  async function aCase(number: string): Promise<string> {
    const opened = await ask(officer, "POST", "/api/cases", {
      number,
      title: "Va chạm",
      reason: "Khiếu nại",
    });
    return (opened.body as { id: string }).id;
  }

  test("a package is made, handed over, and both are noted", async () => {
    const file = await aCase("2/HS");
    const asked = await ask(officer, "POST", `/api/cases/${file}/exports`, {
      camera: GATE,
      ...stretch(2, 20),
      ...words,
    });
    expect(asked).toMatchObject({ status: 201, body: { state: "making", by: "the-officer" } });
    const { id } = asked.body as { id: string };
    await until("it is made", async () => {
      const { body } = await ask(officer, "GET", `/api/exports/${id}`);
      return (body as { state: string }).state !== "making";
    });
    expect(await ask(officer, "GET", `/api/cases/${file}`)).toMatchObject({
      body: { exports: [{ id, state: "ready" }] },
    });
    const got = await ask(officer, "GET", `/api/exports/${id}/download`);
    expect(got.headers["content-type"]).toBe("application/zip");
    const zip = join(hall.dataDir, "got.zip");
    writeFileSync(zip, got.bytes);
    expect(await cli("evidence", "verify", zip)).toMatchObject({
      code: 0,
      out: expect.stringContaining("NGUYÊN VẸN"),
    });
    expect(actions()).toEqual(
      expect.arrayContaining(["evidence.export", "evidence.seal", "evidence.download"]),
    );
    expect(await ask(technician, "GET", `/api/exports/${id}/download`)).toMatchObject({ status: 403 });
    expect(readdirSync(join(hall.dataDir, "exports")).filter((name) => name.startsWith(id))).toEqual([
      `${id}.zip`,
    ]);
  });

  test.each([
    ["no purpose", { purpose: "" }, 400],
    ["no decision about others", { redaction: undefined }, 400],
    ["a time that is not recorded", { from: 1_000, to: 2_000 }, 404],
    ["a camera that is not there", { camera: "nowhere" }, 404],
    ["a time that is not over", { to: Date.now() + 60_000 }, 400],
  ])("%s is refused", async (name, change, status) => {
    const file = await aCase(`3/${name}`);
    const body = { camera: GATE, ...stretch(2, 20), ...words, ...change };
    expect((await ask(officer, "POST", `/api/cases/${file}/exports`, body)).status).toBe(status);
  });

  async function cli(...argv: readonly string[]): Promise<{ code: number; out: string }> {
    const out: string[] = [];
    const code = await runCli(argv, {
      clock: systemClock,
      env: {
        TIENGLANG_DATA: hall.dataDir,
        TIENGLANG_CONFIG: join(hall.dataDir, "none.json"),
        LANG: "vi_VN.UTF-8",
      },
      out: (line) => out.push(line),
      err: (line) => out.push(line),
      readInput: () => Promise.resolve(""),
      signal: new AbortController().signal,
    });
    return { code, out: out.join("\n") };
  }

  test("the technician does it all from the command line", async () => {
    const iso = (sec: number): string => new Date(startAt + sec * 1_000).toISOString();
    const times = ["--from", iso(1), "--to", iso(12)];
    expect(await cli("clip", "make", GATE, "--reason", "thử", ...times)).toMatchObject({ code: 0 });
    expect((await cli("clip", "list", "--camera", GATE)).out).toContain("thử");
    expect(await cli("case", "open", "9/HS", "--title", "Thử", "--reason", "thử")).toMatchObject({ code: 0 });
    expect(await cli("case", "hold", "9/HS", GATE, ...times)).toMatchObject({
      code: 0,
      out: expect.stringContaining("9/HS"),
    });
    expect((await cli("case", "list")).out).toContain("đang niêm giữ");
    const zip = join(hall.dataDir, "cli.zip");
    const how = ["--reason", "a", "--purpose", "b", "--redaction", "c", "--save", zip];
    expect(await cli("case", "export", "9/HS", GATE, ...times, ...how)).toMatchObject({ code: 0 });
    expect(await cli("case", "export", "9/HS", GATE, ...times, ...how)).toMatchObject({ code: 73 });
    expect(await cli("evidence", "verify", zip)).toMatchObject({ code: 0 });
    const bytes = readFileSync(zip);
    const at = Math.floor(bytes.length / 2);
    bytes[at] = (bytes[at] ?? 0) ^ 1;
    writeFileSync(zip, bytes);
    expect(await cli("evidence", "verify", zip)).toMatchObject({
      code: 65,
      out: expect.stringContaining("đã bị thay đổi"),
    });
    expect(await cli("evidence", "verify", join(hall.dataDir, "none.zip"))).toMatchObject({ code: 66 });
    expect((await cli("evidence", "heads")).out).toMatch(/Dấu vân tay khóa: ([0-9A-F]{4} ?){16}/);
    expect(await cli("evidence", "check", GATE, "--from", iso(0), "--to", iso(30))).toMatchObject({
      code: 0,
      out: expect.stringContaining("Đã đọc: 3 đoạn ghi"),
    });
    expect(
      await cli("clip", "make", GATE, "--reason", "x", "--from", "tối qua", "--to", "9:00"),
    ).toMatchObject({ code: 64 });
  });
});
