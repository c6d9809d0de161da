import type { ReactNode } from "react";
import { dayTime } from "../format.ts";
import type { Timeline } from "./camera-shapes.ts";
import { lengthText } from "./zoned-time.ts";

interface PlaybackListsProps {
  readonly timeline: Timeline;
  readonly timeZone: string;
  readonly onSeek: (at: number) => void;
}

const EVENT: Record<Timeline["events"][number]["kind"], string> = {
  motion: "Chuyển động",
  tamper: "Camera bị che hoặc xê dịch",
  input: "Tín hiệu ngõ vào",
  other: "Sự kiện khác",
};

/** A moment before, so that one sees it begin. */
const BEFORE_MS = 5_000;
const MOST_SHOWN = 200;

interface Entry {
  readonly key: string;
  readonly at: number;
  readonly words: string;
}

/** What the timeline shows, in words, each a jump to its moment. */
export function PlaybackLists({ timeline, timeZone, onSeek }: PlaybackListsProps): ReactNode {
  const time = (at: number): string => dayTime(at, timeZone);
  const gaps = timeline.gaps.map(({ from, to, said }) => ({
    key: `gap-${from}`,
    at: from,
    words: `${time(from)} – ${time(to)}, ${lengthText(to - from)}: ${said.vi}`,
  }));
  const erased = timeline.erased.map(({ from, to }) => ({
    key: `erased-${from}`,
    at: from,
    words: `${time(from)} – ${time(to)}, ${lengthText(to - from)}: đã xóa theo yêu cầu`,
  }));
  const events = timeline.events.map(({ id, at, endAt, kind }) => ({
    key: `event-${id}`,
    at,
    words: `${time(at)} ${EVENT[kind]}${endAt === null ? "" : `, ${lengthText(endAt - at)}`}`,
  }));
  const clips = timeline.clips.map(({ id, from, to, reason }) => ({
    key: `clip-${id}`,
    at: from,
    words: `${time(from)} – ${time(to)}: ${reason}`,
  }));
  const holds = timeline.holds.map((hold) => ({
    key: `hold-${hold.from}-${hold.case}`,
    at: hold.from,
    words: `${time(hold.from)} – ${time(hold.to)}: hồ sơ ${hold.case}`,
  }));
  return (
    <section aria-labelledby="happened">
      <h3 id="happened">Trong ngày</h3>
      <Entries name="Khoảng trống" look="missing" entries={gaps} open onSeek={onSeek} />
      {erased.length > 0 && (
        <Entries name="Đã xóa theo yêu cầu" look="erased" entries={erased} open onSeek={onSeek} />
      )}
      <Entries name="Sự kiện" look="happened" entries={events} onSeek={onSeek} />
      <Entries name="Đoạn trích" look="clipped" entries={clips} onSeek={onSeek} />
      <Entries name="Niêm giữ" look="held" entries={holds} onSeek={onSeek} />
    </section>
  );
}

interface EntriesProps {
  readonly name: string;
  readonly look: string;
  readonly entries: readonly Entry[];
  readonly open?: boolean;
  readonly onSeek: (at: number) => void;
}

function Entries({ name, look, entries, open = false, onSeek }: EntriesProps): ReactNode {
  return (
    <details open={open && entries.length > 0}>
      <summary>
        <span className={`key ${look}`} aria-hidden="true" /> {name} ({entries.length})
      </summary>
      {entries.length === 0 && <p className="empty">Không có.</p>}
      <ul className="moments">
        {entries.slice(0, MOST_SHOWN).map(({ key, at, words }) => (
          <li key={key}>
            <button onClick={() => onSeek(at - BEFORE_MS)}>{words}</button>
          </li>
        ))}
      </ul>
      {entries.length > MOST_SHOWN && (
        <p className="empty">Còn {entries.length - MOST_SHOWN} mục nữa, hãy xem trên dòng thời gian.</p>
      )}
    </details>
  );
}
