import type { Problem } from "@/api/client";
import classes from "./Editor.module.css";
import { mend } from "./problems";

interface ProblemsProps {
  id: string;
  rule: string;
  problems: Problem[];
  onMend: (rule: string) => void;
}

/** Each mistake of a rule, with what could stand there instead. */
export function Problems({ id, rule, problems, onMend }: ProblemsProps) {
  return (
    <ul id={id} className={classes.problems} aria-live="polite">
      {problems.map((problem) => (
        <li key={`${problem.code}-${problem.start}`}>
          <span className={classes.message}>{problem.message}</span>
          <code className="mono muted">{problem.code}</code>
          {problem.alternatives.length > 0 && (
            <span className={classes.instead}>
              instead:{" "}
              {problem.alternatives.slice(0, 8).map((alternative) => (
                <button
                  key={alternative}
                  type="button"
                  onClick={() => onMend(mend(rule, problem, alternative))}
                >
                  {alternative}
                </button>
              ))}
            </span>
          )}
        </li>
      ))}
    </ul>
  );
}
