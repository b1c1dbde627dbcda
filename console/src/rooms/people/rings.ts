import type { Graph } from "@/api/client";

export interface Place {
  x: number;
  y: number;
}

/** Room for a label between neighbours on a ring, and between rings. */
const APART = 110;
const RING = 115;
/** So many on one identifier stand in two rows. */
const CROWD = 5;
const STAGGER = 0.4;

interface Branch {
  id: string;
  children: Branch[];
  /** How many ends hang on it; the room that it gets on its ring. */
  ends: number;
  /** How many rings it reaches outwards, itself included. */
  depth: number;
}

/**
 * Where the identifiers stand: the one with the most links in the middle, the others on rings by how many links they are
 * away, each in the direction of the one that it hangs on. `stretch` is width by height. The same graph is always drawn
 * the same way.
 */
export function rings(graph: Graph, stretch = 1): Map<string, Place> {
  const near = neighbours(graph);
  const places = new Map<string, Place>();
  let shift = 0;
  for (const middle of middles(graph, near)) {
    const tree = branch(middle, near, new Set());
    const step = Math.max(RING, (tree.ends * APART) / (2 * Math.PI * Math.max(1, tree.depth - 1)));
    const radius = (tree.depth - 1) * step * stretch;
    place(tree, { x: shift + radius, y: 0, step, stretch }, 0, -Math.PI / 2, 1.5 * Math.PI, places);
    shift += 2 * radius + 2 * APART;
  }
  return places;
}

interface Around {
  x: number;
  y: number;
  step: number;
  stretch: number;
}

function place(
  of: Branch,
  around: Around,
  ring: number,
  from: number,
  to: number,
  places: Map<string, Place>,
): void {
  const many = of.children.length > CROWD;
  const turn = (from + to) / 2;
  const radius = ring * around.step;
  places.set(of.id, {
    x: around.x + radius * around.stretch * Math.cos(turn),
    y: around.y + radius * Math.sin(turn),
  });
  let start = from;
  of.children.forEach((child, index) => {
    const end = start + ((to - from) * child.ends) / of.ends;
    place(child, around, ring + (many && index % 2 ? 1 + STAGGER : 1), start, end, places);
    start = end;
  });
}

/** The tree of shortest ways from an identifier, breadth first. */
function branch(root: string, near: Map<string, string[]>, seen: Set<string>): Branch {
  const tree: Branch = { id: root, children: [], ends: 1, depth: 1 };
  seen.add(root);
  const walked = [tree];
  for (const parent of walked) {
    for (const id of near.get(parent.id) ?? []) {
      if (seen.has(id)) continue;
      seen.add(id);
      const child: Branch = { id, children: [], ends: 1, depth: 1 };
      parent.children.push(child);
      walked.push(child);
    }
  }
  for (const one of walked.reverse()) measure(one);
  return tree;
}

function measure(one: Branch): void {
  if (one.children.length === 0) return;
  one.ends = one.children.reduce((sum, child) => sum + child.ends, 0);
  one.depth = 1 + Math.max(...one.children.map((child) => child.depth));
}

/** The best linked identifier of each part of the graph; ties go to the first. */
function middles(graph: Graph, near: Map<string, string[]>): string[] {
  const seen = new Set<string>();
  const degree = (id: string) => near.get(id)?.length ?? 0;
  const sorted = [...graph.nodes].sort((a, b) => degree(b.id) - degree(a.id));
  return sorted.filter(({ id }) => !seen.has(id) && branch(id, near, seen)).map(({ id }) => id);
}

function neighbours(graph: Graph): Map<string, string[]> {
  const near = new Map<string, string[]>(graph.nodes.map((node) => [node.id, []]));
  for (const { a, b } of graph.edges) {
    if (a === b || !near.has(a) || !near.has(b)) continue;
    near.get(a)?.push(b);
    near.get(b)?.push(a);
  }
  return near;
}
