import type { Log } from "../../src/kernel/log.ts";

/** Keeps `level message` lines from info upwards, for tests about what a person is told. */
export class RecordingLog implements Log {
  readonly lines: string[] = [];

  error(_fields: object, message: string): void {
    this.lines.push(`error ${message}`);
  }

  warn(_fields: object, message: string): void {
    this.lines.push(`warn ${message}`);
  }

  info(_fields: object, message: string): void {
    this.lines.push(`info ${message}`);
  }

  // eslint-disable-next-line @typescript-eslint/no-empty-function -- attempts are not what tests assert
  debug(): void {}

  child(): Log {
    return this;
  }
}
