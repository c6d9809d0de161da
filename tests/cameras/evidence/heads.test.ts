import { createHash, createPublicKey, verify } from "node:crypto";
import { statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { checkChain, checkFiles } from "../../../src/cameras/evidence/check.ts";
import { HEADS_STREAM } from "../../../src/cameras/evidence/heads.ts";
import { openEvidenceKey } from "../../../src/cameras/evidence/key.ts";
import { epochMs, HOUR_MS } from "../../../src/kernel/time.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";
import { GATE, person } from "../camera-house.ts";
import { AT, FILE_MS, openEvidenceHouse, type EvidenceHouse } from "./evidence-house.ts";

/** A file is all that the chain asks for; this one is no film. */
function recordWords(house: EvidenceHouse, n: number): void {
  const file = join(house.folder, `words-${n}.mp4`);
  writeFileSync(file, `words ${n}`);
  house.record(file, n * FILE_MS, { session: "s", n });
}

test("signed heads tell where every chain ends, and wait for upstream", () => {
  using house = openEvidenceHouse();
  recordWords(house, 0);
  house.audit.record({ actor: person("officer"), action: "clip.request", subject: "c1" });
  const first = house.heads.sign();
  recordWords(house, 1);
  const second = house.heads.sign();
  const body = JSON.parse(second.body) as Record<string, unknown>;
  expect(body).toMatchObject({
    n: 2,
    before: createHash("sha256").update(first.body).digest("hex"),
    heads: [{ camera: GATE, n: 2, hash: house.ledger.hashOf(GATE, 2) }],
    audit: { seq: 1, hash: house.audit.read({ limit: 1 })[0]?.hash },
  });
  expect(
    verify(
      null,
      Buffer.from(second.body),
      createPublicKey(house.key.publicKeyPem),
      Buffer.from(second.signature, "base64"),
    ),
  ).toBe(true);
  expect(
    house.outbox.pending(HEADS_STREAM, 10).map(({ payload }) => JSON.parse(payload) as unknown),
  ).toMatchObject([
    { seq: 1, n: 1, body: first.body, signature: first.signature, publicKeyPem: house.key.publicKeyPem },
    { seq: 2, n: 2 },
  ]);
});

test("heads are signed at the start and at every full hour, once", async () => {
  using house = openEvidenceHouse();
  const stopping = new AbortController();
  const running = house.heads.run(stopping.signal);
  await house.clock.advance(3 * HOUR_MS);
  stopping.abort();
  await running;
  const hours = house.heads.list(10).map(({ at }) => at);
  expect(hours).toHaveLength(4);
  expect(new Set(hours.map((at) => Math.floor(at / HOUR_MS))).size).toBe(4);
  const again = new AbortController();
  const nothingNew = house.heads.run(again.signal);
  again.abort();
  await nothingNew;
  expect(house.heads.list(10)).toHaveLength(4);
});

test("what was signed can't be changed through the daemon's own connection", () => {
  using house = openEvidenceHouse();
  house.heads.sign();
  expect(() => house.database.run("UPDATE evidence_head SET body = ''")).toThrow("append-only");
  expect(() => house.database.run("DELETE FROM evidence_head")).toThrow("append-only");
});

test("a chain that was written anew no longer meets the heads that were signed", async () => {
  using house = openEvidenceHouse();
  recordWords(house, 0);
  house.heads.sign();
  const parts = { ledger: house.ledger, heads: house.heads, recordings: house.ring };
  expect(await checkChain(GATE, parts)).toMatchObject({
    whole: true,
    count: 1,
    headsChecked: 1,
    wrongHeads: [],
  });
  house.database.exec(
    "DROP TRIGGER camera_ledger_no_delete; DELETE FROM camera_ledger; DELETE FROM sqlite_sequence",
  );
  recordWords(house, 5);
  // In itself the new chain is right.
  expect(await house.ledger.verify(GATE)).toMatchObject({ whole: true });
  expect(await checkChain(GATE, parts)).toMatchObject({ whole: false, brokenAt: null, wrongHeads: [1] });
});

test("files on the disk are compared with the chain", async () => {
  using house = openEvidenceHouse();
  [0, 1, 2].forEach((n) => recordWords(house, n));
  const [first, changed, missing] = house.ring.all;
  if (first === undefined) throw new Error("nothing recorded");
  const parts = { ledger: house.ledger, heads: house.heads, recordings: house.ring };
  const span = { from: epochMs(AT), to: epochMs(AT + HOUR_MS) };
  const signal = new AbortController().signal;
  expect(await checkFiles(GATE, span, parts, signal)).toEqual({
    files: 3,
    bytes: 21,
    changed: [],
    missing: [],
    unlisted: [],
  });
  writeFileSync(house.ring.pathOf({ path: changed?.path ?? "" }), "other words");
  house.ring.pathOf = ({ path }) => join(house.folder, path === missing?.path ? "gone" : path);
  house.ring.all.push({ ...first, id: 9, ledgerN: 9, n: 9 });
  expect(await checkFiles(GATE, span, parts, signal)).toMatchObject({
    files: 4,
    changed: [changed?.path],
    missing: [missing?.path],
    unlisted: [first.path],
  });
});

test("the key is made once, is the commune's own, and only its owner may read it", () => {
  using folder = temporaryFolder();
  using other = temporaryFolder();
  const made = openEvidenceKey(folder.path);
  expect(openEvidenceKey(folder.path)).toMatchObject({
    fingerprint: made.fingerprint,
    publicKeyPem: made.publicKeyPem,
  });
  expect(openEvidenceKey(other.path).fingerprint).not.toBe(made.fingerprint);
  expect(made.fingerprint).toMatch(/^([0-9A-F]{4} ){15}[0-9A-F]{4}$/);
  const file = join(folder.path, "evidence-key.pem");
  expect(statSync(file).mode & 0o777).toBe(0o600);
  writeFileSync(file, "no key");
  expect(() => openEvidenceKey(folder.path)).toThrow(expect.objectContaining({ kind: "corrupt" }));
});
