import { createContext, type ReactNode, useContext, useEffect, useState } from "react";
import { ago, exact } from "./format";

const TICK_MS = 5_000;
const Now = createContext(0);

/** One clock for the whole page, so that all relative times move together. */
export function NowProvider({ children }: { children: ReactNode }) {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), TICK_MS);
    return () => clearInterval(timer);
  }, []);
  return <Now.Provider value={now}>{children}</Now.Provider>;
}

export const useNow = (): number => useContext(Now);

/** A relative time that tells the exact one on hover. */
export function Ago({ at }: { at: string | null | undefined }) {
  const now = useNow();
  if (!at) return <span className="muted">never</span>;
  return (
    <time dateTime={at} title={exact(at)} style={{ whiteSpace: "nowrap" }}>
      {ago(at, now)}
    </time>
  );
}
