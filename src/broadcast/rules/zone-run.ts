import { epochMs, type EpochMs } from "../../kernel/time.ts";
import type { SessionLedger } from "./caps.ts";
import type { Gates } from "./gates.ts";
import { compareText, isEmergency, LATENESS_LIMIT_MS } from "./ladder.ts";
import type { Candidate, Interval, Silence, SilenceReason, Timeline, Why } from "./model.ts";

const ALONE: Why = { type: "alone" };
const NONE: readonly string[] = [];

/** A candidate with its place on the ladder: 0 wins over everything. */
export interface Contender {
  readonly candidate: Candidate;
  readonly place: number;
  /** The whole of it, undisturbed: the same object on every speaker where it sounds so, which is most of them. */
  readonly whole: Interval;
}

export function newContender(candidate: Candidate, place: number): Contender {
  const { airing, level, startAt, durationMs } = candidate;
  const endAt = epochMs(startAt + durationMs);
  return { candidate, place, whole: { airing, level, startAt, endAt, offsetMs: 0, why: ALONE } };
}

/** A contender that has come and is not over. */
interface Item {
  readonly candidate: Candidate;
  readonly place: number;
  readonly whole: Interval;
  state: "new" | "sounding" | "waiting";
  /** How far into its sound it is, at the beginning of the present stretch. */
  doneMs: number;
  /** When the present stretch of sound or silence began. */
  since: EpochMs;
  /** While sounding: when the session's minutes are used up. */
  cappedAt: number;
  /** While waiting: what keeps it silent; undefined is a hold. */
  blocker: string | undefined;
  /** How the present or last stretch of sound began. */
  began: "never" | "planned" | "waited" | "resumes" | "restarts";
  /** What kept it silent before the present stretch of sound. */
  after: readonly string[];
  over: readonly string[];
}

/**
 * Plays one speaker's contenders through from event to event: an arrival, an end, a stop, quiet hours, the end of a
 * patience. Between two events nothing changes, so the result is exact to the millisecond. `contenders` are in order
 * of start. Without `ledger` there are no session limits.
 */
export function runZone(contenders: readonly Contender[], gates: Gates, ledger?: SessionLedger): Timeline {
  return new ZoneRun(contenders, gates, ledger).run();
}

class ZoneRun {
  private readonly contenders: readonly Contender[];
  private readonly gates: Gates;
  private readonly ledger: SessionLedger | undefined;
  private readonly intervals: Interval[] = [];
  private readonly silences: Silence[] = [];
  private readonly items: Item[] = [];
  private sounding: Item | undefined;
  private next = 0;

  constructor(contenders: readonly Contender[], gates: Gates, ledger: SessionLedger | undefined) {
    this.contenders = contenders;
    this.gates = gates;
    this.ledger = ledger;
  }

  run(): Timeline {
    for (;;) {
      const at = this.nextEventAt();
      if (at === Infinity) break;
      this.gates.moveTo(at as EpochMs);
      this.step(at as EpochMs);
    }
    this.silences.sort((a, b) => a.startAt - b.startAt || compareText(a.airing, b.airing));
    return { intervals: this.intervals, silences: this.silences };
  }

  private nextEventAt(): number {
    let at: number = this.contenders[this.next]?.candidate.startAt ?? Infinity;
    if (this.items.length > 0) at = Math.min(at, this.gates.nextChangeAt());
    for (const item of this.items) {
      at = Math.min(at, item === this.sounding ? soundsUntil(item) : waitsUntil(item));
    }
    return at;
  }

  private step(at: EpochMs): void {
    this.finish(at);
    this.admit(at);
    this.cut(at);
    this.choose(at);
    this.keepWaiting(at);
  }

  private finish(at: EpochMs): void {
    this.forEachItem((item) => {
      if (endOfSound(item) > at) return;
      this.close(item, at, true);
      this.remove(item);
    });
  }

  private admit(at: EpochMs): void {
    for (;;) {
      const contender = this.contenders[this.next];
      if (contender === undefined || contender.candidate.startAt > at) return;
      this.next += 1;
      const { candidate, place, whole } = contender;
      if (candidate.durationMs <= 0) continue;
      const item: Item = {
        candidate,
        place,
        whole,
        state: "new",
        doneMs: 0,
        since: at,
        cappedAt: Infinity,
        blocker: undefined,
        began: "never",
        after: NONE,
        over: NONE,
      };
      this.items.push(item);
      if (candidate.barred !== undefined) this.lose(item, at, { type: "barred", text: candidate.barred });
    }
  }

  /** What must not go on is lost for good, so that nothing comes back by itself after a stop or after quiet hours. */
  private cut(at: EpochMs): void {
    this.forEachItem((item) => {
      const emergency = isEmergency(item.candidate);
      if (this.gates.isStopped(item.candidate.airing) || (!emergency && this.gates.isHeld())) {
        this.lose(item, at, { type: "stopped" });
      } else if (!emergency && this.gates.isQuiet()) {
        this.lose(item, at, { type: "quiet-hours" });
      } else if (item === this.sounding && item.cappedAt <= at) {
        this.lose(item, at, { type: "session-cap", limit: "minutes" });
      }
    });
  }

  private choose(at: EpochMs): void {
    if (this.gates.isHeld()) return;
    for (;;) {
      const top = this.highest();
      if (top === undefined || top === this.sounding) return;
      if (this.sounding !== undefined) this.interrupt(this.sounding, at);
      const limit = this.ledger?.begin(at, top.candidate.level);
      if (limit === undefined) {
        this.begin(top, at);
        return;
      }
      this.lose(top, at, { type: "session-cap", limit });
    }
  }

  private highest(): Item | undefined {
    let top: Item | undefined;
    for (const item of this.items) if (top === undefined || item.place < top.place) top = item;
    return top;
  }

  private begin(item: Item, at: EpochMs): void {
    this.close(item, at, false);
    const { startAt, byClock, afterPreempt, level } = item.candidate;
    if (item.began === "never") item.began = at === startAt ? "planned" : "waited";
    else item.began = afterPreempt === "restart" && byClock !== true ? "restarts" : "resumes";
    if (byClock === true) item.doneMs = at - startAt;
    item.state = "sounding";
    item.since = at;
    item.over = NONE;
    item.cappedAt =
      this.ledger === undefined || isEmergency({ level }) ? Infinity : at + this.ledger.leftMs();
    this.sounding = item;
  }

  private interrupt(item: Item, at: EpochMs): void {
    this.close(item, at, false);
    if (item.candidate.afterPreempt === "restart") item.doneMs = 0;
    item.state = "new";
    item.after = NONE;
    this.sounding = undefined;
  }

  /** Those that do not sound now wait behind the one that does, or are lost to it. */
  private keepWaiting(at: EpochMs): void {
    const by = this.sounding?.candidate.airing;
    this.forEachItem((item) => {
      if (item === this.sounding) return;
      if (this.sounding !== undefined) this.sounding.over = withName(this.sounding.over, item);
      if (by !== undefined && item.candidate.afterPreempt === "drop") {
        this.lose(item, at, { type: "outranked", by });
      } else if (waitsUntil(item) <= at) {
        this.lose(item, at, by === undefined ? { type: "stopped" } : { type: "too-late", by });
      } else {
        this.waitBehind(item, by, at);
      }
    });
  }

  private waitBehind(item: Item, by: string | undefined, at: EpochMs): void {
    if (item.state === "waiting" && item.blocker === by) return;
    this.close(item, at, false);
    item.state = "waiting";
    item.since = at;
    item.blocker = by;
    if (by !== undefined && !item.after.includes(by)) item.after = [...item.after, by];
  }

  /** Writes down the stretch of sound or silence that ends now. */
  private close(item: Item, at: EpochMs, final: boolean): void {
    const { since, doneMs, blocker, candidate } = item;
    const { airing, level } = candidate;
    if (item.state === "sounding") {
      const why = whyOf(item);
      if (why === ALONE && at === item.whole.endAt && doneMs === 0) this.intervals.push(item.whole);
      else if (at > since)
        this.intervals.push({ airing, level, startAt: since, endAt: at, offsetMs: doneMs, why });
      this.ledger?.end(since, at, level);
      item.doneMs += at - since;
    } else if (item.state === "waiting" && at > since) {
      const reason: SilenceReason =
        blocker === undefined ? { type: "stopped" } : { type: "outranked", by: blocker };
      this.silences.push({ airing, startAt: since, endAt: at, reason, final });
    }
  }

  /** It ends here: what is left of it never sounds. */
  private lose(item: Item, at: EpochMs, reason: SilenceReason): void {
    this.close(item, at, false);
    const { airing, startAt, durationMs, byClock } = item.candidate;
    const endAt = epochMs(byClock === true ? startAt + durationMs : at + durationMs - item.doneMs);
    if (endAt > at) this.silences.push({ airing, startAt: at, endAt, reason, final: true });
    this.remove(item);
  }

  /** Backwards, so that `visit` may remove the item. Nothing hangs on the order: items don't touch each other. */
  private forEachItem(visit: (item: Item) => void): void {
    for (let index = this.items.length - 1; index >= 0; index -= 1) {
      const item = this.items[index];
      if (item !== undefined) visit(item);
    }
  }

  private remove(item: Item): void {
    this.items.splice(this.items.indexOf(item), 1);
    if (this.sounding === item) this.sounding = undefined;
  }
}

/** When the last of its sound is over, if it goes on as it is; what waits has no end but its patience. */
function endOfSound({ candidate, state, since, doneMs }: Item): number {
  if (state === "sounding") return since + candidate.durationMs - doneMs;
  return candidate.byClock === true ? candidate.startAt + candidate.durationMs : Infinity;
}

function soundsUntil(item: Item): number {
  return Math.min(endOfSound(item), item.cappedAt);
}

function waitsUntil(item: Item): number {
  const { byClock, startAt } = item.candidate;
  return byClock === true ? endOfSound(item) : startAt + item.doneMs + LATENESS_LIMIT_MS;
}

function whyOf({ began, after, over }: Item): Why {
  if (began === "planned" && over.length === 0) return ALONE;
  const sorted = [...over].sort(compareText);
  return began === "planned" || began === "never"
    ? { type: "outranks", over: sorted }
    : { type: began, after, over: sorted };
}

function withName(names: readonly string[], { candidate }: Item): readonly string[] {
  return names.includes(candidate.airing) ? names : [...names, candidate.airing];
}
