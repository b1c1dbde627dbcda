import { Button } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { lazy, Suspense, useState } from "react";
import type { SourceRow } from "@/api/client";
import { Ago } from "@/hall/Ago";
import { count } from "@/hall/format";
import { Panel } from "@/hall/Panel";
import { State } from "@/hall/State";
import table from "@/hall/table.module.css";

const NewSource = lazy(() => import("./NewSource"));

/** Where facts come from, and how each source fares. */
export function Sources({ rows }: { rows: SourceRow[] }) {
  const [adding, setAdding] = useState(false);
  return (
    <Panel
      title="Sources"
      flush
      action={
        <Button
          size="compact-xs"
          variant="subtle"
          leftSection={<IconPlus size={14} />}
          onClick={() => setAdding(true)}
        >
          New source
        </Button>
      }
    >
      {rows.length === 0 ? <None /> : <SourceTable rows={rows} />}
      <Suspense>{adding && <NewSource close={() => setAdding(false)} />}</Suspense>
    </Panel>
  );
}

function SourceTable({ rows }: { rows: SourceRow[] }) {
  return (
    <table className={`${table.table} ${table.links}`}>
      <thead>
        <tr>
          <th>Name</th>
          <th>State</th>
          <th className={table.num}>Facts</th>
          <th className={`${table.num} ${table.wide}`}>Refused</th>
          <th className={`${table.num} ${table.wide}`}>Repeated</th>
          <th className={table.num}>Last seen</th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={row.name}>
            <td>
              <Link
                className={table.cover}
                to="/live"
                search={{ source: row.name }}
                title={`What ${row.name} sends now`}
              >
                {row.name}
              </Link>
            </td>
            <td>
              <State state={row.state} />
            </td>
            <td className={table.num}>{count(row.facts)}</td>
            <td className={`${table.num} ${table.wide}`}>
              <Rare n={row.refused} bad />
            </td>
            <td className={`${table.num} ${table.wide}`}>
              <Rare n={row.repeated} />
            </td>
            <td className={`${table.num} muted`}>
              <Ago at={row.last_seen} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** Nothing is quiet; something, if it is bad, is not. */
function Rare({ n, bad }: { n: number; bad?: boolean }) {
  if (n === 0) return <span className="muted">0</span>;
  return <span style={bad ? { color: "var(--bad)", fontWeight: 560 } : undefined}>{count(n)}</span>;
}

function None() {
  return (
    <p className="muted" style={{ margin: 0, padding: "4px 16px 16px", fontSize: 13 }}>
      No source yet. A source is a website, an app or a file that sends facts; each has its own write key.
    </p>
  );
}
