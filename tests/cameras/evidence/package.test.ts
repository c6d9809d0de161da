import { createHash } from "node:crypto";
import { cpSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { openEvidenceKey } from "../../../src/cameras/evidence/key.ts";
import { composePackage } from "../../../src/cameras/evidence/package.ts";
import { writeFolder, writeZip } from "../../../src/cameras/evidence/package-writer.ts";
import type { Manifest } from "../../../src/cameras/evidence/verifier/package-format.ts";
import { canonicalJson } from "../../../src/cameras/rules/canonical-json.ts";
import { runProcess } from "../../../src/media/process.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";
import { filmSegments, packetHashes } from "../made-ring.ts";
import { FILE_MS, openEvidenceHouse, type EvidenceHouse } from "./evidence-house.ts";

/** ONVIF Media Signing's own mark (ONVIF Media Signing Specification, SEI payload). */
const SIGNING_UUID = "005bc93f-2d71-5e95-ada4-796f90877a6f";
const never = new AbortController().signal;

let house: EvidenceHouse;
let film: readonly string[];
/** An untouched package, from the middle of the first file over a gap into the third. */
let whole: string;
let zip: string;

beforeAll(async () => {
  house = openEvidenceHouse();
  film = await filmSegments({
    folder: house.folder,
    name: "film",
    files: 3,
    sei: `${SIGNING_UUID}+signed-by-the-camera`,
  });
  const [first = "", second = "", third = ""] = film;
  house.record(first, 0, { session: "s", n: 0 });
  house.record(second, FILE_MS, { session: "s", n: 1 });
  house.miss(2 * FILE_MS, 40_000);
  house.record(third, 40_000, { session: "t", n: 0 });
  const order = house.packageOrder(3_000, 45_000);
  const entries = await composePackage(order, house.packageParts, never);
  whole = join(house.folder, "whole");
  zip = join(house.folder, "whole.zip");
  await writeFolder(entries, whole);
  await writeZip(entries, zip, { madeAt: new Date(order.askedAt), signal: never });
  return () => house[Symbol.dispose]();
});

const manifest = (): Manifest => JSON.parse(readFileSync(join(whole, "manifest.json"), "utf8")) as Manifest;

/** Runs the package's own verifier as a stranger would: whatever Node the machine has, and nothing else. */
async function verified(folder: string, ...words: string[]): Promise<{ code: number; said: string }> {
  const script = `cd "$0" && /usr/bin/env node verify.mjs "$@" 2>&1; echo "exit $?"`;
  const { stdout } = await runProcess(
    {
      command: "sh",
      args: ["-c", script, folder, ...(words.length === 0 ? ["."] : words)],
      env: { NODE_OPTIONS: "", PATH: withoutOurNode() },
    },
    AbortSignal.timeout(60_000),
  );
  const [, said = "", code = ""] = /^([\s\S]*)exit (\d+)\s*$/.exec(stdout.toString("utf8")) ?? [];
  return { code: Number(code), said };
}

function withoutOurNode(): string {
  return (process.env["PATH"] ?? "")
    .split(":")
    .filter((folder) => !folder.includes("node_modules"))
    .join(":");
}

test("a whole package is told so, with what is in it and the key to compare", async () => {
  const { code, said } = await verified(whole);
  expect(code).toBe(0);
  expect(said).toContain("KẾT QUẢ: NGUYÊN VẸN");
  expect(said).toContain("12/2026/HS");
  expect(said).toContain(house.key.fingerprint);
  expect(said).toContain("mất kết nối");
});

test("its zip is checked without unpacking", async () => {
  expect(await verified(whole, zip, "--en")).toMatchObject({
    code: 0,
    said: expect.stringContaining("RESULT: WHOLE"),
  });
});

test("unpacked by a stranger's tool it is the same", async () => {
  using folder = temporaryFolder();
  await runProcess(
    { command: "python3", args: ["-m", "zipfile", "-e", zip, folder.path] },
    AbortSignal.timeout(60_000),
  );
  expect(await verified(folder.path)).toMatchObject({ code: 0 });
});

test("original files are in it byte by byte, and the clip packet by packet", async () => {
  const { segments, clip, gaps, delivered, requested } = manifest();
  expect(segments.map(({ file }) => readFileSync(join(whole, file)))).toEqual(
    film.map((file) => readFileSync(file)),
  );
  const source = (await Promise.all(film.map(packetHashes))).flat();
  // From the key frame at 2 s through both files, then 5 s of the third.
  expect(await packetHashes(join(whole, clip.file))).toEqual([
    ...source.slice(20, 160),
    ...source.slice(160, 210),
  ]);
  expect(gaps).toMatchObject([{ cause: "camera-offline", ledgerN: 3 }]);
  expect(delivered.to - delivered.from).toBeGreaterThan(requested.to - requested.from);
});

test("what the camera signed within its stream is still there", () => {
  const mark = Buffer.from(SIGNING_UUID.replaceAll("-", ""), "hex");
  const clip = readFileSync(join(whole, "clip.mp4"));
  expect(clip.includes(Buffer.concat([mark, Buffer.from("signed-by-the-camera")]))).toBe(true);
});

test("the summary says in Vietnamese what a reader must know, and nobody's words become markup", () => {
  const page = readFileSync(join(whole, "TOM-TAT.html"), "utf8");
  for (const words of [
    "Va chạm ở quầy 1",
    "Hikvision DS-2CD, phần mềm 5.10, số máy 007",
    "chậm hơn bộ điều khiển 1,3 giây",
    "24 giây, mất kết nối",
    house.key.fingerprint,
    "Theo yêu cầu của &lt;Công an xã&gt;",
  ]) {
    expect(page).toContain(words);
  }
});

/** A byte in the middle of a file becomes another one. */
function flip(folder: string, name: string, share = 0.5): void {
  const file = join(folder, name);
  const bytes = readFileSync(file);
  const at = Math.floor(bytes.length * share);
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  writeFileSync(file, bytes);
}

function rewrite(folder: string, name: string, change: (said: string) => string): void {
  const file = join(folder, name);
  const before = readFileSync(file, "utf8");
  const after = change(before);
  if (after === before) throw new Error(`nothing to change in ${name}`);
  writeFileSync(file, after);
}

function strangersKey(): string {
  using folder = temporaryFolder();
  return openEvidenceKey(folder.path).publicKeyPem;
}

const SEGMENT = "segments/0002-20251009T085328Z.mp4";

describe("a package that was tampered with is refused, and what is wrong is named", () => {
  test.each<[string, (folder: string) => void, readonly string[]]>([
    ["a byte of an original file", (folder) => flip(folder, SEGMENT), [`Tệp ${SEGMENT} đã bị thay đổi`]],
    ["a byte of the clip", (folder) => flip(folder, "clip.mp4", 0.9), ["Tệp clip.mp4 đã bị thay đổi"]],
    [
      "a word of the manifest",
      (folder) =>
        rewrite(folder, "manifest.json", (said) => said.replace("Công dân khiếu nại", "Cong dan khieu nai")),
      ["Bản kê manifest.json đã bị sửa sau khi ký"],
    ],
    [
      "a manifest that is no JSON",
      (folder) => writeFileSync(join(folder, "manifest.json"), "{"),
      ["manifest.json bị hỏng"],
    ],
    [
      "the signature",
      (folder) =>
        rewrite(folder, "manifest.sig", (said) =>
          said.replace(/"signature":"(.)/, (_all, letter) => `"signature":"${letter === "A" ? "B" : "A"}`),
        ),
      ["Chữ ký trong manifest.sig không đúng"],
    ],
    [
      "the signature file beside its signature",
      (folder) =>
        rewrite(folder, "manifest.sig", (said) =>
          said.replace(/"manifestSha256":"..../, '"manifestSha256":"0000'),
        ),
      ["manifest.sig đã bị sửa (bản kê vẫn nguyên)"],
    ],
    [
      "an entry of the chain",
      (folder) => rewrite(folder, "ledger.jsonl", (said) => said.replace("camera-offline", "privacy-pause")),
      ["Mục số 3 của chuỗi nhật ký ghi hình đã bị sửa", "ledger.jsonl đã bị thay đổi"],
    ],
    [
      "an entry of the chain taken out",
      (folder) =>
        rewrite(folder, "ledger.jsonl", (said) =>
          said
            .split("\n")
            .filter((_line, n) => n !== 1)
            .join("\n"),
        ),
      ["Mục số 2 của chuỗi nhật ký ghi hình đã bị sửa hoặc bị bỏ"],
    ],
    [
      "the end of the chain cut off",
      (folder) => rewrite(folder, "ledger.jsonl", (said) => said.split("\n").slice(0, -2).join("\n")),
      ["không kết thúc ở mốc đã ký"],
    ],
    [
      "the entry of the audit trail",
      (folder) => rewrite(folder, "audit.json", (said) => said.replace("the-officer", "the-leader")),
      ["Mục 1 của nhật ký hệ thống (xuất bằng chứng) đã bị sửa", "audit.json đã bị thay đổi"],
    ],
    [
      "the signed heads",
      (folder) => rewrite(folder, "heads.json", (said) => said.replace(/\\"n\\":4/, '\\"n\\":5')),
      ["Chữ ký của mốc chuỗi số 1 không đúng"],
    ],
    [
      "another key",
      (folder) => rewrite(folder, "public-key.pem", () => strangersKey()),
      ["public-key.pem không phải khóa ghi trong bản kê", "Chữ ký trong manifest.sig không đúng"],
    ],
    ["an original file taken out", (folder) => rmSync(join(folder, SEGMENT)), [`Thiếu tệp ${SEGMENT}`]],
    [
      "the signature taken out",
      (folder) => rmSync(join(folder, "manifest.sig")),
      ["Thiếu tệp chữ ký manifest.sig"],
    ],
    [
      "a file put in",
      (folder) => writeFileSync(join(folder, "segments/extra.mp4"), "x"),
      ["Có tệp lạ segments/extra.mp4"],
    ],
    ["the summary", (folder) => flip(folder, "TOM-TAT.html"), ["Tệp TOM-TAT.html đã bị thay đổi"]],
  ])("%s", async (_name, tamper, expected) => {
    using folder = temporaryFolder();
    const copy = join(folder.path, "copy");
    cpSync(whole, copy, { recursive: true });
    tamper(copy);
    const { code, said } = await verified(copy);
    expect(code).toBe(1);
    for (const words of expected) expect(said).toContain(words);
    expect(said).toContain("KHÔNG NGUYÊN VẸN");
  });
});

describe("a maker of packages who signs what is not so is found out by the chain", () => {
  /** Changes the manifest and signs it anew with the genuine key. */
  function resigned(folder: string, change: (told: Manifest) => object): void {
    const said = canonicalJson({ ...manifest(), ...change(manifest()) });
    writeFileSync(join(folder, "manifest.json"), said);
    const manifestSha256 = createHash("sha256").update(said).digest("hex");
    const signature = { algorithm: "Ed25519", key: house.key.fingerprint, manifestSha256 };
    writeFileSync(
      join(folder, "manifest.sig"),
      JSON.stringify({ ...signature, signature: house.key.signed(said) }),
    );
  }

  test.each<[string, (told: Manifest) => object, readonly string[]]>([
    ["a gap that is not told", () => ({ gaps: [] }), ["không được nêu trong bản kê (mục 3)"]],
    [
      "a recording that is left out",
      ({ segments }) => ({ segments: segments.slice(1) }),
      ["Đoạn ghi ở mục 1 của chuỗi nhật ký không có trong gói"],
    ],
    [
      "a recording told at another time",
      ({ segments }) => ({
        segments: segments.map((segment) => ({ ...segment, startAt: segment.startAt - 1_000 })),
      }),
      ["không khớp với mục 1 của chuỗi nhật ký", "không khớp với mục 4 của chuỗi nhật ký"],
    ],
  ])("%s", async (_name, change, expected) => {
    using folder = temporaryFolder();
    const copy = join(folder.path, "copy");
    cpSync(whole, copy, { recursive: true });
    resigned(copy, change);
    const { code, said } = await verified(copy);
    expect(code).toBe(1);
    for (const words of expected) expect(said).toContain(words);
    expect(said).not.toContain("chữ ký");
  });
});
