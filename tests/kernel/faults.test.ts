import { expect, test } from "vitest";
import { asError, Fault } from "../../src/kernel/faults.ts";
import { text } from "../../src/kernel/text.ts";

test("a fault tells the cause and the remedy in the reader's language", () => {
  const fault = new Fault("invalid", text("Volume 400 is too loud.", "Âm lượng 400 quá lớn."), {
    field: "volume",
    hint: text("Choose 0 to 100.", "Hãy chọn từ 0 đến 100."),
  });
  expect(fault.in("vi")).toBe("Âm lượng 400 quá lớn. Hãy chọn từ 0 đến 100.");
  expect(fault.in("en")).toBe("Volume 400 is too loud. Choose 0 to 100.");
  expect(fault.message).toBe("Volume 400 is too loud.");
  expect(fault.field).toBe("volume");
});

test("a fault for technicians is the same in both languages and keeps its cause", () => {
  const cause = asError("text thrown");
  const fault = new Fault("unavailable", "camera gate does not answer", { cause });
  expect([fault.in("vi"), fault.in("en"), fault.cause]).toEqual([fault.message, fault.message, cause]);
});
