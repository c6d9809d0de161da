import type { Audit } from "../identity/audit.ts";
import type { Actor } from "../identity/actor.ts";
import type { Clock } from "../kernel/clock.ts";
import { text, type Text } from "../kernel/text.ts";
import type { EpochMs } from "../kernel/time.ts";
import type { Database } from "../store/database.ts";
import { accepted, mustBeCurrent, mustBeLeader, sayingInstants, sealOf, signed } from "./approval.ts";
import { cleanTitle, settleContent, soundingOf, type BulletinLibrary } from "./bulletin-content.ts";
import {
  newId,
  type Bulletin,
  type BulletinAiring,
  type BulletinChange,
  type BulletinDraft,
  type BulletinStep,
  type BulletinView,
  type DeclaredEmergency,
  type Decision,
} from "./bulletin-model.ts";
import {
  alreadyOver,
  awaitsItsSignature,
  cleanReason,
  noSuchBulletin,
  notAnEmergency,
  soundMissing,
  stillUsed,
} from "./bulletin-faults.ts";
import { openBulletinStore } from "./bulletin-store.ts";
import {
  afterEdit,
  approve,
  barAt,
  sendBack,
  submit,
  type Approval,
  type ApprovalPolicy,
} from "./rules/approval.ts";

/** Why a start at this instant must not sound; undefined when it may. */
export type Gate = (startAt: EpochMs) => Text | undefined;

export interface Bulletins {
  /** Newest change first. */
  list(): BulletinView[];
  /** Throws a Fault("not-found") for unknown and deleted ones. */
  get(id: string): BulletinView;
  /** Also finds deleted ones: the calendar of the past names them. */
  find(id: string): Bulletin | undefined;
  steps(id: string): BulletinStep[];
  airings(id: string): BulletinAiring[];
  /** Emergencies that went out on the officer's word alone. */
  awaitingCountersign(): BulletinView[];
  create(draft: BulletinDraft, actor: Actor, signal: AbortSignal): Promise<BulletinView>;
  /** A change of what is heard takes back a submission or an approval. */
  change(id: string, request: BulletinChange, actor: Actor, signal: AbortSignal): Promise<BulletinView>;
  /** Refused while the calendar still uses it. */
  remove(id: string, version: number, actor: Actor): void;
  submit(id: string, version: number, actor: Actor): BulletinView;
  approve(id: string, decision: Decision, actor: Actor): BulletinView;
  /** Approves an emergency, before or after it has sounded. */
  countersign(id: string, decision: Decision, actor: Actor): BulletinView;
  sendBack(id: string, version: number, reason: string, actor: Actor): BulletinView;
  /** What decides, as of now, whether the bulletin may start at an instant. */
  gateOf(id: string): Gate;
  /** Keeps an emergency that was declared at once, without a place on the calendar, for its countersignature. */
  recordEmergency(declared: DeclaredEmergency, actor: Actor): BulletinView;
  /** Records that it sounded; the same airing twice counts once. */
  markAired(id: string, airing: string, at: EpochMs): void;
  /** Rises with every change, so that readers know when what they keep is old. */
  revision(): number;
}

export interface BulletinParts {
  readonly database: Database;
  readonly library: BulletinLibrary;
  readonly audit: Audit;
  readonly clock: Clock;
  readonly policy: ApprovalPolicy;
  readonly timeZone: string;
  /** Slots that use a bulletin and may still sound. */
  readonly slotsOf: (bulletinId: string) => readonly { readonly id: string }[];
  /** Called after each commit that may change what sounds. */
  readonly changed: () => void;
}

/** What a write of a bulletin is called, and what is written with it. */
interface Saved {
  readonly action: string;
  readonly step?: Omit<BulletinStep, "who">;
  readonly details?: object;
  readonly alongside?: () => void;
}

export function openBulletins(parts: BulletinParts): Bulletins {
  const { database, library, audit, clock, policy } = parts;
  const store = openBulletinStore(database);
  const say = sayingInstants(parts.timeZone);
  let revision = 0;
  let kept: { readonly revision: number; readonly byId: Map<string, Bulletin> } | undefined;

  /** Reading a thousand rows at each question of the playout would be felt; deleted ones stay in the table only. */
  const byId = (): Map<string, Bulletin> => {
    if (kept?.revision !== revision)
      kept = { revision, byId: new Map(store.all().map((bulletin) => [bulletin.id, bulletin])) };
    return kept.byId;
  };
  const existing = (id: string): Bulletin => {
    const bulletin = byId().get(id);
    if (bulletin !== undefined) return bulletin;
    throw noSuchBulletin(id);
  };
  const seen = (id: string, version: number): Bulletin => {
    const bulletin = existing(id);
    const named = text(`The bulletin “${bulletin.title}”`, `Bản tin “${bulletin.title}”`);
    mustBeCurrent({ ...bulletin, named }, version, say);
    return bulletin;
  };
  const sealed = (bulletin: Bulletin): string | undefined => {
    const sounding = soundingOf(bulletin, library);
    return sounding === undefined ? undefined : sealOf(sounding);
  };
  const hasAired = (bulletin: Bulletin, seal: string | undefined): boolean =>
    seal !== undefined && store.airings(bulletin.id).some((airing) => airing.seal === seal);
  const gateOf = (bulletin: Bulletin): Gate => {
    const gated = { class: bulletin.class, approval: bulletin.approval, seal: sealed(bulletin) };
    return (startAt) => barAt(gated, startAt, policy, say);
  };
  const view = (bulletin: Bulletin): BulletinView => {
    const seal = sealed(bulletin);
    const { step } = bulletin.approval;
    const awaitsCountersign = bulletin.class === "emergency" && step === "submitted";
    const mayHaveAired = step === "approved" || awaitsCountersign;
    return {
      ...bulletin,
      state: mayHaveAired && hasAired(bulletin, seal) ? "aired" : step,
      seal,
      barred: gateOf(bulletin)(clock.now()),
      awaitsCountersign,
    };
  };

  /** One write: the bulletin, its line of history and its audit entry. */
  const save = (bulletin: Bulletin, actor: Actor, what: Saved): void => {
    database.transact(() => {
      store.put(bulletin);
      what.alongside?.();
      if (what.step !== undefined) store.addStep(bulletin.id, { ...what.step, who: bulletin.changed });
      audit.record({
        actor,
        action: `bulletin.${what.action}`,
        subject: bulletin.id,
        details: { title: bulletin.title, version: bulletin.version, ...what.details },
      });
    });
    revision += 1;
    parts.changed();
  };
  const stamped = (bulletin: Bulletin, actor: Actor, changes: Partial<Bulletin>): Bulletin => ({
    ...bulletin,
    ...changes,
    version: bulletin.version + 1,
    changed: signed(actor, clock.now()),
  });
  const mayTouch = (bulletin: Bulletin): void => {
    if (!view(bulletin).awaitsCountersign || !hasAired(bulletin, sealed(bulletin))) return;
    throw awaitsItsSignature();
  };
  const decide = (
    id: string,
    { version, seal: heardSeal, expiresAt }: Decision,
    actor: Actor,
    step: "approve" | "countersign",
  ): BulletinView => {
    mustBeLeader(actor);
    const bulletin = seen(id, version);
    if (step === "countersign" && bulletin.class !== "emergency") throw notAnEmergency(bulletin);
    const now = clock.now();
    if (expiresAt !== undefined && expiresAt <= now) throw alreadyOver(say(expiresAt));
    const request = {
      heardSeal,
      seal: sealed(bulletin) ?? "",
      author: bulletin.author.by,
      ...(expiresAt === undefined ? {} : { expiresAt }),
    };
    const approval = accepted(approve(bulletin.approval, request, signed(actor, now), policy));
    save(stamped(bulletin, actor, { approval }), actor, {
      action: step,
      step: { step, seal: request.seal },
      details: { seal: request.seal, ...(expiresAt === undefined ? {} : { expiresAt }) },
    });
    return view(existing(id));
  };

  return {
    list: () => [...byId().values()].map(view),
    get: (id) => view(existing(id)),
    find: (id) => byId().get(id) ?? store.get(id),
    steps: (id) => store.steps(id),
    airings: (id) => store.airings(id),
    awaitingCountersign: () =>
      [...byId().values()]
        .filter(({ class: urgency, approval }) => urgency === "emergency" && approval.step === "submitted")
        .map(view),
    create: async (draft, actor, signal) => {
      const title = cleanTitle(draft.title);
      const content = await settleContent({ draft, before: undefined, by: actor.id, library }, signal);
      const author = signed(actor, clock.now());
      const { category, class: urgency, chime } = draft;
      const approval: Approval = { step: "draft" };
      const id = newId("b");
      save(
        {
          id,
          version: 1,
          title,
          category,
          class: urgency,
          chime,
          content,
          approval,
          author,
          changed: author,
        },
        actor,
        { action: "create", details: { class: urgency, content: content.type } },
      );
      return view(existing(id));
    },
    change: async (id, { version, draft }, actor, signal) => {
      const title = cleanTitle(draft.title);
      mayTouch(seen(id, version));
      const content = await settleContent(
        { draft, before: existing(id).content, by: actor.id, library },
        signal,
      );
      // Speaking takes its time; somebody may have been quicker.
      const before = seen(id, version);
      mayTouch(before);
      const { category, class: urgency, chime } = draft;
      const after = stamped(before, actor, { title, category, class: urgency, chime, content });
      const was = soundingOf(before, library);
      const is = soundingOf(after, library);
      if (is === undefined) throw new Error(`the content of ${id} vanished while it was saved`);
      const heard = was === undefined || sealOf(was) !== sealOf(is);
      const approval = heard ? afterEdit(before.approval, was, is) : before.approval;
      const lost = approval.step === "draft" && before.approval.step !== "draft" ? approval.lost : undefined;
      save({ ...after, approval, author: heard ? after.changed : before.author }, actor, {
        action: "change",
        ...(lost === undefined
          ? {}
          : { step: { step: "lose", reason: lost.vi }, details: { lost: lost.en } }),
      });
      return view(existing(id));
    },
    remove: (id, version, actor) => {
      const bulletin = seen(id, version);
      mayTouch(bulletin);
      const slots = parts.slotsOf(id).length;
      if (slots > 0) throw stillUsed(bulletin, slots);
      save(stamped(bulletin, actor, { deletedAt: clock.now() }), actor, { action: "remove" });
    },
    submit: (id, version, actor) => {
      const bulletin = seen(id, version);
      const seal = sealed(bulletin);
      if (seal === undefined) throw soundMissing();
      const approval = accepted(submit(bulletin.approval, seal, signed(actor, clock.now())));
      const step = { step: "submit", seal } as const;
      save(stamped(bulletin, actor, { approval }), actor, { action: "submit", step, details: { seal } });
      return view(existing(id));
    },
    approve: (id, decision, actor) => decide(id, decision, actor, "approve"),
    countersign: (id, decision, actor) => decide(id, decision, actor, "countersign"),
    sendBack: (id, version, reason, actor) => {
      mustBeLeader(actor);
      const bulletin = seen(id, version);
      const why = cleanReason(reason);
      const approval = accepted(sendBack(bulletin.approval, why, signed(actor, clock.now())));
      const step = { step: "return", reason: why } as const;
      save(stamped(bulletin, actor, { approval }), actor, {
        action: "return",
        step,
        details: { reason: why },
      });
      return view(existing(id));
    },
    gateOf: (id) => {
      const bulletin = byId().get(id);
      if (bulletin !== undefined) return gateOf(bulletin);
      const deleted = store.get(id);
      const before = deleted === undefined ? undefined : gateOf(deleted);
      const why = text("Its bulletin was deleted.", "Bản tin đã bị xóa.");
      return (startAt) => (startAt < (deleted?.deletedAt ?? 0) ? before?.(startAt) : why);
    },
    recordEmergency: ({ title, content, airing }, actor) => {
      const author = signed(actor, clock.now());
      const drafted = { class: "emergency", chime: true, content } as const;
      const sounding = soundingOf(drafted, library);
      if (sounding === undefined) throw soundMissing();
      const seal = sealOf(sounding);
      const id = newId("b");
      const approval: Approval = { step: "submitted", submitted: author, seal };
      const named = { id, version: 1, title: cleanTitle(title), category: "Cảnh báo" } as const;
      save({ ...named, ...drafted, approval, author, changed: author }, actor, {
        action: "declare",
        step: { step: "submit", seal },
        alongside: () => void store.addAiring(id, { airing, at: author.at, seal }),
      });
      return view(existing(id));
    },
    markAired: (id, airing, at) => {
      const bulletin = existing(id);
      store.addAiring(id, { airing, at, seal: sealed(bulletin) ?? "" });
    },
    revision: () => revision,
  };
}
