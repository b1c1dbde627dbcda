import { useComputedColorScheme } from "@mantine/core";
import cytoscape, { type Core, type ElementDefinition, type StylesheetJson } from "cytoscape";
import { useEffect, useRef } from "react";
import type { Graph, GraphEdge, GraphNode } from "@/api/client";
import { words } from "@/hall/format";
import { keyOf } from "./Edges";
import classes from "./Identity.module.css";
import { colour } from "./kinds";
import { rings } from "./rings";

interface GraphViewProps {
  graph: Graph;
  picked: GraphEdge | null;
  pick: (edge: GraphEdge | null) => void;
}

const FONT_PX = 11;
/** How many letters of a value are drawn; fewer where it is crowded. All of it is told in the list and on hover. */
const LETTERS = { roomy: 20, crowded: 12 };
const CROWD = 9;
const NARROW_PX = 480;

/** The identifiers and the links between them, drawn. The same is told in words beside it. */
export function GraphView({ graph, picked, pick }: GraphViewProps) {
  const box = useRef<HTMLDivElement>(null);
  const drawing = useRef<Core>(null);
  const scheme = useComputedColorScheme("light", { getInitialValueInEffect: false });

  // biome-ignore lint/correctness/useExhaustiveDependencies: the colours are read again when the scheme changes
  useEffect(() => {
    if (!box.current) return;
    const core = draw(box.current, graph);
    core.on("tap mouseover", "edge", (event) => pick(event.target.data("edge") as GraphEdge));
    core.on("tap", (event) => {
      if (event.target === core) pick(null);
    });
    core.on("mouseover mouseout", "node", (event) => {
      event.target.toggleClass("told", event.type === "mouseover");
    });
    drawing.current = core;
    return () => core.destroy();
  }, [graph, pick, scheme]);

  useEffect(() => {
    drawing.current?.edges().forEach((edge) => {
      edge.toggleClass("picked", picked !== null && edge.id() === keyOf(picked));
    });
  }, [picked]);

  const inside = graph.nodes.filter((node) => node.inside).length;
  return (
    <div
      ref={box}
      className={classes.canvas}
      role="img"
      aria-label={`A graph of ${inside} identifiers and ${graph.edges.length} links; the list tells the same in words`}
    />
  );
}

function draw(container: HTMLElement, graph: Graph): Core {
  const core = cytoscape({
    container,
    elements: elements(graph, container),
    style: styles(container),
    minZoom: 0.25,
    maxZoom: 2,
    userZoomingEnabled: false,
    layout: { name: "preset" },
  });
  core.fit(undefined, 24);
  if (core.zoom() > 1.1) core.zoom(1.1);
  core.center();
  /* Letters keep their size however small the drawing must be. */
  const scale = 1 / Math.min(1, core.zoom());
  core.nodes().style({ "font-size": FONT_PX * Math.min(scale, 2), width: 20 * scale, height: 20 * scale });
  return core;
}

function elements(graph: Graph, { clientWidth, clientHeight }: HTMLElement): ElementDefinition[] {
  const aspect = clientWidth / clientHeight;
  const crowded = graph.nodes.length > CROWD || clientWidth < NARROW_PX;
  const letters = crowded ? LETTERS.crowded : LETTERS.roomy;
  const places = rings(graph, Math.min(1.5, Math.max(0.75, aspect)));
  const known = new Set(graph.nodes.map((node) => node.id));
  const nodes = graph.nodes.map((node) => ({
    data: {
      id: node.id,
      label: labelOf(node, letters),
      full: labelOf(node, Number.POSITIVE_INFINITY),
      colour: colour(node.kind),
    },
    classes: node.inside ? "" : "outside",
    position: places.get(node.id),
  }));
  const edges = graph.edges
    .filter((edge) => known.has(edge.a) && known.has(edge.b))
    .map((edge) => ({
      data: { id: keyOf(edge), source: edge.a, target: edge.b, edge },
      classes: edge.accepted ? "" : "refused",
    }));
  return [...nodes, ...edges];
}

function styles(container: HTMLElement): StylesheetJson {
  const css = getComputedStyle(container);
  const ink = css.getPropertyValue("--ink");
  const ground = css.getPropertyValue("--sheet-2");
  return [
    {
      selector: "node",
      style: {
        width: 22,
        height: 22,
        "background-color": "data(colour)",
        "border-width": 3,
        "border-color": ground,
        label: "data(label)",
        "text-wrap": "wrap",
        "text-valign": "bottom",
        "text-margin-y": 4,
        "font-size": FONT_PX,
        "line-height": 1.25,
        "font-family": css.fontFamily,
        color: ink,
        "text-outline-color": ground,
        "text-outline-width": 2,
      },
    },
    { selector: "node.told", style: { label: "data(full)", "z-index": 2 } },
    {
      selector: "node.outside",
      style: { "background-opacity": 0.35, color: css.getPropertyValue("--ink-2") },
    },
    {
      selector: "edge",
      style: {
        width: 1.8,
        "line-color": css.getPropertyValue("--ink-2"),
        "curve-style": "bezier",
        opacity: 0.55,
      },
    },
    {
      selector: "edge.refused",
      style: { "line-style": "dashed", "line-color": css.getPropertyValue("--bad"), opacity: 0.9 },
    },
    {
      selector: "edge.picked",
      style: { width: 4, "line-color": css.getPropertyValue("--dusk"), opacity: 1 },
    },
  ];
}

function labelOf(node: GraphNode, letters: number): string {
  const lines = [words(node.kind), shorten(node.value, letters)];
  return (node.inside ? lines : [...lines, `(${node.profile})`]).join("\n");
}

function shorten(text: string, letters: number): string {
  if (text.length <= letters) return text;
  const tail = Math.floor(letters / 3);
  return `${text.slice(0, letters - tail - 1)}…${text.slice(-tail)}`;
}
