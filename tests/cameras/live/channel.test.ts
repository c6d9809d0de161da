import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { newLiveChannel, type LiveChannel } from "../../../src/cameras/live/channel.ts";
import { text } from "../../../src/kernel/text.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { makeLivePieces, NotingViewer, type LivePieces } from "../../support/live-pieces.ts";
import { openMadeFiles, type MadeFiles } from "../../support/made-files.ts";

let files: MadeFiles;
let small: LivePieces;
let large: LivePieces;
let clock: FakeClock;
let channel: LiveChannel;
let why: string;

beforeAll(async () => {
  files = await openMadeFiles();
  small = await makeLivePieces(files, "small.mp4", { seconds: 3 });
  large = await makeLivePieces(files, "large.mp4", { seconds: 1, size: "128x96" });
});
afterAll(() => files[Symbol.asyncDispose]());

beforeEach(() => {
  clock = new FakeClock(1_000_000);
  why = "connecting";
  channel = newLiveChannel({ clock, whyNot: () => text(why, why), maxGroupBytes: 1_048_576 });
});

function join(): NotingViewer {
  const viewer = new NotingViewer();
  channel.join(viewer);
  return viewer;
}

function push(pieces: LivePieces, from: number, to: number): void {
  for (const fragment of pieces.fragments.slice(from, to)) channel.push(fragment);
}

function start(pieces: LivePieces): void {
  channel.begin();
  channel.push(pieces.init);
}

describe("a live channel", () => {
  it("shows who joins the running group of pictures at once, then what comes", () => {
    start(small);
    push(small, 0, 7);
    const viewer = join();
    expect(viewer.news()).toEqual(["init 64x48", "key", "other", "other"]);
    push(small, 7, 9);
    expect(viewer.news()).toEqual(["other", "key"]);
  });

  it("hands every viewer the same bytes, with the controller's time", () => {
    const [one, other] = [join(), join()];
    start(small);
    clock.step(5_000);
    push(small, 0, 4);
    expect(one.fragments.map(({ bytes }) => bytes)).toEqual(small.fragments.slice(0, 4));
    expect(one.fragments[0]).toBe(other.fragments[0]);
    expect(one.fragments[0]?.at).toBe(1_005_000);
    expect(one.inits[0]?.codec).toMatch(/^avc1\./);
  });

  it("says why there is no picture, and again only when the reason changes", () => {
    const viewer = join();
    channel.look();
    channel.look();
    expect(viewer.news()).toEqual(["waiting: connecting"]);
    why = "wrong password";
    channel.look();
    expect(viewer.news()).toEqual(["waiting: wrong password"]);
    start(small);
    push(small, 0, 1);
    channel.look();
    expect(viewer.news()).toEqual(["init 64x48", "key"]);
  });

  it("says so when the camera goes, and never shows who joins then an old picture", () => {
    const viewer = join();
    start(small);
    push(small, 0, 2);
    viewer.news();
    why = "no answer";
    channel.end();
    expect(viewer.news()).toEqual(["waiting: no answer"]);
    expect(join().news()).toEqual(["waiting: no answer"]);
    expect(channel.current()).toBeUndefined();
  });

  it("begins anew with another init segment when the camera changes its picture", () => {
    const viewer = join();
    start(small);
    push(small, 0, 2);
    start(large);
    push(large, 0, 1);
    expect(viewer.news()).toEqual([
      "waiting: connecting",
      "init 64x48",
      "key",
      "other",
      "waiting: connecting",
      "init 128x96",
      "key",
    ]);
  });

  it("never begins in the middle of a group of pictures", () => {
    channel.begin();
    channel.push(small.init);
    const viewer = join();
    push(small, 1, 5);
    expect(viewer.news()).toEqual(["init 64x48", "key"]);
  });

  it("leaves out what a slow viewer can't take, and goes on at a key frame", () => {
    const [slow, quick] = [join(), join()];
    start(small);
    push(small, 0, 2);
    slow.news();
    slow.buffered = 3 * 1_048_576;
    push(small, 2, 5);
    expect(slow.news()).toEqual([]);
    slow.buffered = 0;
    push(small, 5, 9);
    expect(slow.news()).toEqual(["dropped 6", "key"]);
    expect(quick.fragments).toHaveLength(9);
  });

  it("holds nothing for a viewer that stands still for minutes", () => {
    const stalled = join();
    start(small);
    push(small, 0, 1);
    stalled.buffered = 3 * 1_048_576;
    stalled.news();
    for (let minute = 0; minute < 10; minute += 1) push(small, 0, 12);
    expect(stalled.news()).toEqual([]);
    expect(channel.current()?.group).toHaveLength(4);
  });

  it("holds no group of pictures that is too long, and shows it to those who are there all the same", () => {
    channel = newLiveChannel({ clock, whyNot: () => text(why, why), maxGroupBytes: 1_500 });
    const early = join();
    start(small);
    push(small, 0, 4);
    expect(early.fragments).toHaveLength(4);
    expect(join().news()).toEqual(["init 64x48"]);
  });

  it("shows nothing while it is blocked, and goes on at a key frame after that", () => {
    const viewer = join();
    start(small);
    push(small, 0, 2);
    viewer.news();
    channel.block(text("paused", "paused"));
    push(small, 2, 4);
    expect(viewer.news()).toEqual(["waiting: paused"]);
    expect(channel.current()).toBeUndefined();
    expect(join().news()).toEqual(["waiting: paused"]);
    channel.block(undefined);
    push(small, 4, 6);
    expect(viewer.news()).toEqual(["init 64x48", "key", "other"]);
  });

  it("waits for a key frame after a damaged fragment", () => {
    const viewer = join();
    start(small);
    push(small, 0, 1);
    const damaged = new Uint8Array(small.fragments[1] ?? []);
    const at = Buffer.from(damaged).indexOf("tfhd");
    damaged[at] = 0x58;
    channel.push(damaged);
    push(small, 2, 5);
    expect(viewer.news()).toEqual(["waiting: connecting", "init 64x48", "key", "key"]);
  });

  it("forgets who has left", () => {
    const viewer = new NotingViewer();
    const leave = channel.join(viewer);
    expect(channel.viewers).toBe(1);
    leave[Symbol.dispose]();
    start(small);
    push(small, 0, 1);
    expect(channel.viewers).toBe(0);
    expect(viewer.news()).toEqual(["waiting: connecting"]);
  });
});
