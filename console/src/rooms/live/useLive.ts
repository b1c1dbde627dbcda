import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import type { LiveEvent } from "@/api/client";
import { live } from "@/api/queries";
import { follow, type StreamState } from "@/api/stream";
import { CAP, keep } from "./ring";

/** How often the screen follows the stream: a busy house must not repaint for every event. */
const PAINT_MS = 200;

/** The latest events and those that come. While paused they are kept aside, no more than `CAP` of them. */
export function useLive(paused: boolean) {
  const first = useQuery(live(CAP));
  const [events, setEvents] = useState<LiveEvent[]>([]);
  const [aside, setAside] = useState(0);
  const [state, setState] = useState<StreamState>("connecting");
  const fresh = useRef<LiveEvent[]>([]);

  useEffect(() => {
    if (first.data) setEvents((shown) => keep(shown, first.data.data));
  }, [first.data]);

  useEffect(() => {
    const end = new AbortController();
    const event = (one: LiveEvent) => {
      fresh.current = [one, ...fresh.current].slice(0, CAP);
    };
    void follow({ event, state: setState }, end.signal);
    return () => end.abort();
  }, []);

  useEffect(() => {
    const paint = () => {
      setAside(paused ? fresh.current.length : 0);
      if (paused || fresh.current.length === 0) return;
      const batch = fresh.current;
      fresh.current = [];
      setEvents((shown) => keep(shown, batch));
    };
    paint();
    const timer = setInterval(paint, PAINT_MS);
    return () => clearInterval(timer);
  }, [paused]);

  return { events, aside, state, first };
}
