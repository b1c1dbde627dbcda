import { Drawer } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import type { LiveEvent } from "@/api/client";
import { Copy } from "@/hall/Copy";
import { EventIcon } from "@/hall/EventIcon";
import { exact } from "@/hall/format";
import { PrettyRaw } from "@/hall/Json";
import { Effects } from "./Effects";
import classes from "./EventDrawer.module.css";

/** All about one event: what it did, whom it named, what was sent. */
export function EventDrawer({ event, close }: { event: LiveEvent | null; close: () => void }) {
  return (
    <Drawer opened={event !== null} onClose={close} title={event && <Title event={event} />}>
      {event && (
        <div className={classes.body}>
          <Part title="What it did">
            <Effects effects={event.effects} />
          </Part>
          <Part title="Belongs to">
            <Link className="link" to="/people/$id" params={{ id: event.profile }}>
              {event.profile}
            </Link>
            <ul className={classes.ids}>
              {event.identifiers.map((id) => (
                <li key={id}>
                  <Copy text={id} />
                </li>
              ))}
            </ul>
          </Part>
          <Part title="When and where from">
            <Facts event={event} />
          </Part>
          <Part title="What was sent">
            <PrettyRaw value={event.body} />
          </Part>
        </div>
      )}
    </Drawer>
  );
}

function Title({ event }: { event: LiveEvent }) {
  return (
    <span className={classes.title}>
      <EventIcon type={event.type} event={event.event} size={18} />
      {event.event}
    </span>
  );
}

function Facts({ event }: { event: LiveEvent }) {
  return (
    <dl className={classes.facts}>
      <dt>Happened</dt>
      <dd>{exact(event.time)}</dd>
      <dt>Received</dt>
      <dd>{exact(event.received_at)}</dd>
      <dt>Source</dt>
      <dd>
        {event.source} · {event.type}
      </dd>
      <dt>Message</dt>
      <dd>
        <Copy text={event.message_id} />
      </dd>
      <dt>Place</dt>
      <dd>{event.seq}</dd>
    </dl>
  );
}

function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section>
      <h3>{title}</h3>
      {children}
    </section>
  );
}
