import { Link } from "@tanstack/react-router";
import type { Metadata } from "@/api/client";
import { Ago } from "@/hall/Ago";
import { Copy } from "@/hall/Copy";
import { many, words } from "@/hall/format";
import { Chip, Known, toneOf } from "@/hall/State";
import classes from "./PersonHead.module.css";

/** Who it is, at a glance. `asked` is what the address names. */
export function PersonHead({ person, asked }: { person: Metadata; asked: string }) {
  return (
    <header className={classes.head}>
      <nav aria-label="Way back" className={classes.back}>
        <Link to="/people">People</Link> /
      </nav>
      <div className={classes.line}>
        <h1>{person.label}</h1>
        <Known known={person.known} />
        <Copy text={person.id} />
      </div>
      <p className={classes.facts}>
        <span>
          first seen <Ago at={person.created_at} />
        </span>
        <span>
          last seen <Ago at={person.last_seen} />
        </span>
        <span>{many(person.events, "event", "events")}</span>
        <Formerly person={person} asked={asked} />
      </p>
      <Consents consents={person.consents} />
    </header>
  );
}

function Formerly({ person, asked }: { person: Metadata; asked: string }) {
  const former = person.previous_ids;
  if (former.length === 0) return null;
  const shown = former.slice(0, 4).join(", ");
  const more = former.length > 4 ? ` and ${former.length - 4} more` : "";
  return (
    <span title={former.join(", ")}>
      {former.includes(asked) ? `${asked} is part of this person now; ` : ""}formerly {shown}
      {more}
    </span>
  );
}

function Consents({ consents }: { consents: Metadata["consents"] }) {
  const decisions = Object.entries(consents);
  return (
    <div className={classes.consents}>
      <span className="muted">Consent</span>
      {decisions.length === 0 && <Chip>none given: nothing may be sent</Chip>}
      {decisions.map(([purpose, decision]) => (
        <Chip key={purpose} tone={toneOf(String(decision))}>
          <span aria-hidden="true">{decision === "granted" ? "✓" : "✕"}</span>
          {words(purpose)}: {String(decision)}
        </Chip>
      ))}
    </div>
  );
}
