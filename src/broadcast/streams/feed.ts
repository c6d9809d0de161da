/** A queue that is written at any time and read as it fills: the input of an encoder. */
export class Feed implements AsyncIterable<Uint8Array> {
  private readonly pieces: Uint8Array[] = [];
  private closed = false;
  private wake: (() => void) | undefined;

  push(piece: Uint8Array): void {
    if (this.closed) return;
    this.pieces.push(piece);
    this.wake?.();
  }

  /** The reader gets what is left, and its end. */
  close(): void {
    this.closed = true;
    this.wake?.();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void, void> {
    for (;;) {
      const piece = this.pieces.shift();
      if (piece !== undefined) yield piece;
      else if (this.closed) return;
      else {
        const { promise, resolve } = Promise.withResolvers<undefined>();
        this.wake = () => resolve(undefined);
        await promise;
      }
    }
  }
}
