import { useState, type ReactNode } from "react";
import type { PageProps } from "../page-props.ts";
import { dateAndTime, dayTime } from "../format.ts";
import { mayAct } from "../roles.ts";
import { hrefOf } from "../routes.ts";
import type { CameraView, ClipView } from "./camera-shapes.ts";
import { ConfirmButton } from "./confirm-button.tsx";
import { Problem } from "./problem.tsx";
import { useCameras } from "./use-cameras.ts";
import { useOrder } from "./use-order.ts";
import { useReading } from "./use-reading.ts";
import { dayText, lengthText } from "./zoned-time.ts";

/** A clip as the list tells it. */
interface ListedClip extends ClipView {
  readonly origin: "hand" | "event" | "schedule" | "rating" | "upstream";
  readonly by: string;
  readonly requestedAt: number;
  readonly bytes: number | null;
  readonly gaps: readonly { readonly from: number; readonly to: number; readonly cause: string }[];
  readonly keepUntil: number;
}

const ORIGIN: Record<ListedClip["origin"], string> = {
  hand: "giữ lại bằng tay",
  event: "do sự kiện",
  schedule: "theo lịch",
  rating: "do đánh giá của người dân",
  upstream: "theo yêu cầu cấp trên",
};

const FIRST = 50;
const MORE = 100;
/** The hall lists no more at a time. */
const MOST = 500;

/** All clips, newest first, each to be played where it stands. */
export function ClipsPage({ me, route, status, call, events }: PageProps): ReactNode {
  const { cameras } = useCameras({ call, events });
  const [camera, setCamera] = useState(route.query.get("camera") ?? "");
  const [limit, setLimit] = useState(FIRST);
  const asked = new URLSearchParams({ limit: String(limit), ...(camera !== "" && { camera }) });
  const { value, problem, reload } = useReading<{ readonly clips: readonly ListedClip[] }>(
    `/clips?${asked.toString()}`,
    { call, events, isNews: ({ type }) => type === "clip" },
  );
  return (
    <>
      <div className="bar">
        <h2>Đoạn trích</h2>
        <label>
          Camera{" "}
          <select value={camera} onChange={({ target }) => setCamera(target.value)}>
            <option value="">Tất cả</option>
            {cameras?.map(({ id, name }) => (
              <option key={id} value={id}>
                {name}
              </option>
            ))}
          </select>
        </label>
      </div>
      <Problem refused={problem} />
      {value === undefined && problem === undefined && <p className="empty">Đang đọc danh sách…</p>}
      {value?.clips.length === 0 && (
        <p className="empty">
          Chưa có đoạn trích nào. Bấm “Giữ lại 5 phút vừa rồi” khi xem trực tiếp, hoặc đánh dấu một đoạn khi{" "}
          <a href={hrefOf("cameras")}>xem lại</a>.
        </p>
      )}
      <ul className="clips">
        {value?.clips.map((clip) => (
          <li key={clip.id}>
            <OneClip
              clip={clip}
              camera={cameras?.find(({ id }) => id === clip.camera)}
              timeZone={status.timeZone}
              onRemove={
                mayAct(me, "officer", "leader", "technician")
                  ? async () => {
                      await call("DELETE", `/clips/${encodeURIComponent(clip.id)}`);
                      await reload();
                    }
                  : undefined
              }
            />
          </li>
        ))}
      </ul>
      {value?.clips.length === limit && limit < MOST && (
        <button onClick={() => setLimit(Math.min(limit + MORE, MOST))}>Xem thêm đoạn trích cũ hơn</button>
      )}
    </>
  );
}

interface OneClipProps {
  readonly clip: ListedClip;
  readonly camera: CameraView | undefined;
  readonly timeZone: string;
  /** Undefined: this person may not remove it. */
  readonly onRemove: (() => Promise<void>) | undefined;
}

function OneClip({ clip, camera, timeZone, onRemove }: OneClipProps): ReactNode {
  const { busy, refused, run } = useOrder();
  const name = camera?.name ?? clip.camera;
  const when = spanText(clip.requested, timeZone);
  return (
    <article aria-label={`${name}, ${when}`}>
      <Picture clip={clip} name={`${name}, ${when}`} />
      <div>
        <h3>
          {name}: {clip.reason}
        </h3>
        <p>
          <time>{when}</time>
        </p>
        <Delivered clip={clip} timeZone={timeZone} />
        <p className="count">
          {clip.by}, {ORIGIN[clip.origin]}, {dateAndTime(clip.requestedAt, timeZone)}. Giữ đến{" "}
          {dayText(clip.keepUntil, timeZone)}.
        </p>
        <div className="bar">
          {clip.state === "ready" && (
            <a href={`/api/clips/${encodeURIComponent(clip.id)}/download`} download>
              Tải về{clip.bytes !== null && ` (${megabytes(clip.bytes)} MB)`}
              <span className="unseen"> đoạn {when}</span>
            </a>
          )}
          {camera?.maySee === true && (
            <a href={hrefOf("playback", { camera: clip.camera, query: { at: String(clip.requested.from) } })}>
              Xem lại quanh đó<span className="unseen"> {when}</span>
            </a>
          )}
          {onRemove !== undefined && (
            <ConfirmButton
              name="Xóa"
              about={`đoạn ${when}`}
              question="Xóa đoạn trích này?"
              consequence="Tệp sẽ bị xóa hẳn; việc xóa được ghi vào nhật ký. Phần còn trong vòng ghi của camera không đổi."
              disabled={busy}
              onConfirm={() => void run(onRemove)}
            />
          )}
        </div>
        <Problem refused={refused} />
      </div>
    </article>
  );
}

/** The still picture becomes the player when pressed: thirty players at once would each load their file. */
function Picture({
  clip: { id, state },
  name,
}: {
  readonly clip: ListedClip;
  readonly name: string;
}): ReactNode {
  const [playing, setPlaying] = useState(false);
  const [seen, setSeen] = useState(true);
  const path = `/api/clips/${encodeURIComponent(id)}`;
  if (state !== "ready")
    return <div className="still empty">{state === "failed" ? "Không có hình" : "Đang làm…"}</div>;
  if (playing) {
    return <video className="still" controls autoPlay playsInline aria-label={name} src={`${path}/video`} />;
  }
  return (
    <button className="still" onClick={() => setPlaying(true)}>
      {seen && <img src={`${path}/thumbnail`} alt="" loading="lazy" onError={() => setSeen(false)} />}
      <span>
        Phát<span className="unseen"> đoạn của {name}</span>
      </span>
    </button>
  );
}

/** What the file really holds, where that is not what was asked for. */
function Delivered({ clip, timeZone }: { readonly clip: ListedClip; readonly timeZone: string }): ReactNode {
  const { state, failure, delivered, requested, gaps } = clip;
  if (state === "failed") return <p className="reason">{failure?.vi ?? "Không cắt được đoạn trích."}</p>;
  if (state === "waiting") return <p role="status">Chờ ghi xong đến {dayTime(requested.to, timeZone)}…</p>;
  if (state === "making" || delivered === null) return <p role="status">Đang cắt…</p>;
  const missing = gaps.reduce((sum, { from, to }) => sum + to - from, 0);
  return (
    <>
      <p>
        Trong tệp: {spanText(delivered, timeZone)} ({lengthText(delivered.to - delivered.from)})
      </p>
      {missing > 0 && (
        <p className="reason">
          Thiếu {lengthText(missing)} trong đoạn này ({gaps.length} khoảng trống).
        </p>
      )}
    </>
  );
}

function spanText({ from, to }: { readonly from: number; readonly to: number }, timeZone: string): string {
  const end = dayText(from, timeZone) === dayText(to, timeZone) ? dayTime : dateAndTime;
  return `${dateAndTime(from, timeZone)} – ${end(to, timeZone)}`;
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toLocaleString("vi-VN", { maximumFractionDigits: 1 });
}
