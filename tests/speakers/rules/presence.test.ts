import { expect, test } from "vitest";
import { epochMs, uptimeMs } from "../../../src/kernel/time.ts";
import {
  gone,
  heard,
  listened,
  startListening,
  type Moment,
  type PresenceState,
} from "../../../src/speakers/rules/presence.ts";

const at = (sec: number): Moment => ({
  now: epochMs(1_000_000 + sec * 1_000),
  uptime: uptimeMs(sec * 1_000),
});

/** `heard@0 gone@5` → each presence with the second since when. */
function check(story: string): string {
  let state: PresenceState = startListening(at(0));
  return story
    .split(" ")
    .map((word) => {
      const [what, sec = "0"] = word.split("@");
      const step = { heard, gone, look: listened }[what ?? ""];
      if (step !== undefined) state = step(state, at(Number(sec)));
      return `${state.presence}:${(state.since - 1_000_000) / 1_000}`;
    })
    .join(" ");
}

test.each([
  ["nobody knows before it speaks", "look@10", "unknown:0"],
  ["silence from the start is absence", "look@95 look@96", "unknown:0 offline:96"],
  ["heard is there", "heard@5 heard@35 look@60", "online:5 online:5 online:5"],
  ["three missed reports are absence", "heard@5 look@100 look@101", "online:5 online:5 offline:101"],
  ["a will counts at once", "heard@5 gone@6 gone@7", "online:5 offline:6 offline:6"],
  ["it comes back", "heard@5 gone@6 heard@8", "online:5 offline:6 online:8"],
])("%s", (_name, story, expected) => {
  expect(check(story)).toBe(expected);
});
