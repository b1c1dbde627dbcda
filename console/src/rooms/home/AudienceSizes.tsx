import { Skeleton } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import type { AudienceRow } from "@/api/client";
import { Failure } from "@/hall/Failure";
import { count } from "@/hall/format";
import { Panel } from "@/hall/Panel";
import { ShareBar } from "@/hall/ShareBar";
import table from "@/hall/table.module.css";

/** The audiences by size, largest first. */
export function AudienceSizes({ rows, error }: { rows: AudienceRow[] | undefined; error: unknown }) {
  return (
    <Panel title="Audiences" note={rows && rows.length > 0 ? count(rows.length) : undefined} flush>
      {error ? <Failure what="The audiences cannot be shown" error={error} /> : <Body rows={rows} />}
    </Panel>
  );
}

function Body({ rows }: { rows: AudienceRow[] | undefined }) {
  if (!rows) return <Skeleton height={120} m="md" />;
  if (rows.length === 0) {
    return (
      <p className="muted" style={{ margin: 0, padding: "4px 16px 16px", fontSize: 13 }}>
        No audience yet.{" "}
        <Link className="link" to="/audiences" search={{ new: "1" }}>
          Write the first rule
        </Link>
      </p>
    );
  }
  const sorted = [...rows].sort((a, b) => b.size - a.size);
  return (
    <table className={`${table.table} ${table.links}`}>
      <tbody>
        {sorted.map((row) => (
          <tr key={row.name}>
            <td>
              <Link
                className={table.cover}
                to="/audiences/$name"
                params={{ name: row.name }}
                title={row.description}
              >
                {row.name}
              </Link>
            </td>
            <td className={table.num}>{count(row.size)}</td>
            <td style={{ width: "45%" }}>
              <ShareBar share={row.share} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
