import { useMemo, useSyncExternalStore } from "react";
import { routeOf, type Route } from "./routes.ts";

/** Of the last step to another page; a page may rewrite its own address without leaving. */
let arrivedAt = window.location.hash;

/** Where the page is; follows links and the browser's back button. */
export function useRoute(): Route {
  const hash = useSyncExternalStore(subscribe, () => arrivedAt);
  return useMemo(() => routeOf(hash), [hash]);
}

function subscribe(changed: () => void): () => void {
  const arrive = (): void => {
    arrivedAt = window.location.hash;
    changed();
  };
  window.addEventListener("hashchange", arrive);
  return () => window.removeEventListener("hashchange", arrive);
}
