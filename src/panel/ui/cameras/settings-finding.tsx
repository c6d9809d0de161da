import type { ReactNode } from "react";
import type { Said } from "../shapes.ts";

/** One thing that was looked at on a camera, how it stands, and what to do when it does not stand well. */
export interface Finding {
  readonly id: string;
  readonly outcome: "ok" | "warn" | "fail";
  readonly said: Said;
  readonly remedy?: Said;
}

const OUTCOME: Record<Finding["outcome"], string> = { ok: "Tốt", warn: "Lưu ý", fail: "Lỗi" };

export function SettingsFinding({
  finding: { outcome, said, remedy },
}: {
  readonly finding: Finding;
}): ReactNode {
  return (
    <li>
      <span>{said.vi}</span>
      <strong className={outcome === "fail" ? "reason" : undefined}>{OUTCOME[outcome]}</strong>
      {remedy !== undefined && <span className="whole count">{remedy.vi}</span>}
    </li>
  );
}
