import { Link } from "@tanstack/react-router";
import type { ProfileRow } from "@/api/client";
import { Ago } from "@/hall/Ago";
import { count } from "@/hall/format";
import { Known } from "@/hall/State";
import table from "@/hall/table.module.css";

export function PeopleTable({ rows, dim }: { rows: ProfileRow[]; dim: boolean }) {
  return (
    <table className={`${table.table} ${table.links}`} style={{ opacity: dim ? 0.55 : 1 }}>
      <thead>
        <tr>
          <th>Person</th>
          <th>Who</th>
          <th className={table.wide}>E-mail</th>
          <th className={`${table.num} ${table.wide}`}>Identifiers</th>
          <th className={table.num}>Last seen</th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={row.id} data-testid="person-row">
            <td className="clip" style={{ maxWidth: 260 }}>
              <Link className={table.cover} to="/people/$id" params={{ id: row.id }}>
                {row.label}
              </Link>
              <span className={`muted ${table.wide}`} style={{ marginLeft: 8, fontSize: 12 }}>
                {row.id}
              </span>
            </td>
            <td>
              <Known known={row.known} />
            </td>
            <td className={`${table.wide} muted`}>{row.email !== row.label && row.email}</td>
            <td className={`${table.num} ${table.wide}`}>{count(row.identifiers)}</td>
            <td className={`${table.num} muted`}>
              <Ago at={row.last_seen} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
