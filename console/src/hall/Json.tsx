import { SegmentedControl } from "@mantine/core";
import { useState } from "react";
import { CopyLine } from "./Copy";
import classes from "./Json.module.css";
import { tokens } from "./tokens";

/** JSON, indented and coloured by what each piece is. */
export function Json({ value, maxHeight = 420 }: { value: unknown; maxHeight?: number }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
    <pre className={classes.json} style={{ maxHeight }} tabIndex={0}>
      {tokens(JSON.stringify(value, null, 2)).map((token) => (
        <span key={token.at} data-kind={token.kind}>
          {token.text}
        </span>
      ))}
    </pre>
  );
}

/** The same JSON as people read it, or as one line to copy. */
export function PrettyRaw({ value }: { value: unknown }) {
  const [mode, setMode] = useState("pretty");
  return (
    <div className={classes.both}>
      <SegmentedControl
        size="xs"
        value={mode}
        onChange={setMode}
        data={[
          { value: "pretty", label: "Pretty" },
          { value: "raw", label: "Raw" },
        ]}
        aria-label="How the JSON is shown"
      />
      {mode === "pretty" ? <Json value={value} /> : <CopyLine text={JSON.stringify(value)} plain />}
    </div>
  );
}
