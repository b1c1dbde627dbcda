import type { LiveEvent } from "@/api/client";

/** How many events are kept on screen; older ones fall out. */
export const CAP = 500;

/** Adds events to a list, newest first, each once, no more than `CAP`. */
export function keep(shown: LiveEvent[], fresh: LiveEvent[]): LiveEvent[] {
  const known = new Set(shown.map((event) => event.seq));
  const added = fresh.filter((event) => !known.has(event.seq) && known.add(event.seq));
  if (added.length === 0) return shown;
  return [...added, ...shown].sort((a, b) => b.seq - a.seq).slice(0, CAP);
}

export interface Filter {
  source?: string;
  type?: string;
  /** A part of the event's name, an identifier or a profile. */
  event?: string;
}

export function matches(event: LiveEvent, filter: Filter): boolean {
  if (filter.source && event.source !== filter.source) return false;
  if (filter.type && event.type !== filter.type) return false;
  if (!filter.event) return true;
  const wanted = filter.event.toLowerCase();
  return [event.event, event.profile, event.message_id, ...event.identifiers].some((text) =>
    text.toLowerCase().includes(wanted),
  );
}
