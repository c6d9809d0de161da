import JSMpeg, { type Destination, type Source } from "@cycjimmy/jsmpeg-player";

interface Mpeg1PlayerParts {
  readonly canvas: HTMLCanvasElement;
  readonly onPicture: () => void;
}

/** Decodes MPEG-1 in script, for what the browser can't play. */
export interface Mpeg1Player {
  write(bytes: ArrayBuffer): void;
  close(): void;
}

const BUFFER_BYTES = 512_000;

export function openMpeg1Player({ canvas, onPicture }: Mpeg1PlayerParts): Mpeg1Player {
  let destination: Destination | undefined;
  let established = false;
  class Line implements Source {
    readonly streaming = true;
    readonly completed = false;
    readonly progress = 0;
    get established(): boolean {
      return established;
    }
    connect(given: Destination): void {
      destination = given;
    }
    start(): void {
      established = false;
    }
    resume(): void {
      established = true;
    }
    destroy(): void {
      destination = undefined;
    }
  }
  const player = new JSMpeg.Player("", {
    source: Line,
    canvas,
    audio: false,
    // The page's security policy forbids code that is made at run time.
    disableWebAssembly: true,
    disableGl: true,
    pauseWhenHidden: false,
    videoBufferSize: BUFFER_BYTES,
    onVideoDecode: onPicture,
  });
  return {
    write: (bytes) => {
      established = true;
      destination?.write(bytes);
    },
    close: () => player.destroy(),
  };
}
