import { Button, Skeleton } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { lazy, Suspense } from "react";
import { audiences } from "@/api/queries";
import { Empty } from "@/hall/Empty";
import { Failure } from "@/hall/Failure";
import { count } from "@/hall/format";
import { PageHead, Panel } from "@/hall/Panel";
import { AudienceTable } from "./AudienceTable";

const Editor = lazy(() => import("./Editor"));

/** Every audience, and the desk where a new one is written. */
export function Audiences() {
  const { new: writing } = useSearch({ from: "/audiences" });
  const navigate = useNavigate({ from: "/audiences" });
  const list = useQuery(audiences());
  const rows = list.data?.data;
  const write = (on: boolean) => void navigate({ search: { new: on ? "1" : undefined } });
  const button = (
    <Button
      size="xs"
      leftSection={<IconPlus size={15} />}
      onClick={() => write(true)}
      data-testid="audience-new"
    >
      New audience
    </Button>
  );
  return (
    <>
      <PageHead title="Audiences" note={rows && rows.length > 0 && count(rows.length)}>
        {!writing && rows?.length !== 0 && button}
      </PageHead>
      {writing && (
        <div style={{ marginBottom: 14 }}>
          <Suspense fallback={<Skeleton height={300} radius="md" />}>
            <Editor close={() => write(false)} />
          </Suspense>
        </div>
      )}
      {list.isError ? (
        <Failure what="The audiences cannot be shown" error={list.error} retry={() => void list.refetch()} />
      ) : !rows ? (
        <Skeleton height={300} radius="md" />
      ) : rows.length > 0 ? (
        <Panel flush>
          <AudienceTable rows={rows} />
        </Panel>
      ) : (
        !writing && (
          <Empty title="No audience yet" action={button}>
            An audience is a rule in words, such as “bought twice in the last 90 days”. People enter and leave
            it by themselves, at the right second, and every destination that follows it is told.
          </Empty>
        )
      )}
    </>
  );
}
