import { Button, Group, Kbd, Loader, SegmentedControl, Skeleton, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { IconSearch } from "@tabler/icons-react";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { people } from "@/api/queries";
import { Empty } from "@/hall/Empty";
import { Failure } from "@/hall/Failure";
import { many } from "@/hall/format";
import { SEARCH } from "@/hall/hotkeys";
import { PageHead, Panel } from "@/hall/Panel";
import classes from "./People.module.css";
import { PeopleTable } from "./PeopleTable";

const TYPING_MS = 200;

type WhoIsShown = "known" | "everyone";

/** The people that are known, or everyone, the newest first; or whom the search finds. */
export function People() {
  const { query = "", who: asked } = useSearch({ from: "/people" });
  const who: WhoIsShown = asked === "everyone" ? "everyone" : "known";
  const [settled] = useDebouncedValue(query, TYPING_MS);
  const list = useInfiniteQuery(people(settled, who === "known"));
  const rows = list.data?.pages.flatMap((page) => page.data) ?? [];
  const total = list.data?.pages[0]?.total;
  return (
    <>
      <PageHead title="People" note={total !== undefined && inAll(total, who)} />
      <Group mb="md" gap="sm">
        <Search query={query} busy={list.isFetching && !list.isFetchingNextPage} />
        {query === "" && <Who who={who} />}
      </Group>
      {list.isError ? (
        <Failure what="The people cannot be shown" error={list.error} retry={() => void list.refetch()} />
      ) : list.isPending ? (
        <Skeleton height={420} radius="md" />
      ) : rows.length === 0 ? (
        <Nobody query={settled} who={who} />
      ) : (
        <Panel flush>
          <PeopleTable rows={rows} dim={list.isPlaceholderData} />
        </Panel>
      )}
      {list.data?.pages.some((page) => page.truncated) && (
        <p className={classes.cut}>More people are found than are shown: another word finds fewer.</p>
      )}
      {list.hasNextPage && (
        <Button
          variant="default"
          size="xs"
          mt="md"
          loading={list.isFetchingNextPage}
          onClick={() => void list.fetchNextPage()}
        >
          Show more
        </Button>
      )}
    </>
  );
}

function Search({ query, busy }: { query: string; busy: boolean }) {
  const navigate = useNavigate({ from: "/people" });
  return (
    <TextInput
      flex={1}
      maw={520}
      placeholder="Name, e-mail, phone, device or any other identifier"
      aria-label="Search people"
      leftSection={<IconSearch size={16} />}
      rightSection={busy ? <Loader size={14} /> : <Kbd size="xs">/</Kbd>}
      value={query}
      onChange={(event) =>
        void navigate({ search: (was) => ({ ...was, query: event.currentTarget.value }), replace: true })
      }
      data-testid="people-search"
      {...{ [SEARCH]: "" }}
    />
  );
}

/** Most profiles of a shop are devices that never signed in: they are a word away. */
function Who({ who }: { who: WhoIsShown }) {
  const navigate = useNavigate({ from: "/people" });
  return (
    <SegmentedControl
      size="xs"
      aria-label="Who is shown"
      value={who}
      onChange={(chosen) => void navigate({ search: { who: chosen as WhoIsShown }, replace: true })}
      data={[
        { value: "known", label: "Known people" },
        { value: "everyone", label: "Devices too" },
      ]}
    />
  );
}

const inAll = (total: number, who: WhoIsShown) =>
  who === "known"
    ? many(total, "known person", "known people")
    : many(total, "profile in all", "profiles in all");

function Nobody({ query, who }: { query: string; who: WhoIsShown }) {
  if (query) {
    return (
      <Empty title={`Nobody is found for “${query}”`}>
        The search looks at names and at every identifier. A whole identifier is written kind:value, for
        example email:ada@example.com.
      </Empty>
    );
  }
  return (
    <Empty title={who === "known" ? "Nobody is known yet" : "Nobody is here yet"} line="sonder demo">
      Every person shows here with the first event, row or file that names them; until then they are devices.
    </Empty>
  );
}
