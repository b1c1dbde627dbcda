import { useWindowVirtualizer } from "@tanstack/react-virtual";
import { memo, useLayoutEffect, useRef, useState } from "react";
import type { LiveEvent } from "@/api/client";
import { useNow } from "@/hall/Ago";
import { EventIcon } from "@/hall/EventIcon";
import { exact, moment } from "@/hall/format";
import { bestName, weighty } from "./brief";
import classes from "./Live.module.css";

const ROW_PX = 35;

/** The rows of the stream; only those in sight are drawn. */
export function LiveRows({ events, open }: { events: LiveEvent[]; open: (event: LiveEvent) => void }) {
  const list = useRef<HTMLDivElement>(null);
  const [top, setTop] = useState(0);
  useLayoutEffect(() => setTop(list.current?.offsetTop ?? 0), []);
  const rows = useWindowVirtualizer({
    count: events.length,
    estimateSize: () => ROW_PX,
    getItemKey: (index) => events[index]?.seq ?? index,
    overscan: 12,
    scrollMargin: top,
  });
  return (
    <div ref={list} className={classes.list}>
      <div style={{ height: rows.getTotalSize(), position: "relative" }}>
        {rows.getVirtualItems().map((item) => {
          const event = events[item.index];
          return (
            event && (
              <div
                key={item.key}
                ref={rows.measureElement}
                data-index={item.index}
                style={{
                  position: "absolute",
                  insetInline: 0,
                  transform: `translateY(${item.start - top}px)`,
                }}
              >
                <Row event={event} open={open} />
              </div>
            )
          );
        })}
      </div>
    </div>
  );
}

const Row = memo(function Row({ event, open }: { event: LiveEvent; open: (event: LiveEvent) => void }) {
  const now = useNow();
  return (
    <button type="button" className={classes.row} onClick={() => open(event)} data-testid="live-row">
      <time className="muted clip" dateTime={event.received_at} title={exact(event.received_at)}>
        {moment(event.received_at, now)}
      </time>
      <span className={classes.icon}>
        <EventIcon type={event.type} event={event.event} />
      </span>
      <span className={`${classes.event} clip`}>{event.event}</span>
      <span className="muted clip">{event.source}</span>
      <span className="clip" title={event.identifiers.join("\n")}>
        {bestName(event)}
      </span>
      <span className={classes.effects}>
        {weighty(event.effects).map((effect) => (
          <span key={effect.room + effect.text} className={classes.effect} data-room={effect.room}>
            {effect.text}
          </span>
        ))}
      </span>
    </button>
  );
});
