import { useState, type ReactNode } from "react";
import type { Call } from "../api.ts";
import type { Status } from "../shapes.ts";
import type { CameraView } from "./camera-shapes.ts";
import type { CaseView } from "./case-shapes.ts";
import { Problem } from "./problem.tsx";
import { SpanForm, type TypedSpan } from "./span-form.tsx";
import { useOrder } from "./use-order.ts";

interface HoldFormProps {
  readonly file: CaseView;
  readonly cameras: readonly CameraView[];
  readonly call: Call;
  readonly status: Status;
  readonly onDone: () => Promise<void>;
}

/** Holds one more stretch for a case. */
export function HoldForm({ file, cameras, call, status, onDone }: HoldFormProps): ReactNode {
  const { busy, refused, run } = useOrder();
  const [times, setTimes] = useState(0);
  const hold = async (span: TypedSpan): Promise<void> => {
    const path = `/cases/${encodeURIComponent(file.id)}/holds`;
    if (!(await run(() => call("POST", path, { body: span })))) return;
    setTimes(times + 1);
    await onDone();
  };
  return (
    <details>
      <summary>Niêm giữ thêm một đoạn</summary>
      <SpanForm
        key={times}
        cameras={cameras}
        status={status}
        busy={busy}
        submit={{ name: "Niêm giữ", doing: "Đang niêm giữ…" }}
        onSubmit={(span) => void hold(span)}
      />
      <Problem refused={refused} />
    </details>
  );
}
