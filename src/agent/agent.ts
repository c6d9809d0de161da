import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { isStopped, type Clock } from "../kernel/clock.ts";
import { asError, Fault } from "../kernel/faults.ts";
import type { Log } from "../kernel/log.ts";
import { runTogether } from "../kernel/run-together.ts";
import { supervise } from "../kernel/supervise.ts";
import { uptimeMs } from "../kernel/time.ts";
import { decodeFile, decodeMp3Stream } from "../media/decode.ts";
import { findMediaTools } from "../media/tools.ts";
import { openDatabase } from "../store/database.ts";
import { migrate } from "../store/migrate.ts";
import { openOutbox, OUTBOX_SCHEMA } from "../store/outbox.ts";
import { scopeOf, type AudioPart, type OnlineState, type Sha256 } from "../speakers/protocol.ts";
import { openAudioFiles, type AudioFiles } from "./audio-files.ts";
import { openBook, type Book, type Entry } from "./book.ts";
import { FADE_MS } from "./channel.ts";
import { parseHallPublicKey, type AgentConfig } from "./config.ts";
import { newFetcher } from "./fetcher.ts";
import { openFileVoice, type DecodeFile } from "./file-voice.ts";
import { newHallHttp, type HallHttp } from "./hall-http.ts";
import { newHallTime } from "./hall-time.ts";
import { newHallLink, type DownKind } from "./link.ts";
import { newMixer } from "./mixer.ts";
import { openOrderDesk } from "./order-desk.ts";
import type { Output } from "./output.ts";
import { newPlayer, type Player } from "./player.ts";
import { newReceiptCourier } from "./receipts.ts";
import { playableEncoding } from "./rules/files.ts";
import { quietAt } from "./rules/quiet-hours.ts";
import { newStarter } from "./starter.ts";
import { newStatusReporter, ownAddress } from "./status.ts";
import { AGENT_SCHEMA, openAgentStore } from "./store.ts";
import { openStreamVoice } from "./stream-voice.ts";
import { newTimeExchange } from "./time-exchange.ts";
import { newToneVoice } from "./tone-voice.ts";

export interface AgentParts {
  readonly clock: Clock;
  readonly log: Log;
  /** 0 ≤ x < 1. */
  readonly random: () => number;
  readonly output: Output;
  /** ffmpeg unless given. */
  readonly decode?: (file: string, offsetMs: number, signal: AbortSignal) => AsyncIterable<Int16Array>;
  /** The disk's own figure unless given. */
  readonly freeBytes?: () => number;
}

const FIRMWARE = "tienglang-agent 0.1.0";
const PROFILE = "native";

/**
 * The whole loudspeaker. Works until the signal aborts, or until the hall orders a restart: then the promise resolves
 * by itself. Throws a Fault when a setting or the data folder can't be used.
 */
export async function runAgent(config: AgentConfig, parts: AgentParts, signal: AbortSignal): Promise<void> {
  const { clock, log, random, output } = parts;
  const hallKey = parseHallPublicKey(config.hallPublicKey);
  const caPem = readCa(config.caFile);
  mkdirSync(config.dataDir, { recursive: true });
  using database = openDatabase(join(config.dataDir, "agent.db"));
  migrate(database, [OUTBOX_SCHEMA, AGENT_SCHEMA]);
  const store = openAgentStore(database);
  const outbox = openOutbox(database);
  const boot = Number(store.setting("boot") ?? 0) + 1;
  store.setSetting("boot", String(boot));

  const restarting = new AbortController();
  const running = AbortSignal.any([signal, restarting.signal]);
  const files = openAudioFiles(config.dataDir);
  const http = newHallHttp({ ...config, audioUrl: config.hall.audioUrl, caPem });
  const hallTime = newHallTime({
    clock,
    mode: config.clock,
    storedOffsetMs: Number(store.setting("clock-offset") ?? 0),
  });
  const book = openBook({ database, store, outbox, log });
  const mixer = newMixer({
    clock,
    output,
    firstLeftAt: (airing) => {
      const startedAt = book.entries.get(airing)?.progress.startedAt;
      return startedAt === undefined ? undefined : hallTime.uptimeOf(startedAt);
    },
  });
  const isHere = (sha256: string): boolean => files.has(sha256 as Sha256);
  const partsOf = ({ spec }: Entry): readonly AudioPart[] =>
    spec.source.type === "files" ? spec.source.parts : [];

  const onChange = (): void => {
    fetcher.refresh();
    status.refresh();
    courier.refresh();
  };
  const desk = openOrderDesk({
    database,
    store,
    book,
    player: (): Player => player,
    hallTime,
    hallKey,
    log,
    scopes: [scopeOf.speaker(config.id), scopeOf.hamlet(config.hamlet), scopeOf.all],
    speakerScope: scopeOf.speaker(config.id),
    firstVolumePercent: config.volumePercent,
    answer: (ack) => link.send("ack", JSON.stringify(ack)),
    onChange,
    askForPlan: () => link.askForPlan(),
    exchangeTime: () => exchange.refresh(),
    playTone: (toneMs, volumePercent) => {
      const now = hallTime.now();
      const isBarred = desk.holdUntil() > now || quietAt(desk.quietRule(), now).until !== undefined;
      if (isBarred || player.isBusy()) return false;
      const startAt = clock.uptime();
      const voice = newToneVoice(toneMs);
      const channel = mixer.add({ airing: undefined, voice, startAt, gain: volumePercent / 100, graceMs: 0 });
      channel.setEnd({
        at: uptimeMs(startAt + output.leadMs + toneMs),
        fadeMs: Math.min(FADE_MS, toneMs / 4),
      });
      return true;
    },
    restart: () => restarting.abort(),
  });
  const fetcher = newFetcher({
    clock,
    log,
    random,
    files,
    http,
    wanted: () => [...urgentParts(book), ...desk.planParts(), ...store.wantedParts()],
    prefer: config.prefer,
    budgetBytes: config.storageBytes,
    freeBytes: parts.freeBytes ?? ((): number => files.freeBytes()),
    onFetched: () => {
      player.refresh();
      status.refresh();
    },
  });
  const tools = findMediaTools();
  const starter = newStarter({
    clock,
    hallTime,
    mixer,
    volumePercent: () => desk.volumePercent(),
    openFileVoice: (order) =>
      openFileVoice(order, {
        log,
        decode: verifying(parts.decode ?? decodeFile.bind(null, tools), files, {
          clock,
          onDamaged: () => fetcher.refresh(),
        }),
      }),
    openStreamVoice: (path) =>
      openStreamVoice(path, {
        clock,
        log,
        random,
        openStream: (from, stopping) => streamFrom(http, from, stopping),
        decode: decodeMp3Stream.bind(null, tools),
        isHallAlive: () => link.isHallAlive(),
      }),
    playable: (entry) =>
      partsOf(entry).flatMap((part) => playableEncoding(part.files, config.prefer, isHere) ?? []),
    aheadMs: output.leadMs + output.latencyMs,
  });
  const player = newPlayer({
    clock,
    hallTime,
    book,
    starter,
    bars: () => ({ holdUntil: desk.holdUntil(), quiet: desk.quietRule() }),
    beforeLook: () => desk.expirePlan(),
    isPlayable: (entry) =>
      partsOf(entry).every((part) => playableEncoding(part.files, config.prefer, isHere) !== undefined),
    fileReason: (entry) =>
      partsOf(entry).some((part) => fetcher.isCorrupt(part)) ? "file-corrupt" : "file-missing",
    onChange,
  });
  const courier = newReceiptCourier({
    clock,
    outbox,
    publish: (payload) => link.deliver("receipt", payload),
  });
  const exchange = newTimeExchange({
    clock,
    log,
    hallTime,
    ask: (payload) => link.deliver("time", payload),
    onMeasured: (offsetMs) => {
      store.setSetting("clock-offset", String(offsetMs));
      player.refresh();
    },
  });
  const state = (): OnlineState => ({
    online: true,
    boot,
    firmware: FIRMWARE,
    profile: PROFILE,
    address: ownAddress(),
    playing: player.playing(),
    volumePercent: desk.volumePercent(),
    clockOffsetMs: Math.round(hallTime.offsetMs()),
    storageFreeBytes: storageFreeBytes(files, config.storageBytes),
    planVersion: desk.planVersion(),
    missing: fetcher.missing().slice(0, 50),
  });
  const status = newStatusReporter({
    clock,
    hallTime,
    state,
    takeLevel: () => mixer.takeLevel(),
    send: (...told) => link.send(...told),
  });
  const link = newHallLink(
    { mqttUrl: config.hall.mqttUrl, caPem, id: config.id, hamlet: config.hamlet, secret: config.secret },
    {
      clock,
      log,
      onMessage: (kind, payload) => receivers[kind](payload),
      beforeOrders: (stopping) => exchange.exchange(stopping),
      onConnected: () => {
        status.forget();
        courier.refresh();
        fetcher.refresh();
      },
    },
  );
  const receivers: Record<DownKind, (payload: Uint8Array) => void> = {
    order: (payload) => desk.receiveOrder(payload),
    plan: (payload) => desk.receivePlan(payload),
    time: (payload) => exchange.receive(payload),
    "receipt-ack": (payload) => courier.receiveAck(payload),
  };
  log.info({ id: config.id, boot }, "software loudspeaker runs");
  await runTogether(
    [
      (stopping) => mixer.run(stopping),
      (stopping) => player.run(stopping),
      (stopping) => fetcher.run(stopping),
      (stopping) => courier.run(stopping),
      (stopping) => status.run(stopping),
      (stopping) => exchange.run(stopping),
      (stopping) => supervise((until) => link.runConnection(until), { clock, log, random }, stopping),
    ],
    running,
  );
  if (!isStopped(signal)) log.info({}, "restart ordered by the hall");
}

/** Parts of airings that are known and not over, the soonest first. */
function urgentParts(book: Book): AudioPart[] {
  return [...book.entries.values()]
    .filter(({ ending }) => ending === undefined)
    .toSorted((a, b) => a.spec.at - b.spec.at)
    .flatMap(({ spec }) => (spec.source.type === "files" ? spec.source.parts : []));
}

/** Looks at the bytes before every use: storage of cheap devices rots. */
function verifying(
  decode: NonNullable<AgentParts["decode"]>,
  files: AudioFiles,
  { clock, onDamaged }: { readonly clock: Clock; readonly onDamaged: () => void },
): DecodeFile {
  return async function* (sha256, offsetMs, signal) {
    if (!(await files.verified(sha256, clock.now()))) {
      onDamaged();
      throw new Fault("not-found", `audio file ${sha256} is damaged or gone`);
    }
    yield* decode(files.pathOf(sha256), offsetMs, signal);
  };
}

async function* streamFrom(
  http: HallHttp,
  path: string,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array, void, void> {
  const { status, body } = await http.get(path, 0, signal);
  if (status !== 200) throw new Fault("unavailable", `the hall answers ${status} for ${path}`);
  yield* body;
}

function storageFreeBytes(files: AudioFiles, budgetBytes: number): number {
  const usedBytes = files.list().reduce((sum, { bytes }) => sum + bytes, 0);
  return Math.max(0, Math.min(budgetBytes - usedBytes, files.freeBytes()));
}

function readCa(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (cause) {
    const why = asError(cause).message;
    throw new Fault(
      "invalid",
      { en: `The CA certificate can't be read: ${why}.`, vi: `Không đọc được chứng thư CA: ${why}.` },
      { cause, field: "caFile", hint: { en: "Copy it from the hall.", vi: "Hãy chép lại từ máy chủ xã." } },
    );
  }
}
