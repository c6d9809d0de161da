/** What this page uses of the player; the package brings no types. */
declare module "@cycjimmy/jsmpeg-player" {
  export interface Destination {
    write(bytes: ArrayBuffer): void;
  }

  export interface Source {
    readonly streaming: boolean;
    readonly established: boolean;
    readonly completed: boolean;
    readonly progress: number;
    connect(destination: Destination): void;
    start(): void;
    resume(headroomSec: number): void;
    destroy(): void;
  }

  interface PlayerOptions {
    readonly source: new () => Source;
    readonly canvas: HTMLCanvasElement;
    readonly audio: boolean;
    readonly disableWebAssembly: boolean;
    readonly disableGl: boolean;
    readonly pauseWhenHidden: boolean;
    readonly videoBufferSize: number;
    readonly onVideoDecode: () => void;
  }

  const JSMpeg: {
    readonly Player: new (url: string, options: PlayerOptions) => { destroy(): void };
  };
  export { JSMpeg as default };
}
