import { useEffect, useState, type ReactNode } from "react";
import { dateAndTime } from "../format.ts";
import type { HallTime } from "../shapes.ts";

interface WatermarkProps {
  readonly viewer: string;
  readonly hall: HallTime;
}

/** Who looks at the picture and when, over the picture: a photo of the screen tells who took it. */
export function Watermark({ viewer, hall: { timeZone, aheadMs } }: WatermarkProps): ReactNode {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = window.setInterval(() => setNow(Date.now()), 1_000);
    return () => window.clearInterval(timer);
  }, []);
  const words = `${viewer} · ${dateAndTime(now + aheadMs, timeZone)}`;
  return (
    <div className="watermark" aria-hidden="true">
      <span>{words}</span>
      <span>{words}</span>
    </div>
  );
}
