interface SaidText {
  readonly vi: string;
  readonly en: string;
}

/** What the hall says on the live line between the pictures. */
export type LiveSaid =
  | { readonly type: "init"; readonly codec: string; readonly widthPx: number; readonly heightPx: number }
  | { readonly type: "dropped"; readonly fragments: number }
  | { readonly type: "waiting"; readonly said: SaidText }
  | {
      readonly type: "error";
      readonly kind: string;
      readonly said: SaidText;
      readonly hint: SaidText | null;
    };

/** A piece of fragmented MP4 and when the controller had it (its wall clock). */
export interface LivePiece {
  readonly kind: "init" | "key" | "other";
  readonly arrivedAt: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

const KINDS: Record<number, LivePiece["kind"]> = { 1: "init", 2: "key", 3: "other" };
/** Kind (1 byte) and wall time (float64, big-endian). */
const HEAD_BYTES = 9;

/** Undefined for what this page does not know: a newer hall may say more. */
export function decodeSaid(text: string): LiveSaid | undefined {
  const said = JSON.parse(text) as { readonly type?: unknown };
  const known = ["init", "dropped", "waiting", "error"].includes(String(said.type));
  return known ? (said as LiveSaid) : undefined;
}

export function decodePiece(message: ArrayBuffer): LivePiece | undefined {
  if (message.byteLength <= HEAD_BYTES) return undefined;
  const view = new DataView(message);
  const kind = KINDS[view.getUint8(0)];
  if (kind === undefined) return undefined;
  return { kind, arrivedAt: view.getFloat64(1), bytes: new Uint8Array(message, HEAD_BYTES) };
}
