import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { openAccess } from "../../../src/cameras/access.ts";
import { openExports, type Exports } from "../../../src/cameras/evidence/exports.ts";
import { verifyPackage } from "../../../src/cameras/evidence/verifier/checks.ts";
import { filesAt, nodeTools } from "../../../src/cameras/evidence/verifier/folder.ts";
import type { Verdict } from "../../../src/cameras/evidence/verifier/findings.ts";
import { epochMs, HOUR_MS } from "../../../src/kernel/time.ts";
import { RecordingLog } from "../../support/recording-log.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";
import { until } from "../../support/until.ts";
import { aCamera, GATE, MemoryCameras, person } from "../camera-house.ts";
import { filmSegments } from "../made-ring.ts";
import { AT, FILE_MS, openEvidenceHouse, type EvidenceHouse } from "./evidence-house.ts";

const PATIENTLY = { patienceMs: 60_000 };
const leader = person("leader");
let film: readonly string[];

beforeAll(async () => {
  const films = temporaryFolder();
  film = await filmSegments({ folder: films.path, name: "film", files: 2, widthPx: 160 });
  return () => films[Symbol.dispose]();
});

function record(house: EvidenceHouse): void {
  film.forEach((file, n) => house.record(file, n * FILE_MS, { session: "s", n }));
}

function openDesk(house: EvidenceHouse, cameras = new MemoryCameras(aCamera())): Exports {
  return openExports({
    ...{
      ...house.packageParts,
      cameras,
      cases: house.cases,
      log: new RecordingLog(),
      notify: () => undefined,
    },
    dir: join(house.folder, "exports"),
  });
}

function ask(house: EvidenceHouse, exports: Exports, toMs = 4_000): string {
  const number = `${house.cases.list().length + 1}/2026`;
  const { id } = house.cases.open({ number, title: "Va chạm", reason: "Khiếu nại" }, leader);
  const span = { from: epochMs(AT + 1_000), to: epochMs(AT + toMs) };
  const words = { reason: "r", purpose: "p", redaction: "x" };
  return exports.request(id, { camera: GATE, ...span, ...words }, leader).id;
}

async function made(house: EvidenceHouse, exports: Exports, id: string): Promise<Verdict> {
  const stop = new AbortController();
  const running = exports.run(stop.signal);
  await until("the package is made", () => exports.get(id).state !== "making", PATIENTLY);
  stop.abort();
  await running;
  expect(exports.get(id).failure).toBeNull();
  return verifyPackage(await filesAt(join(house.folder, "exports", `${id}.zip`)), nodeTools);
}

test("a package that a stop interrupts is made after the next start, with nothing left lying about", async () => {
  using house = openEvidenceHouse();
  record(house);
  const dir = join(house.folder, "exports");
  const before = openDesk(house);
  const id = ask(house, before);
  const stop = new AbortController();
  const running = before.run(stop.signal);
  await until("it is being made", () => existsSync(join(dir, `${id}.clip.mp4.part`)), {
    everyMs: 1,
    ...PATIENTLY,
  });
  stop.abort();
  await running;
  expect(before.get(id).state).toBe("making");
  expect((await made(house, openDesk(house), id)).problems).toEqual([]);
  expect(await readdir(dir)).toEqual([`${id}.zip`]);
});

test("an old stretch carries its chain to the next signed heads and no further", async () => {
  using house = openEvidenceHouse();
  record(house);
  house.heads.sign();
  await house.clock.advance(HOUR_MS);
  for (let n = 0; n < 1_500; n += 1) house.miss(100_000 + n, 100_001 + n);
  house.heads.sign();
  const exports = openDesk(house);
  const old = await made(house, exports, ask(house, exports));
  expect(old.problems).toEqual([]);
  expect(old.manifest?.ledger).toMatchObject({ firstN: 1, lastN: 2, headsN: 1 });
  // What was deleted since is told, so the chain reaches to the deletion.
  house.ring.all.splice(1, 1);
  house.ledger.append(GATE, { kind: "deletion", entries: [2], bytes: 1, reason: "retention" });
  house.heads.sign();
  house.miss(300_000, 300_001);
  const late = await made(house, exports, ask(house, exports, FILE_MS + 1_000));
  expect(late.problems).toEqual([]);
  expect(late.manifest?.ledger).toMatchObject({ firstN: 1, lastN: 1_503 });
  expect(late.manifest?.deleted).toMatchObject([{ ledgerN: 2, deletionN: 1_503, reason: "retention" }]);
});

test("a removed camera's recordings are handed over by a leader, and by nobody else", async () => {
  using house = openEvidenceHouse();
  record(house);
  const cameras = new MemoryCameras(aCamera({ name: "Quầy cũ", watchRoles: ["officer"] }));
  cameras.remove(GATE);
  const access = openAccess({ cameras, audit: house.audit });
  expect(() => access.demand(GATE, person("officer"), "export")).toThrow("Quầy cũ");
  expect(() => access.demand(GATE, leader, "live")).toThrow("no camera");
  expect(access.demand(GATE, leader, "playback").name).toBe("Quầy cũ");
  const exports = openDesk(house, cameras);
  const verdict = await made(house, exports, ask(house, exports));
  expect(verdict.problems).toEqual([]);
  expect(verdict.manifest?.camera.name).toBe("Quầy cũ");
});
