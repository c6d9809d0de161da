import { expect, test } from "vitest";
import { openHostGate } from "../../../src/cameras/onvif/host-gate.ts";

const never = new AbortController().signal;
const settled = async (): Promise<void> => {
  for (let round = 0; round < 5; round += 1) await new Promise((resolve) => setImmediate(resolve));
};

test("lets two in per host, the others in order as places come free", async () => {
  const gate = openHostGate(2);
  const inside: string[] = [];
  const enter = async (name: string, host = "a"): Promise<Disposable> => {
    const place = await gate.enter(host, never);
    inside.push(name);
    return place;
  };
  const places = [await enter("1"), await enter("2"), await enter("other", "b")];
  const third = enter("3");
  const fourth = enter("4");
  await settled();
  expect(inside).toEqual(["1", "2", "other"]);
  places[0]?.[Symbol.dispose]();
  // Twice given back is once.
  places[0]?.[Symbol.dispose]();
  await third;
  await settled();
  expect(inside).toEqual(["1", "2", "other", "3"]);
  (await third)[Symbol.dispose]();
  await fourth;
  expect(inside).toEqual(["1", "2", "other", "3", "4"]);
});

test("who gives up waiting leaves the queue", async () => {
  const gate = openHostGate(1);
  const first = await gate.enter("a", never);
  const stop = new AbortController();
  const second = gate.enter("a", stop.signal);
  const third = gate.enter("a", never);
  stop.abort(new Error("enough"));
  await expect(second).rejects.toThrow("enough");
  first[Symbol.dispose]();
  await expect(third).resolves.toBeDefined();
  await expect(gate.enter("a", stop.signal)).rejects.toThrow("enough");
});
