import { Skeleton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import type { TraitRow } from "@/api/client";
import { traits } from "@/api/queries";
import { Ago } from "@/hall/Ago";
import { Empty } from "@/hall/Empty";
import { Failure } from "@/hall/Failure";
import { value } from "@/hall/format";
import { Panel } from "@/hall/Panel";
import { Chip } from "@/hall/State";
import table from "@/hall/table.module.css";

/** What is known, who says so, and what others said. */
export function Traits({ id }: { id: string }) {
  const list = useQuery(traits(id));
  if (list.isPending) return <Skeleton height={300} radius="md" />;
  if (list.isError) {
    return <Failure what="The traits cannot be shown" error={list.error} retry={() => void list.refetch()} />;
  }
  if (list.data.data.length === 0) {
    return (
      <Empty title="No trait is known">
        Traits come with identify calls and with the rows of imported files.
      </Empty>
    );
  }
  return (
    <Panel flush>
      <table className={table.table}>
        <thead>
          <tr>
            <th>Trait</th>
            <th>Value</th>
            <th>Source</th>
            <th className={table.wide}>Said by</th>
            <th className={table.num}>When</th>
          </tr>
        </thead>
        <tbody>
          {list.data.data.map((row) => (
            <Row key={row.name} row={row} />
          ))}
        </tbody>
      </table>
    </Panel>
  );
}

function Row({ row }: { row: TraitRow }) {
  return (
    <tr>
      <td className="muted">{row.name}</td>
      <td style={{ overflowWrap: "anywhere" }}>
        <span style={{ fontWeight: 540 }}>{value(row.value)}</span>
        <Others others={row.others ?? []} />
      </td>
      <td>
        <Chip>{row.source}</Chip>
      </td>
      <td className={`${table.wide} mono`} style={{ overflowWrap: "anywhere" }}>
        {row.identifier}
      </td>
      <td className={`${table.num} muted`}>
        <Ago at={row.time} />
      </td>
    </tr>
  );
}

/** Values that lost to a later one. */
function Others({ others }: { others: unknown[] }) {
  if (others.length === 0) return null;
  return (
    <div className="muted" style={{ fontSize: 12.5 }}>
      earlier:{" "}
      {others.map((other, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the same value may have lost twice
        <span key={index}>
          {index > 0 && ", "}
          <s>{value(other)}</s>
        </span>
      ))}
    </div>
  );
}
