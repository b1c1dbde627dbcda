import { expect, test } from "vitest";
import type { Graph } from "@/api/client";
import { rings } from "./rings";

function graph(edges: [string, string][], alone: string[] = []): Graph {
  const ids = [...new Set([...edges.flat(), ...alone])];
  return {
    nodes: ids.map((id) => ({ id, kind: "k", value: id, inside: true, profile: "P1" })),
    edges: edges.map(([a, b]) => ({ a, b, accepted: true, reason: "together", source: "s", time: "" })),
  };
}

test("everybody has a place, and no two share one", () => {
  const star = graph(
    Array.from({ length: 40 }, (_, n) => ["hub", `leaf${n}`]),
    ["alone"],
  );
  const places = [...rings(star).values()].map(({ x, y }) => `${x.toFixed(1)} ${y.toFixed(1)}`);
  expect(new Set(places).size).toBe(42);
});

test("the best linked one stands in the middle", () => {
  const places = rings(
    graph([
      ["a", "hub"],
      ["b", "hub"],
      ["c", "hub"],
    ]),
  );
  const far = ["a", "b", "c"].map((id) => {
    const [hub, leaf] = [places.get("hub"), places.get(id)];
    return hub && leaf && Math.round(Math.hypot(hub.x - leaf.x, hub.y - leaf.y));
  });
  expect(new Set(far).size).toBe(1);
});

test("loops, double links and links to nobody do no harm", () => {
  const odd = graph([
    ["a", "b"],
    ["b", "a"],
    ["b", "c"],
    ["c", "a"],
    ["a", "a"],
  ]);
  odd.edges.push({ a: "a", b: "nobody", accepted: false, reason: "", source: "", time: "" });
  expect([...rings(odd).keys()].sort()).toEqual(["a", "b", "c"]);
});
