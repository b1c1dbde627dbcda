import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import type { Home } from "@/api/client";
import { count, many, percent } from "@/hall/format";
import classes from "./Figures.module.css";

/** The four numbers that matter, each with what it is made of. */
export function Figures({ house }: { house: Home }) {
  const { profiles, known, identifiers, events, records, links, delivered, blocked } = house;
  const anonymous = profiles - known;
  return (
    <dl className={classes.figures}>
      <Figure name="People" testId="home-people" value={<Link to="/people">{count(profiles)}</Link>}>
        <Split share={profiles ? known / profiles : 0} />
        <span className={classes.legend}>
          <span className={classes.known}>{count(known)} known</span>
          <span className={classes.anonymous}>{count(anonymous)} anonymous</span>
        </span>
      </Figure>
      <Figure name="Identifiers" value={count(identifiers)}>
        {profiles ? `${(identifiers / profiles).toFixed(1)} for each person` : "none yet"}
      </Figure>
      <Figure name="Events" value={count(events)}>
        {many(records, "record", "records")} · {many(links, "link", "links")}
      </Figure>
      <Figure name="Delivered" value={count(delivered)}>
        {blocked > 0
          ? `${count(blocked)} blocked by consent (${percent(blocked / (blocked + delivered))})`
          : "none blocked by consent"}
      </Figure>
    </dl>
  );
}

interface FigureProps {
  name: string;
  value: ReactNode;
  testId?: string;
  children: ReactNode;
}

function Figure({ name, value, testId, children }: FigureProps) {
  return (
    <div className={classes.figure}>
      <dt>{name}</dt>
      <dd className={classes.value} data-testid={testId}>
        {value}
      </dd>
      <dd className={classes.note}>{children}</dd>
    </div>
  );
}

function Split({ share }: { share: number }) {
  return (
    <span className={classes.split} aria-hidden="true">
      <span style={{ width: `${share * 100}%` }} />
    </span>
  );
}
