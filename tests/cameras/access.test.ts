import { expect, test } from "vitest";
import { openAccess, type WatchAct } from "../../src/cameras/access.ts";
import type { CameraId } from "../../src/cameras/rules/model.ts";
import type { Role } from "../../src/identity/actor.ts";
import type { AuditAct } from "../../src/identity/audit.ts";
import { Fault } from "../../src/kernel/faults.ts";
import { aCamera, GATE, MemoryCameras, person } from "./camera-house.ts";

function bench(): { demand: (role: Role, act: WatchAct, id?: CameraId) => string; noted: AuditAct[] } {
  const noted: AuditAct[] = [];
  const access = openAccess({
    cameras: new MemoryCameras(aCamera({ watchRoles: ["leader", "viewer"] })),
    audit: {
      record: (act) => noted.push(act),
      read: () => [],
      verify: () => ({ whole: true, count: 0, head: "" }),
    },
  });
  return {
    noted,
    demand: (role, act, id = GATE) => {
      try {
        return access.demand(id, person(role), act).id;
      } catch (error) {
        if (error instanceof Fault) return `${error.kind}: ${error.said.en}`;
        throw error;
      }
    },
  };
}

test.each<[Role, WatchAct, boolean]>([
  ["leader", "live", true],
  ["leader", "export", true],
  ["leader", "ptz", true],
  ["viewer", "live", true],
  ["viewer", "playback", true],
  ["viewer", "timeline", true],
  ["viewer", "clip", false],
  ["viewer", "export", false],
  ["viewer", "ptz", false],
  ["officer", "live", false],
  ["officer", "clip", false],
  ["technician", "playback", false],
  ["admin", "live", true],
  ["admin", "export", true],
])("%s asks for %s of a camera that leaders and viewers may watch: %s", (role, act, granted) => {
  const { demand, noted } = bench();
  const answer = demand(role, act);
  if (granted) {
    expect(answer).toBe(GATE);
    expect(noted).toEqual([]);
  } else {
    expect(answer).toContain("rejected: You may not");
    expect(noted).toEqual([
      { actor: person(role), action: "camera.refused", subject: GATE, details: { act } },
    ]);
  }
});

test("a camera that is not there is not found, and nothing is noted", () => {
  const { demand, noted } = bench();
  expect(demand("admin", "live", "khong-co" as CameraId)).toContain("not-found");
  expect(noted).toEqual([]);
});
