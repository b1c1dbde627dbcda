import type { DestinationRow } from "@/api/client";
import { count, words } from "@/hall/format";
import { Panel } from "@/hall/Panel";
import { State } from "@/hall/State";
import classes from "./Destinations.module.css";

/** Where audiences go, and what consent kept back. */
export function Destinations({ rows }: { rows: DestinationRow[] }) {
  return (
    <Panel title="Destinations" flush>
      {rows.length === 0 ? (
        <p className={classes.none}>
          No destination yet. A destination follows one audience and gets everyone who enters or leaves it, if
          they have consented.
        </p>
      ) : (
        <ul className={classes.list}>
          {rows.map((row) => (
            <li key={row.name}>
              <span className={classes.name}>{row.name}</span>
              <State state={row.state} />
              <span className={classes.way}>
                {row.kind} · {row.audience} · for {words(row.purpose)}
              </span>
              <Outcomes row={row} />
              {row.failure && (
                <span className={classes.failure}>the last call did not arrive: {row.failure}</span>
              )}
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}

function Outcomes({ row }: { row: DestinationRow }) {
  return (
    <span className={classes.outcomes}>
      <b>{count(row.delivered)}</b> delivered · <b>{count(row.blocked)}</b> blocked
      {row.waiting > 0 && (
        <>
          {" "}
          · <b>{count(row.waiting)}</b> waiting
        </>
      )}
      {row.dead > 0 && (
        <span className={classes.dead}>
          {" "}
          · <b>{count(row.dead)}</b> given up
        </span>
      )}
    </span>
  );
}
