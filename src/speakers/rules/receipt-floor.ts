/** How far a speaker's receipts are stored without a hole, in the present life of its memory. */
export interface ReceiptFloor {
  /** Rises when the device has lost its memory and counts from 1 again. */
  readonly era: number;
  readonly upTo: number;
}

export const NO_RECEIPTS: ReceiptFloor = { era: 1, upTo: 0 };

export interface ReceiptStep {
  /** False: this very receipt is stored already. */
  readonly isNew: boolean;
  readonly floor: ReceiptFloor;
}

/**
 * Takes receipt `n` in. A speaker sends in order, the oldest first, until they are acknowledged; therefore
 * - a hole below `n` is waited for, but given up when `n` comes a second time: the speaker has nothing to fill it with;
 * - another content under a known number, or a number below the floor that was never seen, comes from a device whose
 *   memory is new.
 * `digestOf` tells what is stored under a number of an era.
 */
export function takeReceipt(
  floor: ReceiptFloor,
  n: number,
  digest: string,
  digestOf: (era: number, n: number) => string | undefined,
): ReceiptStep {
  const stored = digestOf(floor.era, n);
  if (stored === digest) {
    return { isNew: false, floor: climb({ ...floor, upTo: Math.max(floor.upTo, n) }, digestOf) };
  }
  if (stored !== undefined || n <= floor.upTo) {
    return { isNew: true, floor: { era: floor.era + 1, upTo: n === 1 ? 1 : 0 } };
  }
  if (n > floor.upTo + 1) return { isNew: true, floor };
  return { isNew: true, floor: climb({ ...floor, upTo: n }, digestOf) };
}

function climb(floor: ReceiptFloor, digestOf: (era: number, n: number) => string | undefined): ReceiptFloor {
  let { upTo } = floor;
  while (digestOf(floor.era, upTo + 1) !== undefined) upTo += 1;
  return { ...floor, upTo };
}
