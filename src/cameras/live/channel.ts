import type { Clock } from "../../kernel/clock.ts";
import type { Text } from "../../kernel/text.ts";
import type { EpochMs } from "../../kernel/time.ts";
import type { LiveSink } from "../recordings.ts";
import { readFragment } from "../rules/mp4-fragment.ts";
import { readInit, type Mp4Init } from "../rules/mp4-init.ts";
import { newMp4Splitter, type Mp4Splitter } from "../rules/mp4.ts";

/** Begins each run of a stream, and again when the camera changes it. */
export interface LiveInit {
  readonly codec: string;
  readonly widthPx: number;
  readonly heightPx: number;
  readonly bytes: Uint8Array;
}

export interface LiveFragment {
  readonly startsWithKey: boolean;
  /** When the controller had the whole of it. */
  readonly at: EpochMs;
  readonly bytes: Uint8Array;
}

/** Someone who watches a channel. Nothing here may block or throw. */
export interface LiveViewer {
  /** Handed over and not yet taken by the other side. */
  bufferedBytes(): number;
  init(init: LiveInit): void;
  fragment(fragment: LiveFragment): void;
  /** So many fragments were left out, because this viewer was too slow. */
  dropped(fragments: number): void;
  /** No picture for now, and why. */
  waiting(said: Text): void;
}

/** One stream of one camera, fanned out. Holds the group of pictures that is running, so that who joins sees at once. */
export interface LiveChannel extends LiveSink {
  join(viewer: LiveViewer): Disposable;
  /** While set nothing is shown, whatever comes, and nothing is held. */
  block(said: Text | undefined): void;
  /** Tells those who wait when the reason has changed. */
  look(): void;
  readonly viewers: number;
  /** Init segment and the fragments since the last key frame; undefined: no picture. */
  current(): { readonly init: LiveInit; readonly group: readonly LiveFragment[] } | undefined;
}

interface LiveChannelParts {
  readonly clock: Pick<Clock, "now">;
  /** Why there is no picture, asked whenever there is none. */
  readonly whyNot: () => Text;
  /** A longer group of pictures is not held; a joiner then waits for the next key frame. */
  readonly maxGroupBytes: number;
}

/** Beyond this a viewer gets nothing until it has caught up and a key frame comes. */
const MAX_BUFFERED_BYTES = 2 * 1_048_576;

interface Seat {
  readonly viewer: LiveViewer;
  /** Has the init segment and a key frame of this run. */
  started: boolean;
  lost: number;
  told: Text | undefined;
}

export function newLiveChannel({ clock, whyNot, maxGroupBytes }: LiveChannelParts): LiveChannel {
  const seats = new Set<Seat>();
  let splitter: Mp4Splitter | undefined;
  let facts: Mp4Init | undefined;
  let init: LiveInit | undefined;
  let group: LiveFragment[] = [];
  let groupBytes = 0;
  let blocked: Text | undefined;

  const showing = (): boolean => init !== undefined && blocked === undefined;
  const forgetGroup = (): void => {
    group = [];
    groupBytes = 0;
  };
  const tellWaiting = (seat: Seat): void => {
    const said = blocked ?? whyNot();
    if (seat.told?.vi === said.vi) return;
    seat.told = said;
    seat.viewer.waiting(said);
  };
  const begin = (seat: Seat): void => {
    seat.started = false;
    seat.lost = 0;
    if (init === undefined || blocked !== undefined) {
      tellWaiting(seat);
      return;
    }
    seat.told = undefined;
    seat.viewer.init(init);
    seat.started = group.length > 0;
    for (const fragment of group) seat.viewer.fragment(fragment);
  };
  const hold = (fragment: LiveFragment): void => {
    if (fragment.startsWithKey) forgetGroup();
    else if (group.length === 0) return;
    group.push(fragment);
    groupBytes += fragment.bytes.length;
    if (groupBytes > maxGroupBytes) forgetGroup();
  };
  const hand = (seat: Seat, fragment: LiveFragment): void => {
    if (!seat.started) {
      if (!fragment.startsWithKey) return;
      seat.started = true;
    }
    const full = seat.viewer.bufferedBytes() > MAX_BUFFERED_BYTES;
    if (full || (seat.lost > 0 && !fragment.startsWithKey)) {
      seat.lost += 1;
      return;
    }
    if (seat.lost > 0) seat.viewer.dropped(seat.lost);
    seat.lost = 0;
    seat.viewer.fragment(fragment);
  };
  const takeInit = (bytes: Uint8Array): void => {
    facts = readInit(bytes);
    forgetGroup();
    if (facts === undefined) return;
    const { codecs, video } = facts;
    init = { codec: codecs, widthPx: video.widthPx, heightPx: video.heightPx, bytes };
    for (const seat of seats) begin(seat);
  };
  const takeFragment = (bytes: Uint8Array): void => {
    const fragment = facts && readFragment(bytes, facts);
    if (fragment === undefined) {
      // What follows a damaged one refers to it.
      forgetGroup();
      for (const seat of seats) seat.started = false;
      return;
    }
    if (blocked !== undefined) return;
    const live = { startsWithKey: fragment.startsWithKey, at: clock.now(), bytes };
    hold(live);
    for (const seat of seats) hand(seat, live);
  };
  const reset = (): void => {
    splitter = undefined;
    facts = undefined;
    init = undefined;
    forgetGroup();
    for (const seat of seats) begin(seat);
  };
  return {
    begin: () => {
      reset();
      splitter = newMp4Splitter();
    },
    push: (bytes) => {
      for (const piece of splitter?.push(bytes) ?? []) {
        if (piece.kind === "init") takeInit(piece.bytes);
        else takeFragment(piece.bytes);
      }
    },
    end: reset,
    join: (viewer) => {
      const seat: Seat = { viewer, started: false, lost: 0, told: undefined };
      seats.add(seat);
      begin(seat);
      return { [Symbol.dispose]: () => seats.delete(seat) };
    },
    block: (said) => {
      if (blocked?.vi === said?.vi) return;
      blocked = said;
      forgetGroup();
      for (const seat of seats) begin(seat);
    },
    look: () => {
      if (showing()) return;
      for (const seat of seats) tellWaiting(seat);
    },
    get viewers() {
      return seats.size;
    },
    current: () =>
      init !== undefined && blocked === undefined && group.length > 0 ? { init, group } : undefined,
  };
}
