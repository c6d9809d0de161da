import type { ReactNode } from "react";
import type { PageProps } from "../page-props.ts";
import { hrefOf } from "../routes.ts";
import { CameraHead } from "./camera-head.tsx";
import { Problem } from "./problem.tsx";
import { useCameras } from "./use-cameras.ts";

/** Leads to the sign that has to hang at the door, and says what is on it. */
export function SignPage({ route, call, events }: PageProps): ReactNode {
  const { cameras, problem } = useCameras({ call, events });
  const camera = cameras?.find(({ id }) => id === route.camera);
  return (
    <>
      <CameraHead id={route.camera} name={camera?.name} page="sign" />
      <Problem refused={problem} />
      {camera !== undefined && (
        <section aria-labelledby="sign">
          <h3 id="sign">Biển thông báo ghi hình</h3>
          <p>
            Luật Bảo vệ dữ liệu cá nhân (Điều 32) yêu cầu báo cho mọi người biết họ đang được ghi hình. Hãy in
            biển này trên giấy A4 và treo ở lối vào, ngang tầm mắt.
          </p>
          <dl className="facts">
            <dt>Nơi ghi hình</dt>
            <dd>{camera.place}</dd>
            <dt>Mục đích</dt>
            <dd>{camera.purpose}</dd>
            <dt>Thời gian lưu</dt>
            <dd>{camera.retentionDays} ngày</dd>
          </dl>
          <p>
            <a
              className="main-action"
              href={`/api/cameras/${encodeURIComponent(camera.id)}/sign`}
              target="_blank"
              rel="noreferrer"
            >
              Mở biển để in
            </a>
          </p>
          <p className="count">
            Nội dung lấy từ <a href={hrefOf("settings", { camera: camera.id })}>cài đặt của camera</a>; đổi
            mục đích hay thời gian lưu thì phải in lại biển.
          </p>
        </section>
      )}
    </>
  );
}
