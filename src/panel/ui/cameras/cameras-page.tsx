import type { ReactNode } from "react";
import type { PageProps } from "../page-props.ts";
import { mayAct } from "../roles.ts";
import { hrefOf } from "../routes.ts";
import type { HallTime } from "../shapes.ts";
import type { CameraView } from "./camera-shapes.ts";
import { LiveView } from "./live-view.tsx";
import { useCameras } from "./use-cameras.ts";

/** All cameras side by side, with small streams. */
export function CamerasPage({ me, status, events, call }: PageProps): ReactNode {
  const { cameras, problem } = useCameras({ call, events });
  const mayAdd = mayAct(me, "technician");
  return (
    <>
      <div className="bar">
        <h2>Camera {cameras !== undefined && <span className="count">{countOf(cameras)}</span>}</h2>
        {mayAdd && <a href={hrefOf("add-camera")}>Thêm camera</a>}
      </div>
      {problem !== undefined && (
        <p className="problem" role="alert">
          {problem.message} {problem.hint}
        </p>
      )}
      {cameras === undefined && problem === undefined && <p className="empty">Đang tải…</p>}
      {cameras?.length === 0 && <NoCameras mayAdd={mayAdd} />}
      {cameras !== undefined && cameras.length > 0 && (
        <ul className="mosaic" aria-label="Các camera">
          {cameras.map((camera) => (
            <li key={camera.id}>
              <Tile camera={camera} viewer={me.fullName} hall={status} />
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

function NoCameras({ mayAdd }: { readonly mayAdd: boolean }): ReactNode {
  return (
    <p className="empty">
      Chưa có camera nào.{" "}
      {mayAdd ? (
        <>
          Hãy <a href={hrefOf("add-camera")}>thêm camera</a>, hoặc dùng lệnh{" "}
          <code>tienglang camera discover</code> trên máy chủ.
        </>
      ) : (
        "Kỹ thuật viên thêm camera ở trang này."
      )}
    </p>
  );
}

interface TileProps {
  readonly camera: CameraView;
  readonly viewer: string;
  readonly hall: HallTime;
}

function Tile({ camera, viewer, hall }: TileProps): ReactNode {
  const { id, name, place, today, maySee } = camera;
  const trouble = troubleOf(camera);
  return (
    <article aria-label={name}>
      <LiveView camera={camera} stream="sub" viewer={viewer} hall={hall} />
      <h3>{maySee ? <a href={hrefOf("live", { camera: id })}>{name}</a> : name}</h3>
      <p>{place}</p>
      {trouble !== undefined && <p className="reason">{trouble}</p>}
      <p className="today">Hôm nay ghi được {today.said.vi}</p>
      {maySee && (
        <p>
          <a href={hrefOf("playback", { camera: id })}>
            Xem lại<span className="unseen"> {name}</span>
          </a>
        </p>
      )}
    </article>
  );
}

const AS_WANTED = new Set<CameraView["status"]["state"]>(["recording", "starting", "paused", "disabled"]);

/** What is wrong with the camera or with its picture. */
export function troubleOf({ status, picture }: CameraView): string | undefined {
  if (!AS_WANTED.has(status.state)) return status.said.vi;
  if (picture.verdict === "ok" || picture.verdict === "unknown") return undefined;
  return picture.said.vi;
}

function countOf(cameras: readonly CameraView[]): string {
  const recording = cameras.filter(({ status }) => status.state === "recording").length;
  return `${recording}/${cameras.length} đang ghi`;
}
