import { useState } from "react";
import classes from "./Editor.module.css";

/** The named SQL steps that gave the size, for those who want to check. */
export function SqlSteps({ sql }: { sql: string }) {
  const [open, setOpen] = useState(false);
  return (
    <div className={classes.sql}>
      <button type="button" className="as-link" aria-expanded={open} onClick={() => setOpen(!open)}>
        {open ? "Hide the SQL" : "Show the SQL that counted"}
      </button>
      {open && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
        <pre tabIndex={0}>{sql}</pre>
      )}
    </div>
  );
}
