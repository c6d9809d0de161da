/**
 * `loa/v1`, the native loudspeaker protocol (firmware-profiles/PROTOCOL.md). These schemas are the one source: the
 * daemon and the agent parse with them, and the published JSON Schemas are generated from them.
 */
import { z } from "zod";

const ROOT = "loa/v1";

/** Ids that would collide with the group topics. */
const RESERVED_IDS = ["all", "hamlet"];

const Id = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,30}$/, "1 to 31 of a-z, 0-9 and '-', not starting with '-'")
  .refine((id) => !RESERVED_IDS.includes(id), "'all' and 'hamlet' are reserved");

export const SpeakerId = Id.brand<"SpeakerId">();
export type SpeakerId = z.infer<typeof SpeakerId>;
export const HamletId = Id.brand<"HamletId">();
export type HamletId = z.infer<typeof HamletId>;

/** One real occurrence of a slot, or one live, relay or emergency broadcast. The same id always names the same sound. */
export const AiringId = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._:-]{0,95}$/)
  .brand<"AiringId">();
export type AiringId = z.infer<typeof AiringId>;

export const Sha256 = z
  .string()
  .regex(/^[0-9a-f]{64}$/)
  .brand<"Sha256">();
export type Sha256 = z.infer<typeof Sha256>;

/** UTC milliseconds since 1970. */
const Instant = z.int().min(0).max(8_640_000_000_000_000);
const DurationMs = z.int().min(0).max(86_400_000);
const Percent = z.int().min(0).max(100);

/** The ladder: what sounds when two things would. Higher wins; design §6. */
export const LEVEL = {
  stop: 1_000,
  upstreamEmergency: 900,
  communeEmergency: 850,
  live: 700,
  priority: 600,
  programme: 400,
  relay: 300,
  filler: 200,
} as const;

/** From here up, quiet hours do not hold. */
export const EMERGENCY_LEVEL = LEVEL.communeEmergency;

const Level = z.int().min(LEVEL.filler).max(LEVEL.stop);

/** The same sound in one of its encodings; a speaker takes the one that suits its line. */
const AudioFile = z.strictObject({
  sha256: Sha256,
  bytes: z.int().min(1).max(268_435_456),
  kbps: z.int().min(8).max(320),
  sampleRateHz: z.int().min(8_000).max(48_000),
});
export type AudioFile = z.infer<typeof AudioFile>;

/** Fetched with `GET /audio/<sha256>` from the hall, Range allowed; checked against its hash before use. */
const AudioPart = z.strictObject({
  durationMs: DurationMs,
  files: z.array(AudioFile).min(1).max(4),
});
export type AudioPart = z.infer<typeof AudioPart>;

export const AudioSource = z.discriminatedUnion("type", [
  z.strictObject({
    type: z.literal("files"),
    /** Played one after the other without a gap. */
    parts: z.array(AudioPart).min(1).max(16),
    /** Where in the joined parts to begin: not 0 after an interruption that resumes. */
    offsetMs: DurationMs,
  }),
  z.strictObject({
    type: z.literal("stream"),
    /** `GET <path>` from the hall: MP3 with ICY headers. */
    path: z.string().regex(/^\/[A-Za-z0-9/._-]{1,120}$/),
    kbps: z.int().min(8).max(320),
  }),
]);
export type AudioSource = z.infer<typeof AudioSource>;

const Playing = {
  airing: AiringId,
  level: Level,
  /** First sample leaves the speaker at this instant; a speaker that is late joins where it should be. */
  at: Instant,
  /** Nothing of this airing sounds from this instant on. */
  until: Instant,
  source: AudioSource,
  /** Forced for this airing only; without it the speaker's own volume holds. */
  volumePercent: Percent.optional(),
  afterPreempt: z.enum(["resume", "restart", "drop"]),
};

export const PlayOrder = z.strictObject({
  kind: z.literal("play"),
  ...Playing,
  /** The parts begin anew every so often until `until`. */
  repeatEveryMs: z.int().min(1_000).max(86_400_000).optional(),
});
export type PlayOrder = z.infer<typeof PlayOrder>;

export const Order = z.discriminatedUnion("kind", [
  PlayOrder,
  z.strictObject({
    kind: z.literal("stop"),
    /** Ends this airing; without it everything whose start lies at or before the order's `issuedAt`. */
    airing: AiringId.optional(),
    /** Nothing at all sounds before this instant, emergencies included. A stop with a past instant lifts the hold. */
    holdUntil: Instant.optional(),
  }),
  z.strictObject({ kind: z.literal("prefetch"), parts: z.array(AudioPart).min(1).max(64) }),
  z.strictObject({ kind: z.literal("volume"), percent: Percent }),
  /** A plan of this version is retained on the plan topic; a speaker that lacks it subscribes anew. */
  z.strictObject({ kind: z.literal("plan"), version: z.int().min(1) }),
  z.strictObject({ kind: z.literal("time") }),
  z.strictObject({
    kind: z.literal("selftest"),
    toneMs: z.int().min(100).max(10_000),
    volumePercent: Percent,
  }),
  z.strictObject({ kind: z.literal("reboot") }),
  z.strictObject({
    kind: z.literal("update"),
    version: z.string().min(1).max(40),
    file: AudioFile.pick({ sha256: true, bytes: true }),
  }),
]);
export type Order = z.infer<typeof Order>;

const Scope = z.string().regex(/^(all|speaker\/[a-z0-9-]{1,31}|hamlet\/[a-z0-9-]{1,31})$/);

/**
 * What is signed. A speaker carries it out once, when it is for it, in time and not seen before: see
 * PROTOCOL.md, "Orders".
 */
export const SignedOrder = z.strictObject({
  v: z.literal(1),
  scope: Scope,
  /** Rises within its scope, never used twice. */
  seq: z.int().min(1),
  issuedAt: Instant,
  expiresAt: Instant,
  order: Order,
});
export type SignedOrder = z.infer<typeof SignedOrder>;

/** Minutes after local midnight, half-open; `from` > `to` crosses midnight. */
export const QuietHours = z.strictObject({
  fromMinute: z.int().min(0).max(1_439),
  toMinute: z.int().min(0).max(1_439),
});
export type QuietHours = z.infer<typeof QuietHours>;

const PlanItem = z.strictObject({ ...Playing, source: AudioSource.options[0] });
export type PlanItem = z.infer<typeof PlanItem>;

/** What a speaker plays by itself when it hears nothing else. Approved things only. */
export const SignedPlan = z.strictObject({
  v: z.literal(1),
  scope: Scope,
  version: z.int().min(1),
  issuedAt: Instant,
  /** From this instant on the plan is void. */
  expiresAt: Instant,
  /** IANA name, for the quiet hours. */
  timeZone: z.string().min(1).max(64),
  quietHours: z.array(QuietHours).max(4),
  items: z.array(PlanItem).max(400),
});
export type SignedPlan = z.infer<typeof SignedPlan>;

/** The signature covers the bytes of `signed` (UTF-8) exactly as sent, so nobody has to agree on how JSON is written. */
export const Envelope = z.strictObject({
  signed: z.string().min(2).max(262_144),
  /** Ed25519 (RFC 8032), base64. */
  signature: z.base64().max(90),
});
export type Envelope = z.infer<typeof Envelope>;

/** What a speaker did with an order. Sent again for an order that comes again. */
export const Ack = z.strictObject({
  scope: Scope,
  seq: z.int().min(1),
  outcome: z.enum(["done", "refused", "unsupported"]),
  reason: z.string().max(200).optional(),
});
export type Ack = z.infer<typeof Ack>;

/** Why something did not sound, or not whole. The hall turns each into a sentence in both languages. */
export const REASONS = [
  "quiet-hours",
  "expired",
  "file-missing",
  "file-corrupt",
  "decode-failed",
  "output-failed",
  "preempted",
  "stopped",
  "held",
  "dead-man",
  "stream-lost",
  "late",
  "power-cut",
  "clock-step",
] as const;

/** Proof of one airing on one speaker, kept by the speaker until the hall has acknowledged its number. */
export const Receipt = z.strictObject({
  /** Rises by one per receipt of this speaker, across restarts. */
  n: z.int().min(1),
  airing: AiringId,
  outcome: z.enum(["played", "partial", "silent"]),
  reason: z.enum(REASONS).optional(),
  plannedAt: Instant,
  /** Null when nothing sounded. */
  startedAt: Instant.nullable(),
  endedAt: Instant,
  /** How long sound of this airing left the output. */
  playedMs: z.int().min(0),
  /** How long it should have been, where that is known (not for streams). */
  expectedMs: z.int().min(0).nullable(),
  /** The first sample against its planned instant; negative is early. Null when it joined late on purpose. */
  startErrorMs: z.number().min(-86_400_000).max(86_400_000).nullable(),
  /** The files whose sound was played; empty for streams. */
  sha256: z.array(Sha256).max(64),
  /** RMS of what left the output, dB full scale; null when nothing did. */
  levelDbfs: z.number().min(-200).max(20).nullable(),
  via: z.enum(["order", "plan"]),
});
export type Receipt = z.infer<typeof Receipt>;

/** Every receipt up to and with `upTo` is stored in the hall. */
export const ReceiptAck = z.strictObject({ upTo: z.int().min(1) });
export type ReceiptAck = z.infer<typeof ReceiptAck>;

const Online = z.strictObject({
  online: z.literal(true),
  /** Rises at each start of the device. */
  boot: z.int().min(0),
  firmware: z.string().max(60),
  profile: z.string().max(60),
  address: z.string().max(60),
  playing: z.strictObject({ airing: AiringId, level: Level, since: Instant }).nullable(),
  volumePercent: Percent,
  /** Hall time minus own time. */
  clockOffsetMs: z.number(),
  storageFreeBytes: z.int().min(0),
  planVersion: z.int().min(0),
  /** Files of the plan and of prefetch orders that are not on the device yet. */
  missing: z.array(Sha256).max(50),
});
/** The last will says only that the speaker is gone. */
export const State = z.discriminatedUnion("online", [Online, z.strictObject({ online: z.literal(false) })]);
export type State = z.infer<typeof State>;
export type OnlineState = z.infer<typeof Online>;

const Measured = z.number().min(-1_000_000).max(1_000_000).nullable();
export const Health = z.strictObject({
  at: Instant,
  uptimeSec: z.number().min(0),
  temperatureCelsius: Measured,
  supplyVolts: Measured,
  amplifierFault: z.boolean().nullable(),
  signalDbm: Measured,
  dataUsedBytes: z.int().min(0).nullable(),
  outputLevelDbfs: Measured,
});
export type Health = z.infer<typeof Health>;

/** Four timestamps (RFC 5905 §8): the speaker asks with t1, the hall answers with t1, t2 (received), t3 (answered). */
export const TimeMessage = z.union([
  z.strictObject({ t1: z.number() }),
  z.strictObject({ t1: z.number(), t2: z.number(), t3: z.number() }),
]);
export type TimeMessage = z.infer<typeof TimeMessage>;

/** Sent every 5 s: the controller is alive. A streaming speaker that misses it for 20 s falls silent. */
export const Beat = z.strictObject({ at: Instant });
export const BEAT_EVERY_MS = 5_000;
export const DEAD_MAN_MS = 20_000;
export const HEALTH_EVERY_MS = 30_000;

export const UP_TOPICS = ["state", "health", "receipt", "ack", "time"] as const;
export type UpTopic = (typeof UP_TOPICS)[number];

export const topic = {
  root: ROOT,
  up: (speaker: SpeakerId, kind: UpTopic): string => `${ROOT}/${speaker}/${kind}`,
  order: (speaker: SpeakerId): string => `${ROOT}/${speaker}/order`,
  hamletOrder: (hamlet: HamletId): string => `${ROOT}/hamlet/${hamlet}/order`,
  allOrder: `${ROOT}/all/order`,
  beat: `${ROOT}/all/beat`,
  plan: (speaker: SpeakerId): string => `${ROOT}/${speaker}/plan`,
  receiptAck: (speaker: SpeakerId): string => `${ROOT}/${speaker}/receipt/ack`,
  /** What the hall listens to. */
  everyUp: UP_TOPICS.map((kind) => `${ROOT}/+/${kind}`),
  /** What speakers may leave retained: their last word. */
  retainable: [`${ROOT}/+/state`],
} as const;

/** Everything one speaker may do on the broker; nothing else is allowed. */
export function rightsOf(speaker: SpeakerId, hamlet: HamletId): { publish: string[]; subscribe: string[] } {
  return {
    publish: UP_TOPICS.map((kind) => topic.up(speaker, kind)),
    subscribe: [
      topic.order(speaker),
      topic.hamletOrder(hamlet),
      topic.allOrder,
      topic.beat,
      topic.plan(speaker),
      topic.receiptAck(speaker),
      topic.up(speaker, "time"),
    ],
  };
}

export const scopeOf = {
  speaker: (id: SpeakerId): string => `speaker/${id}`,
  hamlet: (id: HamletId): string => `hamlet/${id}`,
  all: "all",
} as const;
