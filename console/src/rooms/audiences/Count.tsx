import type { Preview } from "@/api/client";
import { clock, count, many, percent, took } from "@/hall/format";
import classes from "./Editor.module.css";

interface CountProps {
  preview: Preview | undefined;
  /** The answer is of an earlier text. */
  stale: boolean;
}

/** The exact size of the rule as it stands. */
export function Count({ preview, stale }: CountProps) {
  const size = preview?.size ?? undefined;
  return (
    <div className={classes.count} data-stale={stale} aria-live="polite">
      <span className={classes.size} data-none={size === undefined} data-testid="rule-count">
        {size === undefined ? "–" : count(size)}
      </span>
      <span className={classes.of}>
        {preview ? <Of preview={preview} size={size} /> : "the size shows as you type"}
      </span>
      <span className={classes.bar} aria-hidden="true">
        <span style={{ width: `${preview?.of && size !== undefined ? (size / preview.of) * 100 : 0}%` }} />
      </span>
      {preview && <span className={classes.when}>{stale ? "counting…" : whenCounted(preview, size)}</span>}
    </div>
  );
}

function whenCounted(preview: Preview, size: number | undefined): string {
  if (size === undefined) return "a click on what is offered puts it in";
  return `exact, as of ${clock(preview.as_of)} · took ${took(preview.took_ms)}`;
}

function Of({ preview, size }: { preview: Preview; size: number | undefined }) {
  if (size === undefined) {
    return <>{many(preview.problems.length, "mistake", "mistakes")}: no size until the rule can be read</>;
  }
  return (
    <>
      of {many(preview.of, "person", "people")} · {percent(preview.of ? size / preview.of : 0)}
    </>
  );
}
