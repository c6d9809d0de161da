import type { ReactNode } from "react";
import type { PageProps } from "../page-props.ts";
import type { PageName } from "../routes.ts";
import { CameraHead } from "./camera-head.tsx";
import type { CameraView } from "./camera-shapes.ts";
import { useCameras } from "./use-cameras.ts";

interface OneCameraProps extends PageProps {
  readonly page: PageName;
  /** Draws the page once its camera is known. */
  readonly children: (camera: CameraView, all: readonly CameraView[]) => ReactNode;
}

/** The frame of a page about one camera: its name, its other pages, and what is wrong with the address. */
export function OneCamera({ page, route, call, events, children }: OneCameraProps): ReactNode {
  const { cameras, problem } = useCameras({ call, events });
  const camera = cameras?.find(({ id }) => id === route.camera);
  return (
    <>
      <CameraHead id={route.camera} name={camera?.name} page={page} />
      {problem !== undefined && (
        <p className="problem" role="alert">
          {problem.message} {problem.hint}
        </p>
      )}
      {cameras === undefined && problem === undefined && <p className="empty">Đang tải…</p>}
      {cameras !== undefined && camera === undefined && (
        <p className="problem" role="alert">
          Không có camera nào tên là “{route.camera}”. Có thể camera đã được gỡ; hãy chọn lại ở trang Camera.
        </p>
      )}
      {cameras !== undefined && camera !== undefined && children(camera, cameras)}
    </>
  );
}
