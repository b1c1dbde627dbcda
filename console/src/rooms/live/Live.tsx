import { Button, Select, Skeleton, TextInput } from "@mantine/core";
import { IconPlayerPause, IconPlayerPlay } from "@tabler/icons-react";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import type { LiveEvent } from "@/api/client";
import { Empty } from "@/hall/Empty";
import { Failure } from "@/hall/Failure";
import { count } from "@/hall/format";
import { SEARCH } from "@/hall/hotkeys";
import { PageHead } from "@/hall/Panel";
import { State } from "@/hall/State";
import { EventDrawer } from "./EventDrawer";
import classes from "./Live.module.css";
import { LiveRows } from "./LiveRows";
import { CAP, type Filter, matches } from "./ring";
import { useLive } from "./useLive";

/** The stream of events, with what each one did. */
export function Live() {
  const [paused, setPaused] = useState(false);
  const [open, setOpen] = useState<LiveEvent | null>(null);
  const { events, aside, state, first } = useLive(paused);
  const filter = useSearch({ from: "/live" });
  const shown = useMemo(() => events.filter((event) => matches(event, filter)), [events, filter]);
  return (
    <>
      <PageHead
        title="Live"
        note={<State state={paused ? "paused" : state} label={saying(paused, state, aside)} />}
      >
        <Button
          size="xs"
          variant={paused ? "filled" : "default"}
          leftSection={paused ? <IconPlayerPlay size={15} /> : <IconPlayerPause size={15} />}
          onClick={() => setPaused(!paused)}
          data-testid="live-pause"
        >
          {paused ? "Go on" : "Pause"}
        </Button>
      </PageHead>
      <Filters filter={filter} events={events} shown={shown.length} />
      {first.isError && events.length === 0 ? (
        <Failure what="The stream cannot be shown" error={first.error} retry={() => void first.refetch()} />
      ) : first.isPending ? (
        <Skeleton height={360} radius="md" />
      ) : (
        <List shown={shown} any={events.length > 0} open={setOpen} />
      )}
      <EventDrawer event={open} close={() => setOpen(null)} />
    </>
  );
}

function List({ shown, any, open }: { shown: LiveEvent[]; any: boolean; open: (event: LiveEvent) => void }) {
  if (shown.length > 0) return <LiveRows events={shown} open={open} />;
  if (any)
    return (
      <Empty title="Nothing matches">
        None of the latest events fits these filters. New ones appear here.
      </Empty>
    );
  return (
    <Empty title="No event yet" line="sonder demo">
      Every event shows here the moment it is stored, with what it did: whom it belongs to, which traits it
      changed, which audiences it moved.
    </Empty>
  );
}

function Filters({ filter, events, shown }: { filter: Filter; events: LiveEvent[]; shown: number }) {
  const navigate = useNavigate({ from: "/live" });
  const set = (change: Filter) => void navigate({ search: { ...filter, ...change }, replace: true });
  const sources = useMemo(() => names(events, "source", filter.source), [events, filter.source]);
  const types = useMemo(() => names(events, "type", filter.type), [events, filter.type]);
  return (
    <div className={classes.filters}>
      <TextInput
        size="xs"
        className={classes.search}
        placeholder="Event, identifier or person"
        aria-label="Filter by event, identifier or person"
        value={filter.event ?? ""}
        onChange={(event) => set({ event: event.currentTarget.value })}
        {...{ [SEARCH]: "" }}
      />
      <Select
        size="xs"
        placeholder="Every source"
        aria-label="Filter by source"
        data={sources}
        value={filter.source ?? null}
        onChange={(source) => set({ source: source ?? undefined })}
        clearable
      />
      <Select
        size="xs"
        placeholder="Every type"
        aria-label="Filter by type"
        data={types}
        value={filter.type ?? null}
        onChange={(type) => set({ type: type ?? undefined })}
        clearable
      />
      <span className={classes.cap}>
        {shown < events.length && `${count(shown)} of `}the latest {count(events.length)} (at most {CAP} are
        kept here)
      </span>
    </div>
  );
}

function names(events: LiveEvent[], field: "source" | "type", also?: string): string[] {
  const found = new Set(events.map((event) => event[field]));
  if (also) found.add(also);
  return [...found].sort();
}

function saying(paused: boolean, state: string, aside: number): string {
  if (paused) return aside >= CAP ? `paused, ${CAP} or more are new` : `paused, ${count(aside)} new`;
  if (state === "open") return "live";
  return state === "lost" ? "no stream, trying again" : "connecting";
}
