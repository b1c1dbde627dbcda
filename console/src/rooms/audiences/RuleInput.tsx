import { useMemo, useRef } from "react";
import type { Problem } from "@/api/client";
import { pieces } from "./problems";
import classes from "./RuleInput.module.css";

interface RuleInputProps {
  value: string;
  onChange: (rule: string) => void;
  problems: Problem[];
  /** Names the list of problems for those who hear the page. */
  describedBy: string;
}

/** A field for a rule. Behind its letters lies the same text, whose mistakes are underlined. */
export function RuleInput({ value, onChange, problems, describedBy }: RuleInputProps) {
  const behind = useRef<HTMLDivElement>(null);
  const cut = useMemo(() => pieces(value, problems), [value, problems]);
  return (
    <div className={classes.field}>
      <div ref={behind} className={classes.behind} aria-hidden="true">
        {cut.map((piece, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: pieces have no other name than their place
          <span key={index} data-wrong={piece.problem !== undefined}>
            {piece.text}
          </span>
        ))}
        {/* A last line that is empty has no height of its own. */}
        {"\n"}
      </div>
      <textarea
        className={classes.front}
        value={value}
        onChange={(event) => onChange(event.currentTarget.value)}
        onScroll={(event) => {
          if (behind.current) behind.current.scrollTop = event.currentTarget.scrollTop;
        }}
        rows={5}
        spellCheck={false}
        autoCapitalize="off"
        autoCorrect="off"
        aria-label="Rule"
        aria-invalid={problems.length > 0}
        aria-describedby={describedBy}
        placeholder="country = 'DE' and count('Order Completed' in last 90 days) >= 2"
        data-testid="rule-input"
      />
    </div>
  );
}
