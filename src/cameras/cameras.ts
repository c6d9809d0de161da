import type { Actor } from "../identity/actor.ts";
import type { Camera, CameraId, StreamRole } from "./rules/model.ts";

/** User and password of a camera. */
export interface Credentials {
  readonly user: string;
  readonly password: string;
}

/** What may be said anew of a camera that is there. */
export type CameraChange = Partial<Omit<Camera, "id" | "addedAt">> & { readonly password?: string };

/** The commune's cameras. Passwords are sealed on disk and leave this interface only for the camera itself. */
export interface Cameras {
  all(): readonly Camera[];
  find(id: CameraId): Camera | undefined;
  /** Throws Fault("not-found"). */
  get(id: CameraId): Camera;
  /** Throws Fault("conflict") for an id that is taken, Fault("rejected") beyond the limit of cameras. */
  add(camera: Omit<Camera, "addedAt">, password: string, by: Actor): Camera;
  change(id: CameraId, change: CameraChange, by: Actor | "system"): Camera;
  /** Its recordings stay until their time is over. */
  remove(id: CameraId, by: Actor): void;
  credentials(id: CameraId): Credentials;
  /** The stream's address with user and password in it, percent-encoded; undefined: there is no such stream. */
  streamUrl(id: CameraId, role: StreamRole): string | undefined;
  /** After every add, change and remove. */
  onChange(listener: (id: CameraId) => void): Disposable;
}
