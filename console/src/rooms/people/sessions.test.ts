import { expect, test } from "vitest";
import type { EventRow } from "@/api/client";
import { byDay } from "./sessions";

/** What `byDay` makes of events at these times, as `day: size size …`. */
function shape(times: string[], timeZone: string): string[] {
  const events = times.map((time, seq) => ({ seq, time }) as EventRow);
  return byDay(events, timeZone).map(
    (day) => `${day.date}: ${day.sessions.map((session) => session.events.length).join(" ")}`,
  );
}

test("a silence of more than half an hour ends a visit", () => {
  const times = ["2026-11-24T12:00:00Z", "2026-11-24T11:30:00Z", "2026-11-24T10:59:59Z"];
  expect(shape(times, "UTC")).toEqual(["2026-11-24: 2 1"]);
});

test("the silence counts from the event before, not from the first", () => {
  const times = [
    "2026-11-24T12:00:00Z",
    "2026-11-24T11:40:00Z",
    "2026-11-24T11:20:00Z",
    "2026-11-24T11:00:00Z",
  ];
  expect(shape(times, "UTC")).toEqual(["2026-11-24: 4"]);
});

test("days are those of the reader's time zone", () => {
  const times = ["2026-11-24T00:10:00Z", "2026-11-23T23:55:00Z"];
  expect(shape(times, "UTC")).toEqual(["2026-11-24: 1", "2026-11-23: 1"]);
  expect(shape(times, "Europe/Berlin")).toEqual(["2026-11-24: 2"]);
});

test("nothing makes no day", () => {
  expect(byDay([])).toEqual([]);
});

test("a visit knows when it began and ended", () => {
  const times = ["2026-11-24T12:00:00Z", "2026-11-24T11:45:00Z"];
  const [day] = byDay(
    times.map((time, seq) => ({ seq, time }) as EventRow),
    "UTC",
  );
  expect(day?.sessions[0]).toMatchObject({ start: times[1], end: times[0] });
});
