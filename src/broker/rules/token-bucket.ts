import { SECOND_MS, type UptimeMs } from "../../kernel/time.ts";

/** So much at once, so much for ever after. */
export interface Allowance {
  readonly perSec: number;
  readonly burst: number;
}

export interface Bucket {
  readonly tokens: number;
  readonly at: UptimeMs;
}

interface Spent {
  readonly allowed: boolean;
  readonly bucket: Bucket;
}

/** Takes one token. An absent bucket is a full one, so full buckets need not be kept. */
export function takeToken(bucket: Bucket | undefined, allowance: Allowance, now: UptimeMs): Spent {
  const tokens = bucket === undefined ? allowance.burst : refilled(bucket, allowance, now);
  if (tokens < 1) return { allowed: false, bucket: { tokens, at: now } };
  return { allowed: true, bucket: { tokens: tokens - 1, at: now } };
}

export function isFull(bucket: Bucket, allowance: Allowance, now: UptimeMs): boolean {
  return refilled(bucket, allowance, now) >= allowance.burst;
}

function refilled(bucket: Bucket, allowance: Allowance, now: UptimeMs): number {
  const grown = ((now - bucket.at) / SECOND_MS) * allowance.perSec;
  return Math.min(allowance.burst, bucket.tokens + grown);
}
