import { expect, test } from "vitest";
import { RefusalNotes } from "../../src/broker/refusal-notes.ts";

const MINUTE_MS = 60_000;

function record(): { notes: RefusalNotes; lines: string[] } {
  const lines: string[] = [];
  const notes = new RefusalNotes((level, fields, message) =>
    lines.push(`${level} ${String(fields["device"] ?? fields["address"] ?? fields["subject"])} ${message}`),
  );
  return { notes, lines };
}

test("says once that a device is refused and once that it is back, after it has stayed for a minute", () => {
  const { notes, lines } = record();
  notes.refused({ device: "a" }, "credential", {});
  notes.refused({ device: "a" }, "credential", {});
  notes.admitted("a", 0);
  notes.sweep(MINUTE_MS - 1);
  expect(lines).toEqual(["warn a refused; counting from here on"]);
  notes.sweep(MINUTE_MS);
  notes.sweep(MINUTE_MS);
  expect(lines).toEqual(["warn a refused; counting from here on", "info device a no longer refused"]);
});

test("a device that comes and goes is one line", () => {
  const { notes, lines } = record();
  for (let round = 0; round < 100; round += 1) {
    notes.refused({ device: "a" }, "slow", {});
    notes.admitted("a", round * 1_000);
    notes.sweep(round * 1_000);
  }
  expect(lines).toEqual(["warn a refused; counting from here on"]);
});

test("another reason is another line", () => {
  const { notes, lines } = record();
  notes.refused({ device: "a" }, "slow", {});
  notes.refused({ device: "a" }, "credential", {});
  expect(lines).toHaveLength(2);
});

test("strangers can't fill memory or the log", () => {
  const { notes, lines } = record();
  for (let n = 0; n < 5_000; n += 1) notes.refused({ address: `10.0.${n >> 8}.${n & 255}` }, "tls", {});
  expect(lines).toHaveLength(1_000);
});
