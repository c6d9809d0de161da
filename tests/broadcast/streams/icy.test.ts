import { describe, expect, test } from "vitest";
import { metaBlock, streamHead } from "../../../src/broadcast/streams/icy.ts";

describe("a title between the sound", () => {
  test.each([
    ["plain", "Tin sáng", "StreamTitle='Tin sáng';"],
    ["with an apostrophe", "Nói 'hay'", "StreamTitle='Nói ’hay’';"],
    ["with a line break", "a\nb", "StreamTitle='a b';"],
    ["empty", "", "StreamTitle='';"],
  ])("%s", (_name, title, field) => {
    const block = metaBlock(title);
    expect(block.length).toBe(1 + (block[0] ?? 0) * 16);
    expect(block.subarray(1).toString("utf8").replace(/\0+$/, "")).toBe(field);
  });

  test("is cut between characters when it is too long", () => {
    const block = metaBlock("ằ".repeat(5_000));
    expect(block[0]).toBeLessThan(255);
    expect(block.subarray(1).toString("utf8")).not.toContain("\ufffd");
  });
});

describe("the head", () => {
  test("is what old players expect", () => {
    const head = streamHead({ name: "Loa thôn 1", kbps: 64, metaEveryBytes: 16_000, httpVersion: "1.0" });
    expect(head).toMatch(/^HTTP\/1\.0 200 OK\r\nContent-Type: audio\/mpeg\r\n/);
    expect(head).toContain("\r\nicy-metaint: 16000\r\n");
    expect(head.toLowerCase()).not.toContain("transfer-encoding");
    expect(head).toMatch(/\r\n\r\n$/);
  });

  test("can't be split by a name", () => {
    const head = streamHead({
      name: "x\r\nSet-Cookie: y",
      kbps: 64,
      metaEveryBytes: undefined,
      httpVersion: "1.1",
    });
    expect(head).not.toContain("\r\nSet-Cookie");
  });
});
