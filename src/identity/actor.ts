/** What a person may do. `admin` may do everything; the others are what the commune's duties are. */
export const ROLES = ["officer", "leader", "technician", "viewer", "admin"] as const;
export type Role = (typeof ROLES)[number];

/** Who does something: a logged-in person, or the technician's command line on the machine itself. */
export interface Actor {
  /** The user's id, or `cli`. */
  readonly id: string;
  /** As shown in the audit trail, also long after the user is gone. */
  readonly name: string;
  readonly roles: readonly Role[];
}

/** The command line on the machine itself: who can read its token file can read the data anyway. */
export const CLI_ACTOR: Actor = { id: "cli", name: "cli", roles: ["admin"] };

export function mayAct(actor: Actor, roles: readonly Role[]): boolean {
  return actor.roles.some((role) => role === "admin" || roles.includes(role));
}
