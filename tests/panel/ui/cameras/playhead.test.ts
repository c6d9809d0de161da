import { beforeEach, describe, expect, test } from "vitest";
import { newPlayhead, type Playhead } from "../../../../src/panel/ui/cameras/playhead.ts";

let uptimeMs: number;
let head: Playhead;

beforeEach(() => {
  uptimeMs = 5_000;
  head = newPlayhead(1_000_000, () => uptimeMs);
});

describe("the playhead", () => {
  test("stands until it is played, then goes with time and speed", () => {
    uptimeMs += 1_000;
    expect(head.at()).toBe(1_000_000);
    head.play();
    uptimeMs += 1_000;
    expect(head.at()).toBe(1_001_000);
    head.setSpeed(8);
    uptimeMs += 1_000;
    expect(head.at()).toBe(1_009_000);
    head.pause();
    uptimeMs += 1_000;
    expect([head.at(), head.playing, head.speed]).toEqual([1_009_000, false, 8]);
  });

  test("is held while a picture loads, and goes on from where it stood", () => {
    head.play();
    uptimeMs += 1_000;
    head.hold(true);
    uptimeMs += 9_000;
    expect([head.at(), head.playing]).toEqual([1_001_000, true]);
    head.hold(false);
    uptimeMs += 500;
    expect(head.at()).toBe(1_001_500);
  });

  test("jumps while it plays and while it stands", () => {
    head.seek(2_000_000);
    expect(head.at()).toBe(2_000_000);
    head.play();
    uptimeMs += 100;
    head.seek(3_000_000);
    uptimeMs += 100;
    expect(head.at()).toBe(3_000_100);
  });

  test("tells of every change until nobody listens any more", () => {
    const told: number[] = [];
    const leave = head.subscribe(() => told.push(head.at()));
    head.play();
    head.hold(false);
    head.seek(7);
    leave();
    head.pause();
    expect(told).toEqual([1_000_000, 7]);
  });
});
