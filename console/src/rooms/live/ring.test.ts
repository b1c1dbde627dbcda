import { expect, test } from "vitest";
import type { LiveEvent } from "@/api/client";
import { bestName, weighty } from "./brief";
import { CAP, keep, matches } from "./ring";

const event = (seq: number, rest: Partial<LiveEvent> = {}): LiveEvent => ({
  seq,
  message_id: `m${seq}`,
  type: "track",
  event: "Order Completed",
  source: "web",
  time: "2026-11-24T12:00:00Z",
  received_at: "2026-11-24T12:00:00Z",
  profile: "P17",
  identifiers: ["anonymous_id:a-1", "email:ada@example.com"],
  effects: [],
  body: {},
  ...rest,
});

test("events stand newest first, each once", () => {
  const shown = keep([event(3), event(1)], [event(2), event(3), event(2)]);
  expect(shown.map((one) => one.seq)).toEqual([3, 2, 1]);
});

test("nothing new leaves the list itself", () => {
  const shown = [event(1)];
  expect(keep(shown, [event(1)])).toBe(shown);
});

test("older events fall out over the cap", () => {
  const shown = keep(
    [event(0)],
    Array.from({ length: CAP + 5 }, (_, n) => event(n + 1)),
  );
  expect([shown.length, shown[0]?.seq, shown.at(-1)?.seq]).toEqual([CAP, CAP + 5, 6]);
});

test.each([
  [{}, true],
  [{ source: "web" }, true],
  [{ source: "app" }, false],
  [{ type: "page" }, false],
  [{ event: "order" }, true],
  [{ event: "ADA@" }, true],
  [{ event: "P17" }, true],
  [{ event: "refund" }, false],
  [{ event: "order", source: "app" }, false],
])("the filter %o says %s", (filter, wanted) => {
  expect(matches(event(1), filter)).toBe(wanted);
});

test("a line names the most telling identifier and the furthest effect", () => {
  expect(bestName(event(1))).toBe("ada@example.com");
  expect(bestName(event(1, { identifiers: [] }))).toBe("P17");
  const effects = ["profiles", "identity", "audiences"].map((room) => ({ room, text: room }));
  expect(weighty(effects).map((effect) => effect.room)).toEqual(["audiences", "identity", "profiles"]);
});
