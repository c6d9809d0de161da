import type { Pcm } from "./speech-pcm.ts";

/** One struck note, or two at once. */
interface Note {
  readonly hz: readonly number[];
  readonly startMs: number;
  readonly ringMs: number;
  /** `bell` fades like a struck bar; `steady` holds, for attention. */
  readonly shape: "bell" | "steady";
}

const RATE_HZ = 44_100;

/** G4 C5 E5 G5 and back: a station's sign, with a last note that rings out. */
const STEPS_HZ = [392, 523.25, 659.26, 783.99] as const;

function arpeggio(hz: readonly number[]): Note[] {
  return hz.map((pitch, index) => ({
    hz: [pitch],
    startMs: index * 420,
    ringMs: index === hz.length - 1 ? 1_900 : 1_300,
    shape: "bell",
  }));
}

/** Two pairs of tones in turn, far from speech and music and from a siren's glide, which means evacuation elsewhere. */
const ATTENTION: readonly Note[] = Array.from({ length: 8 }, (_, index) => ({
  hz: index % 2 === 0 ? [853, 960] : [640, 720],
  startMs: index * 500,
  ringMs: 480,
  shape: "steady",
}));

const SCORES = {
  opening: arpeggio(STEPS_HZ),
  closing: arpeggio([...STEPS_HZ].reverse()),
  emergency: ATTENTION,
} satisfies Record<string, readonly Note[]>;

export type ChimeName = keyof typeof SCORES;

/** Peaks at −3 dB full scale. The same samples at every call and on every machine. */
export function synthesizeChime(name: ChimeName): Pcm {
  const notes: readonly Note[] = SCORES[name];
  const endMs = Math.max(...notes.map(({ startMs, ringMs }) => startMs + ringMs));
  const mix = new Float64Array(Math.ceil((endMs * RATE_HZ) / 1_000));
  for (const note of notes) addNote(mix, note);
  const peak = mix.reduce((highest, sample) => Math.max(highest, Math.abs(sample)), 0);
  const scale = (32_767 * 10 ** (-3 / 20)) / peak;
  return { sampleRateHz: RATE_HZ, samples: Int16Array.from(mix, (sample) => Math.round(sample * scale)) };
}

function addNote(mix: Float64Array, { hz, startMs, ringMs, shape }: Note): void {
  const from = Math.round((startMs * RATE_HZ) / 1_000);
  const count = Math.min(Math.round((ringMs * RATE_HZ) / 1_000), mix.length - from);
  for (let i = 0; i < count; i += 1) {
    const sec = i / RATE_HZ;
    const leftSec = (count - i) / RATE_HZ;
    const edges = Math.min(1, sec / 0.005, leftSec / 0.03);
    const strength = shape === "bell" ? Math.exp(-3.2 * sec) : 1;
    let sample = 0;
    for (const pitch of hz) sample += partials(pitch, sec, shape);
    mix[from + i] = (mix[from + i] ?? 0) + sample * strength * edges;
  }
}

/** The octave and the twelfth make a note carry from a horn, which gives little below 400 Hz. */
function partials(hz: number, sec: number, shape: Note["shape"]): number {
  const turn = 2 * Math.PI * hz * sec;
  const overtones = 0.4 * Math.sin(2 * turn) + 0.2 * Math.sin(3 * turn);
  return Math.sin(turn) + (shape === "bell" ? overtones * Math.exp(-4 * sec) : overtones);
}
