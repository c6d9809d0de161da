import { mayAct, type Actor, type Role } from "../identity/actor.ts";
import type { Audit } from "../identity/audit.ts";
import { Fault } from "../kernel/faults.ts";
import { text, type Text } from "../kernel/text.ts";
import type { Cameras } from "./cameras.ts";
import type { Camera, CameraId } from "./rules/model.ts";

/** What someone wants to do with a camera's picture. */
export type WatchAct = "live" | "playback" | "clip" | "export" | "ptz" | "timeline" | "pause";

/** Who may see which camera. Every door to a picture, live or recorded, asks here. */
export interface Access {
  mayWatch(camera: Camera, actor: Actor): boolean;
  /**
   * Throws Fault("rejected") and records `camera.refused` when this person may not do this with this camera;
   * Fault("not-found") when there is no such camera. What a removed camera has recorded is for those who answer for it.
   */
  demand(camera: CameraId, actor: Actor, act: WatchAct): Camera;
}

/** Looking is what a camera's own list allows; what leaves a trace on it or takes pictures away is not for guests. */
const HANDS: readonly Role[] = ["officer", "leader", "technician"];
const ONLY_FOR: Record<WatchAct, readonly Role[] | null> = {
  live: null,
  playback: null,
  timeline: null,
  clip: HANDS,
  export: HANDS,
  ptz: HANDS,
  // It leaves a hole in the recordings, so it is for those who answer for the room.
  pause: ["officer", "leader"],
};

/** What can be done with recordings whose camera was removed. */
const AFTER_ITS_END: readonly WatchAct[] = ["playback", "timeline", "clip", "export"];

const ACT_NAME: Record<WatchAct, Text> = {
  live: text("watch it live", "xem trực tiếp"),
  playback: text("play back its recordings", "xem lại"),
  timeline: text("see what was recorded", "xem dòng thời gian"),
  clip: text("cut clips from it", "trích đoạn"),
  export: text("export its recordings", "xuất bằng chứng"),
  ptz: text("turn it", "điều khiển hướng quay"),
  pause: text("pause it", "tạm dừng ghi hình của"),
};

export function openAccess({ cameras, audit }: { cameras: Cameras; audit: Audit }): Access {
  const mayWatch = (camera: Camera, actor: Actor): boolean => mayAct(actor, camera.watchRoles);
  return {
    mayWatch,
    demand: (id, actor, act) => {
      const gone = AFTER_ITS_END.includes(act) ? cameras.removed(id) : undefined;
      const camera = gone ?? cameras.get(id);
      const roles = ONLY_FOR[act];
      const mayLook = gone === undefined ? mayWatch(camera, actor) : mayAct(actor, ["leader"]);
      if (mayLook && (roles === null || mayAct(actor, roles))) return camera;
      audit.record({ actor, action: "camera.refused", subject: id, details: { act } });
      throw refused(camera, act);
    },
  };
}

function refused({ name }: Camera, act: WatchAct): Fault {
  return new Fault(
    "rejected",
    text(
      `You may not ${ACT_NAME[act].en}: camera “${name}”. The attempt has been noted.`,
      `Bạn không được ${ACT_NAME[act].vi} camera “${name}”. Lần thử này đã được ghi lại.`,
    ),
    {
      hint: text(
        "Ask the administrator to add your role to those who may watch this camera.",
        "Hãy đề nghị quản trị thêm vai trò của bạn vào danh sách được xem camera này.",
      ),
    },
  );
}
