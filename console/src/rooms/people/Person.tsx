import { Skeleton, Tabs } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { lazy, Suspense } from "react";
import { ApiError } from "@/api/client";
import { metadata } from "@/api/queries";
import { Empty } from "@/hall/Empty";
import { Failure } from "@/hall/Failure";
import { PersonAudiences } from "./PersonAudiences";
import { PersonHead } from "./PersonHead";
import { Timeline } from "./Timeline";
import { Traits } from "./Traits";

/* The drawing of graphs is heavy and comes only with its tab. */
const Identity = lazy(() => import("./Identity"));

const TABS = [
  { value: "timeline", name: "Timeline", Body: Timeline },
  { value: "traits", name: "Traits", Body: Traits },
  { value: "identity", name: "Identity", Body: Identity },
  { value: "audiences", name: "Audiences", Body: PersonAudiences },
];

/** One person: who it is, what happened, what is known, how it is known. */
export function Person() {
  const { id } = useParams({ from: "/people/$id" });
  const { tab = "timeline" } = useSearch({ from: "/people/$id" });
  const navigate = useNavigate({ from: "/people/$id" });
  const person = useQuery(metadata(id));
  if (person.isError) return <Missing id={id} error={person.error} retry={() => void person.refetch()} />;
  return (
    <>
      {person.data ? (
        <PersonHead person={person.data} asked={id} />
      ) : (
        <Skeleton height={120} radius="md" mb="md" />
      )}
      <Tabs
        value={tab}
        onChange={(to) =>
          void navigate({ search: { tab: to === "timeline" || !to ? undefined : to }, replace: true })
        }
        keepMounted={false}
      >
        <Tabs.List mb="md">
          {TABS.map(({ value, name }) => (
            <Tabs.Tab key={value} value={value} data-testid={`tab-${value}`}>
              {name}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        {TABS.map(({ value, Body }) => (
          <Tabs.Panel key={value} value={value}>
            <Suspense fallback={<Skeleton height={360} radius="md" />}>
              <Body id={id} />
            </Suspense>
          </Tabs.Panel>
        ))}
      </Tabs>
    </>
  );
}

function Missing({ id, error, retry }: { id: string; error: Error; retry: () => void }) {
  if (!(error instanceof ApiError) || error.status !== 404) {
    return <Failure what="This person cannot be shown" error={error} retry={retry} />;
  }
  return (
    <Empty
      title={`Nobody is known as ${id}`}
      action={
        <Link className="link" to="/people" search={{ query: id }}>
          Search for it
        </Link>
      }
    >
      The identifier has never been seen, or its facts have been erased.
    </Empty>
  );
}
