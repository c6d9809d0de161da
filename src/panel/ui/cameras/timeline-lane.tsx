import type { ReactNode } from "react";
import type { Timeline } from "./camera-shapes.ts";
import { percentOf, visible, type View } from "./timeline-scale.ts";

interface TimelineLaneProps {
  readonly timeline: Timeline | undefined;
  readonly view: View;
}

const MOMENT_MS = 1_000;

/** One camera's strip. What it shows is told in words beside the timeline. */
export function TimelineLane({ timeline, view }: TimelineLaneProps): ReactNode {
  const { runs = [], gaps = [], erased = [], events = [], clips = [], holds = [] } = timeline ?? {};
  const happened = events.map(({ at, endAt }) => ({ from: at, to: Math.max(endAt ?? at, at + MOMENT_MS) }));
  return (
    <svg className="lane-strip" width="100%" height="36" aria-hidden="true">
      <Stretches spans={runs} view={view} look="recorded" y={6} height={20} />
      <Stretches spans={gaps} view={view} look="missing" y={6} height={20} />
      <Stretches spans={erased} view={view} look="erased" y={6} height={20} />
      <Stretches spans={happened} view={view} look="happened" y={0} height={5} />
      <Stretches spans={clips} view={view} look="clipped" y={27} height={4} />
      <Stretches spans={holds} view={view} look="held" y={32} height={4} />
    </svg>
  );
}

interface StretchesProps {
  readonly spans: readonly View[];
  readonly view: View;
  readonly look: "recorded" | "missing" | "erased" | "happened" | "clipped" | "held";
  readonly y: number;
  readonly height: number;
}

/** So that a gap of a few seconds is seen in a whole day. */
const THINNEST_PERCENT = 0.15;

function Stretches({ spans, view, look, y, height }: StretchesProps): ReactNode {
  return spans.map((span) => {
    const seen = visible(span, view);
    if (seen === undefined) return null;
    const x = percentOf(seen.from, view);
    const width = Math.max(THINNEST_PERCENT, percentOf(seen.to, view) - x);
    return (
      <rect
        key={`${look}-${span.from}`}
        className={look}
        x={`${x}%`}
        y={y}
        width={`${width}%`}
        height={height}
      />
    );
  });
}
