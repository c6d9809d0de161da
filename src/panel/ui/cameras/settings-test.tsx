import { useState, type ReactNode } from "react";
import type { Call } from "../api.ts";
import { Problem } from "./problem.tsx";
import { SettingsFinding, type Finding } from "./settings-finding.tsx";
import { useOrder } from "./use-order.ts";

interface SettingsTestProps {
  /** Id of the camera. */
  readonly camera: string;
  readonly call: Call;
}

/** Looks at a camera that is kept, from the network to the picture. */
export function SettingsTest({ camera, call }: SettingsTestProps): ReactNode {
  const [findings, setFindings] = useState<readonly Finding[]>();
  const { busy, refused, run } = useOrder();
  const look = (): Promise<boolean> =>
    run(async () => {
      const path = `/cameras/${encodeURIComponent(camera)}/test`;
      setFindings((await call<{ readonly findings: readonly Finding[] }>("POST", path)).findings);
    });
  return (
    <>
      <button disabled={busy} onClick={() => void look()}>
        {busy ? "Đang kiểm tra…" : "Kiểm tra camera"}
      </button>
      <Problem refused={refused} />
      <ul className="rows" aria-label="Kết quả kiểm tra">
        {findings?.map((finding) => (
          <SettingsFinding key={finding.id} finding={finding} />
        ))}
      </ul>
    </>
  );
}
