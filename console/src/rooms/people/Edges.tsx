import { Button } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import type { Graph, GraphEdge, GraphNode } from "@/api/client";
import { Ago } from "@/hall/Ago";
import { identifier, words } from "@/hall/format";
import { Chip } from "@/hall/State";
import classes from "./Identity.module.css";
import { colour } from "./kinds";

interface EdgesProps {
  graph: Graph;
  picked: GraphEdge | null;
  pick: (edge: GraphEdge | null) => void;
  sever: (edge: GraphEdge) => void;
}

/** Every link of the graph in words; what the drawing shows can be read and done here too. */
export function Edges({ graph, picked, pick, sever }: EdgesProps) {
  const nodes = new Map(graph.nodes.map((node) => [node.id, node]));
  const sorted = [...graph.edges].sort((a, b) => Number(b.accepted) - Number(a.accepted));
  return (
    <ul className={classes.edges}>
      {sorted.map((edge) => {
        const on = edge === picked;
        return (
          <li key={keyOf(edge)} data-on={on} ref={on ? intoSight : undefined}>
            <button
              type="button"
              className={classes.edge}
              aria-expanded={on}
              onClick={() => pick(on ? null : edge)}
            >
              <End id={edge.a} />
              <End id={edge.b} />
              <p className={classes.about}>
                {edge.accepted ? (
                  words(edge.reason)
                ) : (
                  <>
                    <Chip tone="bad">refused</Chip> {words(edge.reason)}
                  </>
                )}{" "}
                · {edge.source} · <Ago at={edge.time} />
              </p>
            </button>
            {on && <Actions edge={edge} other={outside(edge, nodes)} sever={sever} />}
          </li>
        );
      })}
    </ul>
  );
}

function Actions({
  edge,
  other,
  sever,
}: {
  edge: GraphEdge;
  other?: GraphNode;
  sever: (edge: GraphEdge) => void;
}) {
  return (
    <div className={classes.more}>
      {edge.accepted && (
        <Button
          size="compact-xs"
          color="red"
          variant="light"
          onClick={() => sever(edge)}
          data-testid="never-link"
        >
          Never the same person
        </Button>
      )}
      {other && (
        <Link className="link" to="/people/$id" params={{ id: other.profile }} search={{ tab: "identity" }}>
          Go to {other.profile}
        </Link>
      )}
    </div>
  );
}

function End({ id }: { id: string }) {
  const { kind, value } = identifier(id);
  return (
    <span className={classes.end}>
      <span style={{ background: colour(kind) }} aria-hidden="true" />
      <span className="clip" title={id}>
        <span className="muted">{words(kind)}</span> <span className="mono">{value}</span>
      </span>
    </span>
  );
}

/** What is picked in the drawing is brought into sight in the list. */
function intoSight(row: HTMLLIElement | null): void {
  row?.scrollIntoView({ block: "nearest" });
}

export const keyOf = (edge: GraphEdge): string => `${edge.a}|${edge.b}|${edge.reason}|${edge.source}`;

function outside(edge: GraphEdge, nodes: Map<string, GraphNode>): GraphNode | undefined {
  return [edge.a, edge.b].map((id) => nodes.get(id)).find((node) => node && !node.inside);
}
