import type { ReactNode } from "react";
import classes from "./Panel.module.css";

interface PanelProps {
  title?: ReactNode;
  /** Said beside the title, e.g. a total. */
  note?: ReactNode;
  action?: ReactNode;
  /** Content that reaches the edges, as tables do. */
  flush?: boolean;
  children: ReactNode;
}

export function Panel({ title, note, action, flush, children }: PanelProps) {
  return (
    <section className={classes.panel}>
      {title && (
        <header className={classes.head}>
          <h2 className={classes.title}>{title}</h2>
          {note && <span className={classes.note}>{note}</span>}
          {action && <span className={classes.action}>{action}</span>}
        </header>
      )}
      <div className={flush ? classes.flush : classes.body}>{children}</div>
    </section>
  );
}

/** The head of a page: its name, what belongs beside it, and its actions. */
export function PageHead({
  title,
  note,
  children,
}: {
  title: ReactNode;
  note?: ReactNode;
  children?: ReactNode;
}) {
  return (
    <header className={classes.page}>
      <h1 className={classes.name}>{title}</h1>
      {note && <span className={classes.note}>{note}</span>}
      {children && <div className={classes.action}>{children}</div>}
    </header>
  );
}
