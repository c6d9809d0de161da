import { mkdir, open, rm, type FileHandle } from "node:fs/promises";
import { dirname } from "node:path";
import { asError } from "../../kernel/faults.ts";
import type { Log } from "../../kernel/log.ts";

/** What went on air, kept as it was sent. */
export interface Recording {
  readonly path: string;
  readonly bytes: number;
}

/** Writes behind the sound: a disk that is full or slow costs the recording, never the broadcast. */
export class Recorder {
  private readonly path: string;
  private readonly log: Log;
  private tail: Promise<void> = Promise.resolve();
  private file: FileHandle | undefined;
  private bytes = 0;
  private failed = false;

  constructor(path: string, log: Log) {
    this.path = path;
    this.log = log;
  }

  write(piece: Uint8Array): void {
    this.tail = this.tail.then(() => this.append(piece));
  }

  /** The finished file; undefined when there was no sound or it could not be kept. */
  async finish(): Promise<Recording | undefined> {
    await this.tail;
    const { file, path, bytes } = this;
    await file?.sync().catch((error: unknown) => this.fail(error));
    await file?.close();
    this.file = undefined;
    if (file === undefined) return undefined;
    if (!this.failed) return { path, bytes };
    await rm(path, { force: true });
    return undefined;
  }

  private async append(piece: Uint8Array): Promise<void> {
    if (this.failed) return;
    try {
      this.file ??= await this.create();
      await this.file.appendFile(piece);
      this.bytes += piece.length;
    } catch (error) {
      this.fail(error);
    }
  }

  private async create(): Promise<FileHandle> {
    await mkdir(dirname(this.path), { recursive: true, mode: 0o700 });
    return open(this.path, "w", 0o600);
  }

  private fail(error: unknown): void {
    if (!this.failed) this.log.error({ err: asError(error), path: this.path }, "broadcast can't be recorded");
    this.failed = true;
  }
}
