import { Skeleton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import type { ProfileAudienceList } from "@/api/client";
import { personAudiences } from "@/api/queries";
import { Ago } from "@/hall/Ago";
import { Empty } from "@/hall/Empty";
import { Failure } from "@/hall/Failure";
import { Panel } from "@/hall/Panel";
import { WhyTree } from "@/hall/WhyTree";
import classes from "./PersonAudiences.module.css";

/** The audiences that a person is in, since when and why. */
export function PersonAudiences({ id }: { id: string }) {
  const list = useQuery(personAudiences(id));
  if (list.isPending) return <Skeleton height={200} radius="md" />;
  if (list.isError) {
    return (
      <Failure what="The audiences cannot be shown" error={list.error} retry={() => void list.refetch()} />
    );
  }
  if (list.data.data.length === 0) {
    return (
      <Empty
        title="In no audience"
        action={
          <Link className="link" to="/audiences">
            All audiences
          </Link>
        }
      >
        This person fits none of the rules now. An audience's page can say why not.
      </Empty>
    );
  }
  return (
    <Panel flush>
      {list.data.data.map((row) => (
        <Row key={row.audience} id={id} row={row} />
      ))}
    </Panel>
  );
}

function Row({ id, row }: { id: string; row: ProfileAudienceList["data"][number] }) {
  const [open, setOpen] = useState(false);
  return (
    <div className={classes.row}>
      <div className={classes.line}>
        <Link className={classes.name} to="/audiences/$name" params={{ name: row.audience }}>
          {row.audience}
        </Link>
        <span className="muted">
          since <Ago at={row.since} />
        </span>
        <button type="button" className="as-link" aria-expanded={open} onClick={() => setOpen(!open)}>
          {open ? "Hide why" : "Why?"}
        </button>
      </div>
      {open && <WhyTree audience={row.audience} id={id} />}
    </div>
  );
}
