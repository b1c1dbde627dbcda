import { Link } from "@tanstack/react-router";
import type { AudienceRow } from "@/api/client";
import { count } from "@/hall/format";
import { ShareBar } from "@/hall/ShareBar";
import { Chip } from "@/hall/State";
import table from "@/hall/table.module.css";

export function AudienceTable({ rows }: { rows: AudienceRow[] }) {
  return (
    <table className={`${table.table} ${table.links}`}>
      <thead>
        <tr>
          <th>Audience</th>
          <th className={table.wide}>Rule</th>
          <th className={table.num}>People</th>
          <th style={{ width: "16%" }}>Share</th>
          <th className={table.wide}>Goes to</th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={row.name} data-testid="audience-row">
            <td>
              <Link className={table.cover} to="/audiences/$name" params={{ name: row.name }}>
                {row.name}
              </Link>
              <div className="muted" style={{ fontSize: 12.5 }}>
                {row.description}
              </div>
            </td>
            <td className={`${table.wide} mono muted`} style={{ maxWidth: 380, overflowWrap: "anywhere" }}>
              {row.rule}
            </td>
            <td className={table.num}>{count(row.size)}</td>
            <td>
              <ShareBar share={row.share} />
            </td>
            <td className={table.wide}>
              {row.destinations.length === 0 && <span className="muted">nowhere yet</span>}
              {row.destinations.map((name) => (
                <Chip key={name}>{name}</Chip>
              ))}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
