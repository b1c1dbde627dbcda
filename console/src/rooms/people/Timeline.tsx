import { Button, Select, Skeleton } from "@mantine/core";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useMemo } from "react";
import { home, timeline } from "@/api/queries";
import { useNow } from "@/hall/Ago";
import { Empty } from "@/hall/Empty";
import { Failure } from "@/hall/Failure";
import { clockMinute, many, span } from "@/hall/format";
import { byDay, type Day, type Session } from "./sessions";
import classes from "./Timeline.module.css";
import { TimelineRow } from "./TimelineRow";

/** What happened, newest first, by day and visit. */
export function Timeline({ id }: { id: string }) {
  const { source = "" } = useSearch({ from: "/people/$id" });
  const list = useInfiniteQuery(timeline(id, source));
  const events = useMemo(() => list.data?.pages.flatMap((page) => page.data) ?? [], [list.data]);
  const days = useMemo(() => byDay(events), [events]);
  if (list.isPending) return <Skeleton height={360} radius="md" />;
  if (list.isError) {
    return (
      <Failure what="The timeline cannot be shown" error={list.error} retry={() => void list.refetch()} />
    );
  }
  return (
    <>
      <SourceFilter source={source} seen={events.map((event) => event.source)} />
      {days.length === 0 && (
        <Empty title={source ? `No event from ${source}` : "No event yet"}>
          What this person does on the web, in the app and at the till shows here. Rows of files are not
          events; they show as traits.
        </Empty>
      )}
      {days.map((day) => (
        <DayPart key={day.date} day={day} />
      ))}
      {list.hasNextPage && (
        <Button
          variant="default"
          size="xs"
          loading={list.isFetchingNextPage}
          onClick={() => void list.fetchNextPage()}
          data-testid="timeline-more"
        >
          Show earlier events
        </Button>
      )}
    </>
  );
}

function SourceFilter({ source, seen }: { source: string; seen: string[] }) {
  const navigate = useNavigate({ from: "/people/$id" });
  const { data } = useQuery(home());
  const names = new Set([...(data?.sources.map((row) => row.name) ?? []), ...seen]);
  if (source) names.add(source);
  return (
    <Select
      size="xs"
      w={170}
      mb="sm"
      placeholder="Every source"
      aria-label="Filter by source"
      data={[...names].sort()}
      value={source || null}
      onChange={(to) =>
        void navigate({ search: (now) => ({ ...now, source: to ?? undefined }), replace: true })
      }
      clearable
    />
  );
}

function DayPart({ day }: { day: Day }) {
  return (
    <section className={classes.day}>
      <h2 className={classes.date}>{useDayName(day.date)}</h2>
      <div className={classes.sessions}>
        {day.sessions.map((session) => (
          <SessionPart key={session.events[0]?.seq} session={session} />
        ))}
      </div>
    </section>
  );
}

function SessionPart({ session }: { session: Session }) {
  const lasted = Date.parse(session.end) - Date.parse(session.start);
  return (
    <div className={classes.session}>
      {session.events.length > 1 && (
        <p className={classes.about}>
          {clockMinute(session.start)} – {clockMinute(session.end)} ·{" "}
          {many(session.events.length, "event", "events")}
          {lasted >= 60_000 && ` in ${span(lasted)}`}
        </p>
      )}
      {session.events.map((event) => (
        <TimelineRow key={event.seq} event={event} />
      ))}
    </div>
  );
}

function useDayName(date: string): string {
  const now = new Date(useNow());
  const noon = new Date(`${date}T12:00:00`);
  const days = Math.round((new Date(now).setHours(12, 0, 0, 0) - noon.getTime()) / 86_400_000);
  if (days === 0) return "Today";
  if (days === 1) return "Yesterday";
  const year = noon.getFullYear() === now.getFullYear() ? undefined : "numeric";
  return noon.toLocaleDateString("en-GB", { weekday: "short", day: "numeric", month: "short", year });
}
