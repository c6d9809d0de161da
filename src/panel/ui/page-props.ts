import type { Act, Call } from "./api.ts";
import type { HallEvents } from "./live-events.ts";
import type { Route } from "./routes.ts";
import type { HallTime, Me, Status } from "./shapes.ts";

/** What every page below the navigation is given. */
export interface PageProps {
  readonly me: Me;
  readonly status: Status & HallTime;
  readonly route: Route;
  readonly events: HallEvents;
  readonly call: Call;
  readonly act: Act;
}
