import { expect, test } from "vitest";
import { openSpeechCommand } from "../../src/media/speech-command.ts";
import { openEspeak } from "../../src/media/speech-espeak.ts";
import { pcmDurationMs } from "../../src/media/speech-pcm.ts";
import { soundingSpan } from "../../src/media/trim.ts";
import { findMediaTools } from "../../src/media/tools.ts";

const signal = new AbortController().signal;
const tools = findMediaTools();
const espeak = openEspeak(tools);

test.each(espeak.voices.map(({ id }) => id))("the voice %s speaks", async (voice) => {
  const pcm = await espeak.speak("Kính mời bà con đến họp.", voice, signal);
  expect(pcmDurationMs(pcm)).toBeGreaterThan(800);
  expect(soundingSpan(pcm.samples)).toBeDefined();
});

test("speaks at the pace of a public address", async () => {
  const sentence = "Kính mời bà con đến nhà văn hóa thôn để họp bàn việc làm đường bê tông";
  const words = sentence.split(" ").length * 6;
  const pcm = await espeak.speak(Array(6).fill(sentence).join(". "), undefined, signal);
  const wordsPerMinute = words / (pcmDurationMs(pcm) / 60_000);
  expect(wordsPerMinute).toBeGreaterThan(110);
  expect(wordsPerMinute).toBeLessThan(230);
});

test.each([
  ["markup", "Mời <break time='9s'/> bà con & <b>cả</b> thôn"],
  ["phonemes", "Mời [[h@l'oU]] bà con"],
  ["options", "-w /tmp/evil --version"],
  ["shell", "$(id); `id`"],
])("%s in a text is only text", async (_name, text) => {
  const pcm = await espeak.speak(text, undefined, signal);
  expect(pcmDurationMs(pcm)).toBeGreaterThan(500);
  expect(pcmDurationMs(pcm)).toBeLessThan(8_500);
});

test("an unknown voice is refused with those there are", async () => {
  await expect(espeak.speak("Mời", "en-us", signal)).rejects.toMatchObject({
    kind: "invalid",
    field: "voice",
    said: { vi: expect.stringContaining("vi-vn-x-south") as string },
  });
});

test("a missing espeak-ng is told with the remedy", async () => {
  const missing = openEspeak({ ...tools, espeak: "/nowhere/espeak-ng" });
  await expect(missing.speak("Mời", undefined, signal)).rejects.toMatchObject({
    kind: "unavailable",
    said: { en: expect.stringContaining("not installed") as string },
    hint: { en: expect.stringContaining("apt-get install espeak-ng") as string },
  });
});

test("another voice can be any command that turns text into WAV", async () => {
  const args = ["-v", "vi", "--stdin", "--stdout"];
  const other = openSpeechCommand({ command: tools.espeak, args, voiceName: "Giọng riêng" });
  expect(other.voices).toEqual([{ id: "command", name: "Giọng riêng" }]);
  expect(pcmDurationMs(await other.speak("Kính mời bà con.", undefined, signal))).toBeGreaterThan(500);
  await expect(other.speak("Mời", "vi", signal)).rejects.toMatchObject({ kind: "invalid", field: "voice" });
});

test.each([
  ["answers nonsense", "cat", [], "did not answer with a WAV"],
  ["fails", "sh", ["-c", "echo no model >&2; exit 3"], "no model"],
])("a command that %s is a fault with its words", async (_name, command, args, why) => {
  const broken = openSpeechCommand({ command, args, voiceName: "x" });
  await expect(broken.speak("Mời bà con.", undefined, signal)).rejects.toThrow(why);
});

test("a command that hangs is given up, in words", async () => {
  const hanging = openSpeechCommand({ command: "sleep", args: ["600"], voiceName: "x", deadlineMs: 200 });
  await expect(hanging.speak("Mời bà con.", undefined, signal)).rejects.toMatchObject({
    kind: "timeout",
    said: { vi: expect.stringContaining("không trả lời") as string },
  });
});

test("stops in the middle when asked", async () => {
  const stop = new AbortController();
  const slow = openSpeechCommand({ command: "sleep", args: ["600"], voiceName: "x" });
  const speaking = slow.speak("Mời bà con.", undefined, stop.signal);
  stop.abort(new Error("enough"));
  await expect(speaking).rejects.toThrow("enough");
});
