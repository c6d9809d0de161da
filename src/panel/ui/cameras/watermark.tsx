import { useEffect, useState, type ReactNode } from "react";
import { dateAndTime } from "../format.ts";

interface WatermarkProps {
  readonly viewer: string;
  readonly timeZone: string;
}

/** Who looks at the picture and when, over the picture: a photo of the screen tells who took it. */
export function Watermark({ viewer, timeZone }: WatermarkProps): ReactNode {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = window.setInterval(() => setNow(Date.now()), 1_000);
    return () => window.clearInterval(timer);
  }, []);
  const words = `${viewer} · ${dateAndTime(now, timeZone)}`;
  return (
    <div className="watermark" aria-hidden="true">
      <span>{words}</span>
      <span>{words}</span>
    </div>
  );
}
