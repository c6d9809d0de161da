import { useState, type ReactNode } from "react";
import type { Call } from "../api.ts";
import { hrefOf } from "../routes.ts";
import { Problem } from "./problem.tsx";
import { useOrder } from "./use-order.ts";

interface FoundCamera {
  readonly endpoint: string;
  readonly host: string;
  readonly port: number;
  readonly name: string;
  readonly hardware: string;
  /** Its id, when it is one of ours. */
  readonly camera: string | null;
}

interface SettingsSearchProps {
  readonly call: Call;
  readonly onChoose: (found: FoundCamera) => void;
}

/** Cameras that answer a call to the whole network. */
export function SettingsSearch({ call, onChoose }: SettingsSearchProps): ReactNode {
  const [found, setFound] = useState<readonly FoundCamera[]>();
  const { busy, refused, run } = useOrder();
  const search = (): Promise<boolean> =>
    run(async () => {
      const answer = await call<{ readonly found: readonly FoundCamera[] }>("POST", "/cameras/discover", {
        body: {},
      });
      setFound(answer.found);
    });
  return (
    <section aria-labelledby="search">
      <h3 id="search">1. Tìm camera trong mạng</h3>
      <button disabled={busy} onClick={() => void search()}>
        {busy ? "Đang tìm, khoảng 5 giây…" : "Tìm camera"}
      </button>
      <Problem refused={refused} />
      <div role="status">
        {found?.length === 0 && (
          <p className="empty">
            Không thấy camera nào trả lời. Hãy kiểm tra camera đã cắm điện, cùng mạng với máy chủ và đã bật
            ONVIF; hoặc nhập thẳng địa chỉ ở bước 2.
          </p>
        )}
        {found !== undefined && found.length > 0 && <p>{found.length} camera trả lời:</p>}
      </div>
      <ul className="rows">
        {found?.map((each) => (
          <li key={each.endpoint}>
            <span>
              <strong>{each.host}</strong> {each.name} {each.hardware}
            </span>
            {each.camera === null ? (
              <button onClick={() => onChoose(each)}>
                Chọn<span className="unseen"> {each.host}</span>
              </button>
            ) : (
              <a href={hrefOf("settings", { camera: each.camera })}>Đã thêm</a>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}
