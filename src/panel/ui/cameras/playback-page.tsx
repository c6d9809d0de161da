import type { ReactNode } from "react";
import type { PageProps } from "../page-props.ts";
import { OneCamera } from "./one-camera.tsx";
import { PlaybackDesk } from "./playback-desk.tsx";

/** Recordings of one camera, or of several on one playhead. */
export function PlaybackPage(props: PageProps): ReactNode {
  const asked = props.route.query.get("at") ?? "";
  return (
    <OneCamera {...props} page="playback">
      {(camera, all) =>
        camera.maySee ? (
          <PlaybackDesk
            key={`${camera.id} ${asked}`}
            {...props}
            camera={camera}
            others={all.filter(({ id, maySee }) => id !== camera.id && maySee)}
          />
        ) : (
          <p className="problem" role="alert">
            Vai trò của bạn không được xem camera này. Người quản trị đặt quyền ở trang Cài đặt của camera.
          </p>
        )
      }
    </OneCamera>
  );
}
