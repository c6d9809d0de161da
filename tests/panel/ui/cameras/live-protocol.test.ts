import { describe, expect, test } from "vitest";
import { decodePiece, decodeSaid } from "../../../../src/panel/ui/cameras/live-protocol.ts";

function message(kind: number, at: number, ...bytes: number[]): ArrayBuffer {
  const view = new DataView(new ArrayBuffer(9 + bytes.length));
  view.setUint8(0, kind);
  view.setFloat64(1, at);
  bytes.forEach((byte, index) => view.setUint8(9 + index, byte));
  return view.buffer;
}

describe("the live line", () => {
  test.each([
    [1, "init"],
    [2, "key"],
    [3, "other"],
  ])("a piece of kind %i is %s, with the controller's time and its bytes", (kind, name) => {
    expect(decodePiece(message(kind, 1_763_900_000_123, 7, 8))).toEqual({
      kind: name,
      arrivedAt: 1_763_900_000_123,
      bytes: new Uint8Array([7, 8]),
    });
  });

  test("pieces of a kind this page does not know, and empty ones, are passed over", () => {
    expect(decodePiece(message(4, 1, 7))).toBeUndefined();
    expect(decodePiece(message(2, 1))).toBeUndefined();
    expect(decodePiece(new ArrayBuffer(0))).toBeUndefined();
  });

  test("what is said is read, what is not known is passed over", () => {
    const said = { type: "dropped", fragments: 4 };
    expect(decodeSaid(JSON.stringify(said))).toEqual(said);
    expect(decodeSaid('{"type":"weather"}')).toBeUndefined();
  });
});
