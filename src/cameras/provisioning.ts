import type { Actor } from "../identity/actor.ts";
import { text } from "../kernel/text.ts";
import { proposeId } from "../speakers/rules/names.ts";
import type { CameraRegistry } from "./cameras.ts";
import { examine, faultOf, type ExamineOrder, type ExamineParts } from "./diagnosis.ts";
import type { Finding } from "./rules/diagnosis-words.ts";
import type { Camera, CameraId } from "./rules/model.ts";

/** What a person says of a new camera; everything else is asked of the camera, or has a default. */
type NewSettings = {
  readonly [K in keyof Omit<Camera, "addedAt" | "streams" | "onvif">]?: Camera[K] | undefined;
};

interface ProvisionOrder {
  readonly reach: ExamineOrder;
  readonly settings: NewSettings;
  readonly actor: Actor;
}

interface ProvisionParts {
  readonly cameras: CameraRegistry;
  readonly examining: ExamineParts;
}

/** Kept until the law or the commune says otherwise; a counter's quarrel comes up within a month. */
const RETENTION_DAYS = 30;

/**
 * Looks at a camera and keeps it. Throws Fault("rejected") with the first thing that stands in the way; a wrong clock
 * does not. A purpose nobody wrote is the usual one of a counter, and a finding asks to look at it.
 */
export async function provision(
  { reach, settings, actor }: ProvisionOrder,
  { cameras, examining }: ProvisionParts,
  signal: AbortSignal,
): Promise<{ readonly camera: Camera; readonly findings: readonly Finding[] }> {
  const seen = await examine(reach, examining, signal);
  if (seen.camera === undefined) throw faultOf(seen.findings);
  const { manufacturer, model } = seen.camera.identity;
  const name =
    settings.name ??
    ([manufacturer, model].filter((word) => word !== "").join(" ") || `Camera ${reach.host}`);
  const place = settings.place ?? name;
  const given = Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined));
  const draft: Omit<Camera, "addedAt"> = {
    enabled: true,
    audio: false,
    purpose: `Bảo đảm an ninh, trật tự và an toàn tại ${place}`,
    retentionDays: RETENTION_DAYS,
    retentionReason: "Phục vụ giải quyết khiếu nại, phản ánh phát sinh trong tháng",
    eventRetentionDays: RETENTION_DAYS,
    quotaBytes: null,
    priority: 5,
    pauseHours: [],
    pausedUntil: null,
    clipHours: [],
    watchRoles: ["leader"],
    eventRules: [],
    mayCorrectClock: true,
    ...(given as Partial<Camera>),
    id: settings.id ?? (proposeId(name, (id) => cameras.isTaken(id), "camera") as CameraId),
    name,
    place,
    user: reach.credentials.user,
    ...seen.camera,
  };
  const camera = cameras.add(draft, reach.credentials.password, actor);
  return {
    camera,
    findings: settings.purpose === undefined ? [...seen.findings, UNWRITTEN_PURPOSE] : seen.findings,
  };
}

const UNWRITTEN_PURPOSE: Finding = {
  id: "purpose",
  outcome: "warn",
  said: text(
    "Nobody wrote why people are recorded here; the usual purpose was filled in.",
    "Chưa ai ghi mục đích ghi hình; đã điền mục đích thông thường.",
  ),
  remedy: text(
    "Read it and correct it: tienglang camera set ID --purpose “…”.",
    "Hãy đọc và sửa lại: tienglang camera set MÃ --purpose “…”.",
  ),
};
