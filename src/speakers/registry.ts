import { randomBytes } from "node:crypto";
import { hashDeviceSecret, newDeviceSecret, verifyDeviceSecret } from "../broker/credentials.ts";
import type { Clock } from "../kernel/clock.ts";
import type { Database } from "../store/database.ts";
import { badId, badName, notFound, outOfRange, taken, tooMany, unknownProfile } from "./faults.ts";
import { openGroups, openHamlets, type Groups, type HamletDefaults, type Hamlets } from "./hamlets.ts";
import type { SpeakerProfile, SpeakerProfiles } from "./profile.ts";
import { rightsOf, SpeakerId, type HamletId } from "./protocol.ts";
import { cleanName, proposeId } from "./rules/names.ts";
import { openSpeakerStore, type Place, type Speaker } from "./store.ts";

/** Past this a province's cluster is the right tool, not one mini-PC. */
const SPEAKERS_LIMIT = 1_000;

/** A radio box's address is all that guards its stream, so it can't be guessed. */
const STREAM_TOKEN_BYTES = 24;

export interface SpeakerDraft {
  readonly name: string;
  readonly hamlet: string;
  /** Name of a firmware profile; `native` when left out. */
  readonly profile?: string | undefined;
  /** Proposed from the name when left out. */
  readonly id?: string | undefined;
  readonly volumePercent?: number | undefined;
  readonly place?: Place | undefined;
}

export interface SpeakerChange {
  readonly name?: string | undefined;
  readonly hamlet?: string | undefined;
  readonly volumePercent?: number | undefined;
  /** Null forgets it. */
  readonly place?: Place | null | undefined;
}

/** A speaker with its new secret, which can't be shown again. Radio boxes have none: their address is the secret. */
export interface Credentialed {
  readonly speaker: Speaker;
  readonly secret?: string;
}

/** What one device may do on the broker. */
export interface SpeakerCredential {
  readonly id: SpeakerId;
  readonly secretHash: string;
  readonly publish: readonly string[];
  readonly subscribe: readonly string[];
}

export interface Speakers {
  /** By id. */
  all(): Speaker[];
  find(id: string): Speaker | undefined;
  /** Throws not-found. */
  get(id: string): Speaker;
  profileOf(speaker: Speaker): SpeakerProfile;
  add(draft: SpeakerDraft): Credentialed;
  change(id: string, change: SpeakerChange): Speaker;
  remove(id: string): void;
  /** For a replaced or re-provisioned device: the old secret (or address) is void at once. */
  renew(id: string): Credentialed;
  /** Of a native speaker, for its audio downloads. Takes the same time whether or not the id exists. */
  authenticate(id: string, secret: string): boolean;
  /** The radio box that plays this address. */
  boxOf(streamToken: string): Speaker | undefined;
  credentials(): SpeakerCredential[];
}

/** Hamlets, groups and speakers of the commune. */
export interface Registry {
  readonly hamlets: Hamlets;
  readonly groups: Groups;
  readonly speakers: Speakers;
  /** The makes that speakers may be of. */
  profiles(): SpeakerProfile[];
  /** Called inside the transaction of each change: note it and act later. */
  onChange(handler: () => void): Disposable;
}

interface RegistryParts {
  readonly database: Database;
  readonly clock: Clock;
  readonly profiles: SpeakerProfiles;
  /** Rules of a new hamlet that says nothing of them. */
  readonly defaults?: HamletDefaults;
}

export function openRegistry({ database, clock, profiles, defaults }: RegistryParts): Registry {
  const store = openSpeakerStore(database);
  const handlers = new Set<() => void>();
  const changed = (): void => handlers.forEach((handler) => handler());
  const hamlets = openHamlets({ database, store, changed, ...(defaults && { defaults }) });
  const groups = openGroups({ database, store, changed });

  const get = (id: string): Speaker => {
    const speaker = store.speaker(id);
    if (speaker === undefined) throw notFound("speaker", id, "speaker");
    return speaker;
  };
  const profileNamed = (name: string): SpeakerProfile => {
    const profile = profiles.get(name);
    if (profile === undefined) throw unknownProfile(name, profiles.keys());
    return profile;
  };
  const put = (speaker: Speaker): Speaker => {
    checkNumbers(speaker);
    const namesake = store.namesake(speaker.hamlet, speaker.name);
    if (namesake !== undefined && namesake !== speaker.id) throw taken("speaker", "name", speaker.name);
    store.putSpeaker(speaker);
    changed();
    return speaker;
  };
  /** Its device hears about its hamlet only together with a secret. */
  const credential = (speaker: Speaker): Credentialed => {
    const provisioned = { ...speaker, provisionedHamlet: speaker.hamlet };
    if (profileNamed(speaker.profile).transport === "http-icy") {
      return { speaker: put({ ...provisioned, streamToken: newStreamToken() }) };
    }
    const secret = newDeviceSecret();
    put(provisioned);
    store.setSecretHash(speaker.id, hashDeviceSecret(secret));
    return { speaker: provisioned, secret };
  };
  for (const speaker of store.speakers()) profileNamed(speaker.profile);
  // Compared against when the id is unknown, so that a stranger can't tell ids apart by time.
  const decoyHash = hashDeviceSecret(newDeviceSecret());

  const speakers: Speakers = {
    all: () => store.speakers(),
    find: (id) => store.speaker(id),
    get,
    profileOf: (speaker) => profileNamed(speaker.profile),
    add: (draft) =>
      database.transact(() => {
        if (store.speakerCount() >= SPEAKERS_LIMIT) throw tooMany("speaker", SPEAKERS_LIMIT);
        const name = named(draft.name);
        const hamlet = hamlets.get(draft.hamlet).id;
        return credential({
          id: newId(draft.id, name, (id) => store.speaker(id) !== undefined),
          name,
          hamlet,
          profile: profileNamed(draft.profile ?? "native").id,
          volumePercent: draft.volumePercent ?? 80,
          ...(draft.place === undefined ? {} : { place: draft.place }),
          provisionedHamlet: hamlet,
          createdAt: clock.now(),
        });
      }),
    change: (id, change) => database.transact(() => put(changedSpeaker(get(id), change, hamlets))),
    remove: (id) =>
      database.transact(() => {
        store.deleteSpeaker(get(id).id);
        changed();
      }),
    renew: (id) => database.transact(() => credential(get(id))),
    authenticate: (id, secret) => {
      const hash = store.secretHash(id);
      return verifyDeviceSecret(secret, hash ?? decoyHash) && hash !== undefined;
    },
    boxOf: (streamToken) => store.speakerByToken(streamToken),
    credentials: () => {
      const hashes = store.secretHashes();
      return store.speakers().flatMap((speaker) => {
        const secretHash = hashes.get(speaker.id);
        if (secretHash === undefined) return [];
        return [{ id: speaker.id, secretHash, ...rightsOf(speaker.id, speaker.provisionedHamlet) }];
      });
    },
  };
  return {
    hamlets,
    groups,
    speakers,
    profiles: () => [...profiles.values()],
    onChange: (handler) => {
      handlers.add(handler);
      return { [Symbol.dispose]: () => void handlers.delete(handler) };
    },
  };
}

function changedSpeaker(before: Speaker, change: SpeakerChange, hamlets: Hamlets): Speaker {
  const { place, ...rest } = before;
  const placed = change.place === undefined ? place : (change.place ?? undefined);
  const hamlet: HamletId = change.hamlet === undefined ? before.hamlet : hamlets.get(change.hamlet).id;
  return {
    ...rest,
    ...(placed === undefined ? {} : { place: placed }),
    hamlet,
    name: change.name === undefined ? before.name : named(change.name),
    volumePercent: change.volumePercent ?? before.volumePercent,
  };
}

function newId(asked: string | undefined, name: string, isTaken: (id: string) => boolean): SpeakerId {
  const id = SpeakerId.safeParse(asked ?? proposeId(name, isTaken, "loa"));
  if (!id.success) throw badId("speaker", asked ?? name);
  if (isTaken(id.data)) throw taken("speaker", "id", id.data);
  return id.data;
}

function named(typed: string): string {
  const name = cleanName(typed);
  if (name === undefined) throw badName("speaker", typed);
  return name;
}

function checkNumbers({ volumePercent, place }: Speaker): void {
  if (!Number.isInteger(volumePercent) || volumePercent < 0 || volumePercent > 100) {
    throw outOfRange("volumePercent", volumePercent, 0, 100);
  }
  if (place === undefined) return;
  if (!(Math.abs(place.latitude) <= 90)) throw outOfRange("latitude", place.latitude, -90, 90);
  if (!(Math.abs(place.longitude) <= 180)) throw outOfRange("longitude", place.longitude, -180, 180);
}

function newStreamToken(): string {
  return randomBytes(STREAM_TOKEN_BYTES).toString("base64url");
}
