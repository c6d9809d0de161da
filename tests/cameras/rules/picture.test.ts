import { describe, expect, it } from "vitest";
import type { PictureVerdict } from "../../../src/cameras/rules/model.ts";
import {
  afterLook,
  FIRST_LOOK,
  isRateCollapsed,
  pictureWords,
  sampleOf,
  type GreyPicture,
  type PictureState,
} from "../../../src/cameras/rules/picture.ts";

const WIDTH = 64;
const HEIGHT = 36;

/** The same at each run. */
function noise(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return state / 2 ** 31;
  };
}

interface Look {
  /** Grey of the points; x and y within the picture. */
  readonly scene: (x: number, y: number) => number;
  /** Greatest step of the sensor's noise to either side. */
  readonly noise?: number;
}

function picture({ scene, noise: step = 0 }: Look, seed: number): GreyPicture {
  const random = noise(seed);
  const points = Uint8Array.from({ length: WIDTH * HEIGHT }, (_, at) => {
    const grey = scene(at % WIDTH, Math.floor(at / WIDTH));
    return Math.max(0, Math.min(255, Math.round(grey + (random() * 2 - 1) * step)));
  });
  return { points, widthPx: WIDTH, heightPx: HEIGHT };
}

const COUNTER: Look = { scene: (x, y) => (((x >> 3) + (y >> 2)) % 2 === 0 ? 60 : 160), noise: 3 };
const NIGHT: Look = { scene: (x, y) => 22 + (((x >> 4) + (y >> 3)) % 2) * 12, noise: 2 };
const BLACK: Look = { scene: () => 0 };
const DARK_NOISE: Look = { scene: () => 8, noise: 3 };
const STILL: Look = { ...COUNTER, noise: 0 };
const HAND: Look = { scene: () => 70, noise: 2 };
const BLURRED: Look = { scene: (x) => 90 + 30 * Math.sin(x / 20), noise: 1 };

function watch(looks: readonly Look[], from: PictureState = FIRST_LOOK): PictureState {
  let before: GreyPicture | undefined;
  return looks.reduce((state, look, n) => {
    const next = picture(look, n + 1);
    const sample = sampleOf(next, before);
    before = next;
    return afterLook(state, sample);
  }, from);
}

function times(count: number, look: Look): readonly Look[] {
  return Array.from({ length: count }, () => look);
}

describe("the picture's verdict", () => {
  it.each<[string, readonly Look[], PictureVerdict]>([
    ["is unknown before the first look", [], "unknown"],
    ["is good at the first good look", [COUNTER], "ok"],
    ["is black after three black looks", times(3, BLACK), "black"],
    ["is black with the lens cap on, noise and all", times(3, DARK_NOISE), "black"],
    ["is not black after two", [COUNTER, ...times(2, BLACK)], "ok"],
    ["is black, not frozen, when black does not change", times(20, BLACK), "black"],
    ["is frozen when nothing at all changes for long", times(6, STILL), "frozen"],
    ["is not frozen yet after four equal looks", [COUNTER, ...times(5, STILL)], "ok"],
    ["is good at a quiet desk at night, where only the sensor's noise moves", times(60, NIGHT), "ok"],
    ["is covered by a hand", [COUNTER, ...times(3, HAND)], "covered"],
    ["is covered when the usual detail is gone", [...times(25, COUNTER), ...times(3, BLURRED)], "covered"],
    ["is good with little detail when little is usual", times(40, BLURRED), "ok"],
    ["is good again after two good looks", [...times(5, BLACK), ...times(2, COUNTER)], "ok"],
    ["is not good again after one", [...times(5, BLACK), COUNTER], "black"],
    ["survives a lorry's headlights", [...times(10, COUNTER), HAND, COUNTER, HAND, COUNTER], "ok"],
  ])("%s", (_name, looks, expected) => {
    expect(watch(looks).verdict).toBe(expected);
  });

  it("compares only pictures of one size", () => {
    const small = { points: new Uint8Array(4), widthPx: 2, heightPx: 2 };
    expect(sampleOf(picture(STILL, 1), small).changed).toBeNull();
    expect(sampleOf(picture(STILL, 1), picture(STILL, 2)).changed).toBe(0);
  });

  it("is told with what to do about it", () => {
    expect(pictureWords("frozen", false).vi).toContain("khởi động lại");
    expect(pictureWords("ok", true).en).toContain("far less than usual");
    expect(pictureWords("black", true).en).toContain("black");
  });
});

describe("the rate", () => {
  it.each<[string, readonly number[], boolean]>([
    ["has collapsed below a fifth of the usual", [...Array<number>(10).fill(2_000), 390], true],
    ["has not collapsed when the scene is quiet", [...Array<number>(10).fill(2_000), 500], false],
    ["is not judged without an hour's beginning", [2_000, 2_000, 100], false],
    ["is not judged by one outlier before it", [...Array<number>(10).fill(300), 20_000, 250], false],
    ["is nothing without files", [], false],
  ])("%s", (_name, rates, expected) => {
    expect(isRateCollapsed(rates)).toBe(expected);
  });
});
