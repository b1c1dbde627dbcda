import { Skeleton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { GraphEdge } from "@/api/client";
import { graph } from "@/api/queries";
import { Empty } from "@/hall/Empty";
import { Failure } from "@/hall/Failure";
import { count, words } from "@/hall/format";
import { Panel } from "@/hall/Panel";
import { Edges } from "./Edges";
import { GraphView } from "./GraphView";
import classes from "./Identity.module.css";
import { colour } from "./kinds";
import { Sever } from "./Sever";

/** How it is known that these identifiers are one person. */
export default function Identity({ id }: { id: string }) {
  const found = useQuery(graph(id));
  const [edge, setEdge] = useState<GraphEdge | null>(null);
  const [severing, setSevering] = useState<GraphEdge | null>(null);
  if (found.isPending) return <Skeleton height={420} radius="md" />;
  if (found.isError) {
    return (
      <Failure what="The identity cannot be shown" error={found.error} retry={() => void found.refetch()} />
    );
  }
  const { nodes, edges } = found.data;
  if (nodes.length === 0) return <Empty title="No identifier">Nothing names this person any more.</Empty>;
  const inside = nodes.filter((node) => node.inside);
  const kinds = [...new Set(nodes.map((node) => node.kind))].sort();
  return (
    <div className={classes.grid}>
      <Panel title="Identifiers" note={count(inside.length)} flush>
        <ul className={classes.legend}>
          {kinds.map((kind) => (
            <li key={kind}>
              <span style={{ background: colour(kind) }} aria-hidden="true" />
              {words(kind)}
            </li>
          ))}
          <li>
            <i aria-hidden="true" /> refused
          </li>
        </ul>
        <GraphView graph={found.data} picked={edge} pick={setEdge} />
      </Panel>
      <Panel title="Evidence" note={`${count(edges.length)} links`} flush>
        <Edges graph={found.data} picked={edge} pick={setEdge} sever={setSevering} />
      </Panel>
      <Sever id={id} edge={severing} close={() => setSevering(null)} />
    </div>
  );
}
