import type { ReactNode } from "react";
import { CopyLine } from "./Copy";
import { Mark } from "./Logo";
import classes from "./Notice.module.css";

interface EmptyProps {
  title: string;
  children?: ReactNode;
  /** One line for the terminal that fills the page. */
  line?: string;
  action?: ReactNode;
}

/** What will be here, and the one thing that brings it. */
export function Empty({ title, children, line, action }: EmptyProps) {
  return (
    <div className={classes.empty}>
      <Mark size={34} />
      <p className={classes.what}>{title}</p>
      {children && <p className="muted">{children}</p>}
      {line && <CopyLine text={line} />}
      {action}
    </div>
  );
}
