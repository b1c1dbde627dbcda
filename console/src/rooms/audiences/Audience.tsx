import { Skeleton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { useState } from "react";
import type { AudienceRow } from "@/api/client";
import { audiences } from "@/api/queries";
import { Ago } from "@/hall/Ago";
import { Copy } from "@/hall/Copy";
import { Empty } from "@/hall/Empty";
import { Failure } from "@/hall/Failure";
import { many, percent } from "@/hall/format";
import { Json } from "@/hall/Json";
import { PageHead, Panel } from "@/hall/Panel";
import { Chip } from "@/hall/State";
import classes from "./Audience.module.css";
import { Members } from "./Members";
import { Remove } from "./Remove";

/** One audience: its rule, and who is in it. */
export function Audience() {
  const { name } = useParams({ from: "/audiences/$name" });
  const list = useQuery(audiences());
  if (list.isError) {
    return (
      <Failure what="This audience cannot be shown" error={list.error} retry={() => void list.refetch()} />
    );
  }
  if (!list.data) return <Skeleton height={420} radius="md" />;
  const row = list.data.data.find((one) => one.name === name);
  if (!row) {
    return (
      <Empty
        title={`No audience is called ${name}`}
        action={
          <Link className="link" to="/audiences">
            All audiences
          </Link>
        }
      />
    );
  }
  return (
    <>
      <nav aria-label="Way back" className={classes.back}>
        <Link to="/audiences">Audiences</Link> /
      </nav>
      <PageHead title={row.name} note={<Note row={row} />}>
        <Remove row={row} />
      </PageHead>
      {row.description && <p className={classes.description}>{row.description}</p>}
      <div className={classes.grid}>
        <Members audience={row.name} />
        <Definition row={row} />
      </div>
    </>
  );
}

function Note({ row }: { row: AudienceRow }) {
  return (
    <>
      {many(row.size, "person", "people")} · {percent(row.share)} of all · made <Ago at={row.created_at} />
    </>
  );
}

function Definition({ row }: { row: AudienceRow }) {
  const [json, setJson] = useState(false);
  return (
    <div className={classes.column}>
      <Panel
        title="Rule"
        action={
          <button type="button" className="as-link" style={{ fontSize: 12.5 }} onClick={() => setJson(!json)}>
            {json ? "As text" : "As JSON"}
          </button>
        }
      >
        {json ? <Json value={row.rule_json} /> : <pre className={classes.rule}>{row.rule}</pre>}
        {!json && <Copy text={row.rule} label="copy the rule" />}
      </Panel>
      <Panel title="Goes to">
        {row.destinations.length === 0 ? (
          <span className="muted">Nowhere yet: no destination follows this audience.</span>
        ) : (
          <span className={classes.chips}>
            {row.destinations.map((name) => (
              <Chip key={name} tone="tide">
                {name}
              </Chip>
            ))}
          </span>
        )}
      </Panel>
    </div>
  );
}
