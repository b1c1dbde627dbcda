import classes from "./State.module.css";

type Tone = "good" | "warn" | "bad" | "still" | "tide" | "dusk";

const TONES: Record<string, Tone> = {
  live: "good",
  ok: "good",
  open: "good",
  delivered: "good",
  granted: "good",
  quiet: "still",
  waiting: "still",
  connecting: "still",
  paused: "warn",
  blocked: "warn",
  failing: "bad",
  dead: "bad",
  denied: "bad",
  lost: "bad",
};

/** A dot and its word: the colour never stands alone. */
export function State({ state, label }: { state: string; label?: string }) {
  return (
    <span className={classes.state}>
      <span className={classes.dot} data-tone={TONES[state] ?? "still"} aria-hidden="true" />
      {label ?? state}
    </span>
  );
}

/** A small word on a tinted ground. */
export function Chip({ tone = "still", children, title }: ChipProps) {
  return (
    <span className={classes.chip} data-tone={tone} title={title}>
      {children}
    </span>
  );
}

/** Whether more than a device is known of a person. */
export function Known({ known }: { known: boolean }) {
  return <Chip tone={known ? "dusk" : "tide"}>{known ? "known" : "anonymous"}</Chip>;
}

export const toneOf = (state: string): Tone => TONES[state] ?? "still";

interface ChipProps {
  tone?: Tone;
  children: React.ReactNode;
  title?: string;
}
