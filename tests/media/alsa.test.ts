import { chmodSync, existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { hasSoundCard, openAlsaDevice } from "../../src/media/alsa.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { until } from "../support/until.ts";

const samples = Int16Array.from({ length: 4_410 }, (_, index) => index);

/** A player program that does what the script says. */
function player(folder: string, script: string): string {
  const file = join(folder, "player");
  writeFileSync(file, `#!/bin/sh\n${script}\n`);
  chmodSync(file, 0o755);
  return file;
}

test("what is written reaches the player program, in the device's format", async () => {
  using folder = temporaryFolder();
  const [heard, asked] = [join(folder.path, "heard"), join(folder.path, "asked")];
  const aplay = player(folder.path, `echo "$@" > ${asked}; exec cat > ${heard}`);
  await using device = openAlsaDevice({ aplay, device: "plughw:1,0", bufferMs: 300 });
  expect(device.write(samples)).toBe(true);
  await until("heard", () => existsSync(heard) && statSync(heard).size === samples.byteLength);
  expect(readFileSync(heard).equals(Buffer.from(samples.buffer))).toBe(true);
  expect(readFileSync(asked, "utf8")).toContain("-f S16_LE -c 1 -r 44100 -D plughw:1,0");
});

test("a device that fails says why, and takes nothing more", async () => {
  using folder = temporaryFolder();
  const aplay = player(folder.path, "echo 'no such device' >&2; exit 1");
  await using device = openAlsaDevice({ aplay, device: "hw:9", bufferMs: 300 });
  await until("failed", () => !device.write(samples));
  expect(device.failure()?.message).toMatch(/hw:9.*no such device/s);
});

test("a device that takes nothing is given up after two seconds of sound", async () => {
  using folder = temporaryFolder();
  await using device = openAlsaDevice({
    aplay: player(folder.path, "exec sleep 60"),
    device: "hw:9",
    bufferMs: 300,
  });
  const second = new Int16Array(44_100);
  await until("given up", () => !device.write(second));
  expect(device.failure()?.message).toContain("takes no more sound");
});

test.each([
  ["one card", " 0 [PCH            ]: HDA-Intel - HDA Intel PCH\n", true],
  ["no card", "--- no soundcards ---\n", false],
  ["no sound modules", undefined, false],
])("knows whether there is a sound card: %s", (_name, content, expected) => {
  using folder = temporaryFolder();
  const file = join(folder.path, "cards");
  if (content !== undefined) writeFileSync(file, content);
  expect(hasSoundCard(file)).toBe(expected);
});
