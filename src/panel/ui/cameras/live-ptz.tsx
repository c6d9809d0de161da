import { useEffect, useState, type ReactNode } from "react";
import { Refused, type Call } from "../api.ts";
import type { CameraView } from "./camera-shapes.ts";

interface LivePtzProps {
  readonly camera: CameraView;
  readonly call: Call;
}

interface Preset {
  readonly token: string;
  readonly name: string;
}

interface Move {
  readonly name: string;
  readonly sign: string;
  readonly pan: number;
  readonly tilt: number;
  readonly zoom: number;
}

const STILL = { pan: 0, tilt: 0, zoom: 0 };
const MOVES: readonly Move[] = [
  { ...STILL, name: "Quay lên", sign: "↑", tilt: 1 },
  { ...STILL, name: "Quay trái", sign: "←", pan: -1 },
  { ...STILL, name: "Quay phải", sign: "→", pan: 1 },
  { ...STILL, name: "Quay xuống", sign: "↓", tilt: -1 },
  { ...STILL, name: "Phóng to", sign: "+", zoom: 1 },
  { ...STILL, name: "Thu nhỏ", sign: "−", zoom: -1 },
];

/** Half the camera's speed: a counter is small. */
const SPEED = 0.5;
/** One press moves a little and stops by itself, should the line be lost. */
const STEP_MS = 400;

/** Turns the camera in steps, and to the places it has stored. */
export function LivePtz({ camera, call }: LivePtzProps): ReactNode {
  const [presets, setPresets] = useState<readonly Preset[]>([]);
  const [refused, setRefused] = useState<Refused>();
  const url = `/cameras/${encodeURIComponent(camera.id)}/ptz`;

  useEffect(() => {
    call<{ presets: Preset[] }>("GET", `${url}/presets`, { background: true }).then(
      (answer) => setPresets(answer.presets),
      (error: unknown) => {
        if (!(error instanceof Refused)) throw error;
        setRefused(error);
      },
    );
  }, [call, url]);

  const order = async (body: object): Promise<void> => {
    setRefused(undefined);
    try {
      await call("POST", url, { body });
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      setRefused(error);
    }
  };

  return (
    <section aria-labelledby="ptz">
      <h3 id="ptz">Hướng camera</h3>
      <div className="ptz">
        {MOVES.map(({ name, sign, pan, tilt, zoom }) => (
          <button
            key={name}
            aria-label={name}
            title={name}
            onClick={() =>
              void order({
                action: "move",
                pan: pan * SPEED,
                tilt: tilt * SPEED,
                zoom: zoom * SPEED,
                forMs: STEP_MS,
              })
            }
          >
            <span aria-hidden="true">{sign}</span>
          </button>
        ))}
      </div>
      {presets.length > 0 && (
        <div className="bar">
          {presets.map(({ token, name }) => (
            <button key={token} onClick={() => void order({ action: "preset", token })}>
              {name}
            </button>
          ))}
        </div>
      )}
      {refused !== undefined && (
        <p className="problem" role="alert">
          {refused.message} {refused.hint}
        </p>
      )}
    </section>
  );
}
