/** The parts of an order that decide whether it makes an earlier one pointless. */
export interface OrderShape {
  readonly kind: string;
  readonly airing?: string | undefined;
  /** When a play order's sound starts, UTC milliseconds. */
  readonly startsAt?: number | undefined;
}

/** Of these only the latest counts. */
const LATEST_COUNTS: readonly string[] = ["volume", "plan", "time", "selftest", "reboot", "update"];

/**
 * Whether a speaker that has not acknowledged `older` need not get it any more once `newer` is issued. A stop must
 * never be followed by a repeat of the play it ended.
 */
export function supersedes(newer: OrderShape, older: OrderShape, newerIssuedAt: number): boolean {
  if (newer.kind === "stop") return isEndedBy(newer, older, newerIssuedAt);
  if (newer.kind === "play") return older.kind === "play" && older.airing === newer.airing;
  return newer.kind === older.kind && LATEST_COUNTS.includes(newer.kind);
}

function isEndedBy(stop: OrderShape, older: OrderShape, stoppedAt: number): boolean {
  if (stop.airing !== undefined) {
    return (older.kind === "play" || older.kind === "stop") && older.airing === stop.airing;
  }
  if (older.kind === "stop") return true;
  return older.kind === "selftest" || (older.kind === "play" && (older.startsAt ?? 0) <= stoppedAt);
}
