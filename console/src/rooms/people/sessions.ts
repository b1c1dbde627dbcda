import type { EventRow } from "@/api/client";

/** A longer silence than this ends a visit. */
export const GAP_MS = 30 * 60_000;

export interface Session {
  /** Time of its first and of its last event. */
  start: string;
  end: string;
  /** Newest first. */
  events: EventRow[];
}

export interface Day {
  /** `2026-11-24`, in the given time zone. */
  date: string;
  sessions: Session[];
}

/** Groups a timeline, newest first, by day and by the silences within it. */
export function byDay(events: EventRow[], timeZone?: string): Day[] {
  const dateOf = dates(timeZone);
  const days: Day[] = [];
  for (const event of events) {
    const date = dateOf(event.time);
    let day = days.at(-1);
    if (day?.date !== date) {
      day = { date, sessions: [] };
      days.push(day);
    }
    place(event, day.sessions);
  }
  return days;
}

function place(event: EventRow, sessions: Session[]): void {
  const last = sessions.at(-1);
  if (last && Date.parse(last.start) - Date.parse(event.time) <= GAP_MS) {
    last.start = event.time;
    last.events.push(event);
  } else {
    sessions.push({ start: event.time, end: event.time, events: [event] });
  }
}

function dates(timeZone?: string): (iso: string) => string {
  const format = new Intl.DateTimeFormat("en-CA", {
    timeZone,
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
  });
  return (iso) => format.format(new Date(iso));
}
