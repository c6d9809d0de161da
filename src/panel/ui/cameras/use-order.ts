import { useCallback, useState } from "react";
import { Refused } from "../api.ts";

interface Ordering {
  readonly busy: boolean;
  readonly refused: Refused | undefined;
  /** Does it; resolves whether it went well. A refusal is kept to be shown, anything else is a bug. */
  readonly run: (work: () => Promise<unknown>) => Promise<boolean>;
}

/** One thing a person asks for at a time, and what came of it. */
export function useOrder(): Ordering {
  const [busy, setBusy] = useState(false);
  const [refused, setRefused] = useState<Refused>();
  const run = useCallback(async (work: () => Promise<unknown>): Promise<boolean> => {
    setBusy(true);
    setRefused(undefined);
    try {
      await work();
      return true;
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      setRefused(error);
      return false;
    } finally {
      setBusy(false);
    }
  }, []);
  return { busy, refused, run };
}
