import { useEffect, useRef, useState, type ReactNode } from "react";
import type { PageProps } from "../page-props.ts";
import { mayAct } from "../roles.ts";
import type { CameraView } from "./camera-shapes.ts";
import { troubleOf } from "./cameras-page.tsx";
import { KeepClip } from "./live-keep.tsx";
import type { LivePlayer } from "./live-player.ts";
import { LivePtz } from "./live-ptz.tsx";
import { LiveView } from "./live-view.tsx";
import { OneCamera } from "./one-camera.tsx";

/** One camera, large, with what can be done about what is seen. */
export function LivePage(props: PageProps): ReactNode {
  return (
    <OneCamera {...props} page="live">
      {(camera) => <Live key={camera.id} {...props} camera={camera} />}
    </OneCamera>
  );
}

function Live(props: PageProps & { readonly camera: CameraView }): ReactNode {
  const { camera, me, status, call, events } = props;
  const place = useRef<HTMLDivElement>(null);
  const [stream, setStream] = useState<"main" | "sub">("main");
  const [player, setPlayer] = useState<LivePlayer>();
  const age = useAge(player, status.aheadMs);
  const trouble = troubleOf(camera);
  const hands = camera.maySee && mayAct(me, "officer", "leader", "technician");
  return (
    <div className="beside">
      <div ref={place} className="stage">
        <LiveView camera={camera} stream={stream} viewer={me.fullName} hall={status} onPlayer={setPlayer} />
        <div className="bar">
          <button onClick={() => void place.current?.querySelector(".screen")?.requestFullscreen()}>
            Toàn màn hình
          </button>
          <label>
            Hình{" "}
            <select
              value={stream}
              onChange={({ target }) => setStream(target.value === "sub" ? "sub" : "main")}
            >
              <option value="main">rõ</option>
              <option value="sub">nhẹ, cho mạng chậm</option>
            </select>
          </label>
          <span className="count">{age !== undefined && `Trễ ${age} giây`}</span>
        </div>
      </div>
      <div className="beside-side">
        <section aria-labelledby="state">
          <h3 id="state">Tình trạng</h3>
          <p role="status" className={trouble === undefined ? undefined : "reason"}>
            {trouble ?? camera.status.said.vi}
          </p>
          <p>Hôm nay ghi được {camera.today.said.vi}</p>
          <p className="count">
            {camera.place}. Mục đích: {camera.purpose} Lưu {camera.retentionDays} ngày.
          </p>
        </section>
        {hands && <KeepClip camera={camera} call={call} events={events} timeZone={status.timeZone} />}
        {hands && camera.ptz && <LivePtz camera={camera} call={call} />}
      </div>
    </div>
  );
}

const LOOK_EVERY_MS = 500;

/** How old the shown picture is, as `0,4`. The hall's clock is known to a few hundredths of a second. */
function useAge(player: LivePlayer | undefined, aheadMs: number): string | undefined {
  const [age, setAge] = useState<string>();
  useEffect(() => {
    if (player === undefined) {
      setAge(undefined);
      return;
    }
    const timer = window.setInterval(() => {
      const ms = player.ageMs(Date.now() + aheadMs);
      setAge(ms === undefined ? undefined : seconds(ms));
    }, LOOK_EVERY_MS);
    return () => window.clearInterval(timer);
  }, [player, aheadMs]);
  return age;
}

function seconds(ms: number): string {
  return (Math.max(0, ms) / 1_000).toLocaleString("vi-VN", {
    minimumFractionDigits: 1,
    maximumFractionDigits: 1,
  });
}
