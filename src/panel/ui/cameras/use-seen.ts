import { useEffect, useState, type RefObject } from "react";

/** A glance at another tab must not cost a new connection. */
const GONE_AFTER_MS = 3_000;

/** Whether an element is on the screen of someone who has this tab in front. */
export function useSeen(element: RefObject<HTMLElement | null>): boolean {
  const [seen, setSeen] = useState(false);
  useEffect(() => {
    if (element.current === null) return;
    let within = false;
    let leaving: number | undefined;
    const look = (): void => {
      window.clearTimeout(leaving);
      if (within && document.visibilityState === "visible") setSeen(true);
      else leaving = window.setTimeout(() => setSeen(false), GONE_AFTER_MS);
    };
    const observer = new IntersectionObserver((entries) => {
      within = entries.at(-1)?.isIntersecting ?? false;
      look();
    });
    observer.observe(element.current);
    document.addEventListener("visibilitychange", look);
    return () => {
      observer.disconnect();
      document.removeEventListener("visibilitychange", look);
      window.clearTimeout(leaving);
    };
  }, [element]);
  return seen;
}
