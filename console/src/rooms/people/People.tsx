import { Button, Kbd, Loader, Skeleton, TextInput } from "@mantine/core";
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

/** Everyone, the most recently seen first, or whom the search finds. */
export function People() {
  const { query = "" } = useSearch({ from: "/people" });
  const [settled] = useDebouncedValue(query, TYPING_MS);
  const list = useInfiniteQuery(people(settled));
  const rows = list.data?.pages.flatMap((page) => page.data) ?? [];
  const total = list.data?.pages[0]?.total;
  return (
    <>
      <PageHead title="People" note={total !== undefined && many(total, "person in all", "people in all")} />
      <Search query={query} busy={list.isFetching && !list.isFetchingNextPage} />
      {list.isError ? (
        <Failure what="The people cannot be shown" error={list.error} retry={() => void list.refetch()} />
      ) : list.isPending ? (
        <Skeleton height={420} radius="md" />
      ) : rows.length === 0 ? (
        <Nobody query={settled} />
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
      mb="md"
      maw={520}
      placeholder="Name, e-mail, phone, device or any other identifier"
      aria-label="Search people"
      leftSection={<IconSearch size={16} />}
      rightSection={busy ? <Loader size={14} /> : <Kbd size="xs">/</Kbd>}
      value={query}
      onChange={(event) => void navigate({ search: { query: event.currentTarget.value }, replace: true })}
      data-testid="people-search"
      {...{ [SEARCH]: "" }}
    />
  );
}

function Nobody({ query }: { query: string }) {
  if (query) {
    return (
      <Empty title={`Nobody is found for “${query}”`}>
        The search looks at names and at every identifier. A whole identifier is written kind:value, for
        example email:ada@example.com.
      </Empty>
    );
  }
  return (
    <Empty title="Nobody is here yet" line="sonder demo">
      Every person and every anonymous device shows here with the first event, row or file that names them.
    </Empty>
  );
}
