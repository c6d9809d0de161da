import { randomUUID } from "node:crypto";
import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { Actor } from "../../identity/actor.ts";
import { isStopped } from "../../kernel/clock.ts";
import { asError, Fault } from "../../kernel/faults.ts";
import type { Log } from "../../kernel/log.ts";
import { text } from "../../kernel/text.ts";
import { DAY_MS, epochMs, HOUR_MS, MINUTE_MS } from "../../kernel/time.ts";
import { asDiskFault } from "../../media/disk-fault.ts";
import type { Cameras } from "../cameras.ts";
import { checkSpan } from "../clips/clip-faults.ts";
import { nothingRecorded, sha256Of } from "../clips/clip-maker.ts";
import { newWaker } from "../clips/clip-work.ts";
import type { Camera, CameraId, Span } from "../rules/model.ts";
import type { Cases } from "./cases.ts";
import { openExportStore, type Export } from "./export-store.ts";
import { composePackage, type PackageParts } from "./package.ts";
import { writeZip } from "./package-writer.ts";

/** What a person asks for, in writing: the law wants to know for whom, and what becomes of others in the picture. */
export interface ExportOrder extends Span {
  readonly camera: CameraId;
  readonly reason: string;
  readonly purpose: string;
  readonly redaction: string;
}

export interface Exports {
  /** Throws Fault("not-found") for an unknown case or camera and for a time that is not recorded, Fault("invalid"). */
  request(caseId: string, order: ExportOrder, by: Actor): Export;
  /** Throws Fault("not-found"). */
  get(id: string): Export;
  /** Newest first. */
  ofCase(caseId: string): readonly Export[];
  /** Absolute path of the zip; notes who took it. Throws Fault("conflict") before it is ready, Fault("not-found"). */
  download(id: string, by: Actor): string;
  /** Of a camera, with recordings of the span in them. */
  touching(camera: CameraId, span: Span): readonly Export[];
  /**
   * Takes them out of the register, in the caller's transaction; the function it gives then removes their files, which a
   * restart does as well.
   */
  erase(packages: readonly Export[], by: Actor): () => Promise<void>;
  /** Lets go of those whose time is over, now instead of at the next full round. */
  expire(): Promise<void>;
  run(signal: AbortSignal): Promise<void>;
}

interface ExportsParts extends PackageParts {
  readonly log: Log;
  readonly cameras: Pick<Cameras, "get" | "removed">;
  readonly cases: Pick<Cases, "get">;
  /** Where the packages lie; made when missing. */
  readonly dir: string;
  readonly notify: (event: { readonly type: "case"; readonly id: string }) => void;
}

/** A package is made to be handed over; the case and its holds stay. */
const KEEP_DAYS = 30;
/** A package holds whole files, which reach beyond what was asked for. */
const GROWN_MS = MINUTE_MS;
const LONGEST_NAP_MS = MINUTE_MS;
const CLEAN_EVERY_MS = HOUR_MS;

export function openExports(parts: ExportsParts): Exports {
  const { database, clock, log, audit, cameras, cases, dir, notify } = parts;
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const store = openExportStore(database);
  sweep(dir, store.ids());
  const waker = newWaker();
  /** Also one that was removed: its recordings are still evidence. */
  const cameraOf = (id: CameraId): Camera => cameras.removed(id) ?? cameras.get(id);
  const fileOf = (id: string): string => join(dir, `${id}.zip`);
  const get = (id: string): Export => {
    const found = store.find(id);
    if (found === undefined) throw noSuchExport(id);
    return found;
  };
  const make = async (order: Export, signal: AbortSignal): Promise<void> => {
    const clipFile = join(dir, `${order.id}.clip.mp4`);
    try {
      const entries = await composePackage(
        {
          ...order,
          camera: cameraOf(order.camera),
          span: { from: order.from, to: order.to },
          caseFile: cases.get(order.caseId),
          clipFile,
        },
        parts,
        signal,
      );
      const file = fileOf(order.id);
      const { bytes } = await writeZip(entries, file, { madeAt: new Date(clock.now()), signal });
      store.ready(order.id, { bytes, sha256: await sha256Of(file) });
      // It was erased meanwhile.
      if (store.find(order.id) === undefined) await rm(file, { force: true });
    } catch (error) {
      if (isStopped(signal)) return;
      const fault = asDiskFault(error, dir);
      if (!(fault instanceof Fault)) throw error;
      log.warn({ err: asError(error), export: order.id }, "an evidence package could not be made");
      store.failed(order.id, { vi: fault.in("vi"), en: fault.in("en") });
    } finally {
      await rm(clipFile, { force: true });
    }
    notify({ type: "case", id: order.caseId });
  };
  const clean = async (): Promise<void> => {
    for (const { id, caseId } of store.expired(clock.now())) {
      database.transact(() => {
        store.remove(id);
        audit.record({ actor: "system", action: "evidence.expire", subject: id, details: { case: caseId } });
      });
      await rm(fileOf(id), { force: true });
    }
  };

  return {
    request: (caseId, order, by) => {
      const { number } = cases.get(caseId);
      const camera = cameraOf(order.camera);
      const now = clock.now();
      checkSpan(order);
      if (order.to > now) throw notOver();
      if (parts.recordings.segments(camera.id, order).length === 0 && !isOpenIn(order, parts))
        throw nothingRecorded();
      const made = database.transact(() => {
        const added = store.add({
          ...order,
          id: randomUUID(),
          caseId,
          operator: by,
          askedAt: now,
          keepUntil: epochMs(now + KEEP_DAYS * DAY_MS),
        });
        const { camera: asked, from, to, reason, purpose, redaction } = order;
        audit.record({
          actor: by,
          action: "evidence.export",
          subject: added.id,
          details: { case: number, camera: asked, from, to, reason, purpose, redaction },
        });
        return added;
      });
      waker.wake();
      notify({ type: "case", id: caseId });
      return made;
    },
    get,
    ofCase: (caseId) => store.ofCase(caseId),
    download: (id, by) => {
      const { state, failure, camera, caseId } = get(id);
      if (state !== "ready") throw notReady(failure);
      audit.record({
        actor: by,
        action: "evidence.download",
        subject: id,
        details: { case: cases.get(caseId).number, camera },
      });
      return fileOf(id);
    },
    touching: (camera, span) => {
      const reach = { from: epochMs(span.from - GROWN_MS), to: epochMs(span.to + GROWN_MS) };
      return store.touching(camera, reach);
    },
    erase: (packages, by) => {
      for (const { id, caseId, sha256 } of packages) {
        store.remove(id);
        audit.record({ actor: by, action: "evidence.erase", subject: id, details: { case: caseId, sha256 } });
      }
      return async () => {
        for (const { id, caseId } of packages) {
          await rm(fileOf(id), { force: true });
          notify({ type: "case", id: caseId });
        }
      };
    },
    expire: clean,
    run: async (signal) => {
      let cleanAt = 0;
      while (!isStopped(signal)) {
        if (clock.uptime() >= cleanAt) {
          await clean();
          cleanAt = clock.uptime() + CLEAN_EVERY_MS;
        }
        const next = store.next();
        if (next !== undefined) {
          await make(next, signal);
          continue;
        }
        const awake = new AbortController();
        await Promise.race([
          waker.next(),
          clock.sleep(LONGEST_NAP_MS, AbortSignal.any([signal, awake.signal])),
        ]);
        awake.abort();
      }
    },
  };
}

function isOpenIn({ camera, to }: ExportOrder, { recordings }: PackageParts): boolean {
  return (recordings.openSegment(camera)?.startAt ?? Infinity) < to;
}

/** What a crash left behind: files without a row, and halves. */
function sweep(dir: string, ids: ReadonlySet<string>): void {
  for (const name of readdirSync(dir)) {
    const [, id = ""] = /^([0-9a-f-]+)\.zip$/.exec(name) ?? [];
    if (!ids.has(id)) rmSync(join(dir, name), { force: true });
  }
}

function noSuchExport(id: string): Fault {
  return new Fault("not-found", text(`There is no export ${id}.`, `Không có gói bằng chứng ${id}.`), {
    field: "id",
    hint: text(
      "Packages are kept 30 days; export it again.",
      "Gói bằng chứng được giữ 30 ngày; hãy xuất lại.",
    ),
  });
}

function notReady(failure: Export["failure"]): Fault {
  if (failure !== null) {
    return new Fault(
      "not-found",
      text(`This package could not be made: ${failure.en}`, `Gói này không tạo được: ${failure.vi}`),
    );
  }
  return new Fault("conflict", text("The package is not ready yet.", "Gói bằng chứng chưa làm xong."), {
    hint: text("Wait a moment.", "Hãy chờ trong giây lát."),
  });
}

function notOver(): Fault {
  return new Fault(
    "invalid",
    text("The time to export is not over yet.", "Khoảng thời gian cần xuất chưa kết thúc."),
    { field: "to", hint: text("Choose an end in the past.", "Hãy chọn giờ kết thúc trong quá khứ.") },
  );
}
