import { join } from "node:path";
import { openEmbeddedBroker, type Broker } from "../../src/broker/broker.ts";
import { openCommuneCa } from "../../src/identity/commune-ca.ts";
import { systemClock, type Clock } from "../../src/kernel/clock.ts";
import { asError } from "../../src/kernel/faults.ts";
import { openSpeakerLink, type SpeakerLink } from "../../src/speakers/link.ts";
import { loadSpeakerProfiles } from "../../src/speakers/profile.ts";
import { topic, type Receipt, type SpeakerId } from "../../src/speakers/protocol.ts";
import { openRegistry, type Registry } from "../../src/speakers/registry.ts";
import { openHallKey, type HallKey } from "../../src/speakers/signing.ts";
import { SPEAKERS_SCHEMA } from "../../src/speakers/store.ts";
import { openDatabase, type Database } from "../../src/store/database.ts";
import { migrate } from "../../src/store/migrate.ts";
import { RecordingLog } from "./recording-log.ts";
import { ScriptedSpeaker } from "./scripted-speaker.ts";

export const PROFILES = join(import.meta.dirname, "../../firmware-profiles/speakers");

/** A real broker on loopback, with a certificate of its own. */
async function openLoopbackBroker(folder: string): Promise<Broker> {
  const log = new RecordingLog();
  const ca = await openCommuneCa({ dir: folder, communeName: "Xã Thử Nghiệm", clock: systemClock, log });
  const { certPem, keyPem } = await ca.serverCertificate(["localhost", "127.0.0.1"]);
  return openEmbeddedBroker({
    tls: { host: "127.0.0.1", port: 0, certPem, keyPem },
    plain: { host: "127.0.0.1", port: 0 },
    retainable: topic.retainable,
    // Hundreds of light clients of one test come from one address.
    limits: { connectionsPerAddress: { perSec: 5_000, burst: 5_000 } },
    log,
  });
}

type Speaker = Parameters<typeof ScriptedSpeaker.connect>[1];

/** Registry and link on a data folder, as the daemon composes them; `connect` lets it speak through a broker. */
export class SpeakerHall implements AsyncDisposable {
  readonly log = new RecordingLog();
  readonly database: Database;
  readonly registry: Registry;
  readonly key: HallKey;
  readonly link: SpeakerLink;
  readonly receipts: string[] = [];
  readonly statuses: SpeakerId[] = [];
  /** Thrown by the receiver of receipts, once. */
  receiptFailure: Error | undefined;
  private readonly folder: string;
  private broker: Broker | undefined;
  private stop = new AbortController();
  private running: Promise<unknown> = Promise.resolve();

  constructor(folder: string, clock: Clock = systemClock) {
    this.folder = folder;
    this.database = openDatabase(join(folder, "tienglang.db"));
    migrate(this.database, [SPEAKERS_SCHEMA]);
    this.registry = openRegistry({
      database: this.database,
      clock,
      profiles: loadSpeakerProfiles(PROFILES),
    });
    this.key = openHallKey(folder);
    this.link = openSpeakerLink({
      database: this.database,
      clock,
      log: this.log,
      registry: this.registry,
      key: this.key,
      timeZone: "Asia/Ho_Chi_Minh",
      onReceipt: (speaker, receipt) => this.takeReceipt(speaker, receipt),
      onStatus: (speaker) => this.statuses.push(speaker),
    });
  }

  get url(): string {
    return `mqtt://127.0.0.1:${this.broker?.plainPort ?? 0}`;
  }

  /** Opens a broker and speaks through it. */
  async connect(): Promise<void> {
    const broker = await openLoopbackBroker(this.folder);
    this.broker = broker;
    this.stop = new AbortController();
    const ready = Promise.withResolvers<undefined>();
    const watched = {
      setDevices: async (devices: Parameters<Broker["setDevices"]>[0]) => {
        await broker.setDevices(devices);
        ready.resolve(undefined);
      },
      publish: broker.publish.bind(broker),
      onMessage: broker.onMessage.bind(broker),
    };
    this.running = this.link.run(watched, this.stop.signal).catch((error: unknown) => {
      ready.reject(asError(error));
      return asError(error);
    });
    await ready.promise;
  }

  /** Ends speaking and the broker; the data and the link stay. Returns what `run` failed with, if it did. */
  async disconnect(): Promise<unknown> {
    if (this.broker !== undefined) this.stop.abort();
    const failure = await this.running;
    await this.endBroker();
    return failure;
  }

  /** The broker dies under the link, which notices with the next thing it has to say. */
  async endBroker(): Promise<void> {
    await this.broker?.[Symbol.asyncDispose]();
    this.broker = undefined;
  }

  /** Registers a speaker and connects its device. */
  async add(name: string, hamlet: string, behaviour: Speaker = {}): Promise<ScriptedSpeaker> {
    const { speaker, secret = "" } = this.registry.speakers.add({ name, hamlet });
    return this.device(speaker.id, secret, behaviour);
  }

  device(id: string, secret: string, behaviour: Speaker = {}): Promise<ScriptedSpeaker> {
    const { provisionedHamlet } = this.registry.speakers.get(id);
    const identity = {
      url: this.url,
      id,
      secret,
      hamlet: provisionedHamlet,
      hallPublicKey: this.key.publicKey,
    };
    return connectWhenKnown(identity, behaviour);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.disconnect();
    this.database[Symbol.dispose]();
  }

  private takeReceipt(speaker: SpeakerId, receipt: Receipt): void {
    const failure = this.receiptFailure;
    this.receiptFailure = undefined;
    if (failure !== undefined) throw failure;
    this.receipts.push(`${speaker} ${receipt.n} ${receipt.outcome}`);
  }
}

/** The broker hears of a new credential a moment after the registry. */
async function connectWhenKnown(
  identity: Parameters<typeof ScriptedSpeaker.connect>[0],
  behaviour: Speaker,
): Promise<ScriptedSpeaker> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await ScriptedSpeaker.connect(identity, behaviour);
    } catch (error) {
      if (attempt === 50) throw error;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }
}
