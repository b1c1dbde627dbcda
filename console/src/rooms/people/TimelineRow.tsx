import { IconChevronRight } from "@tabler/icons-react";
import { useId, useState } from "react";
import type { EventRow } from "@/api/client";
import { EventIcon } from "@/hall/EventIcon";
import { clockMinute, exact, value } from "@/hall/format";
import { PrettyRaw } from "@/hall/Json";
import { Chip } from "@/hall/State";
import classes from "./Timeline.module.css";

const FOLDED = 4;

/** One event; its details are folded until asked for. */
export function TimelineRow({ event }: { event: EventRow }) {
  const [open, setOpen] = useState(false);
  const details = useId();
  return (
    <div className={classes.row} data-testid="timeline-row">
      <button
        type="button"
        className={classes.line}
        aria-expanded={open}
        aria-controls={details}
        onClick={() => setOpen(!open)}
      >
        <time className="muted" dateTime={event.time} title={exact(event.time)}>
          {clockMinute(event.time)}
        </time>
        <span className={classes.icon}>
          <EventIcon type={event.type} event={event.event} />
        </span>
        <span className={`${classes.event} clip`}>{event.event}</span>
        <span className={`${classes.folded} clip`}>{inShort(event)}</span>
        <Chip>{event.source}</Chip>
        <IconChevronRight size={14} className={classes.chevron} aria-hidden="true" />
      </button>
      {open && (
        <div id={details} className={classes.details}>
          <Details event={event} />
        </div>
      )}
    </div>
  );
}

function Details({ event }: { event: EventRow }) {
  const [all, setAll] = useState(false);
  const properties = Object.entries(event.properties);
  return (
    <>
      <dl className={classes.properties}>
        {properties.map(([name, said]) => (
          <Pair key={name} name={name} said={value(said)} />
        ))}
        <Pair name="belongs to" said={event.identifier} />
        <Pair name="message" said={event.message_id} />
      </dl>
      {all ? (
        <PrettyRaw value={event} />
      ) : (
        <button type="button" className="as-link" onClick={() => setAll(true)}>
          Show as JSON
        </button>
      )}
    </>
  );
}

function Pair({ name, said }: { name: string; said: string }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{said}</dd>
    </>
  );
}

/** The first few properties on one line. */
function inShort(event: EventRow): string {
  const simple = Object.entries(event.properties).filter(
    ([, said]) => typeof said !== "object" && said !== "",
  );
  const parts = simple.slice(0, FOLDED).map(([name, said]) => `${name} ${value(said)}`);
  return [event.name !== event.event ? event.name : null, ...parts].filter(Boolean).join(" · ");
}
