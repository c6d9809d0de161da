import { useMemo, useSyncExternalStore } from "react";
import { routeOf, type Route } from "./routes.ts";

/** Where the page is; follows links and the browser's back button. */
export function useRoute(): Route {
  const hash = useSyncExternalStore(subscribe, () => window.location.hash);
  return useMemo(() => routeOf(hash), [hash]);
}

function subscribe(changed: () => void): () => void {
  window.addEventListener("hashchange", changed);
  return () => window.removeEventListener("hashchange", changed);
}
