import { infiniteQueryOptions, keepPreviousData, queryOptions } from "@tanstack/react-query";
import {
  type AudienceList,
  ask,
  type EventList,
  type Graph,
  type Home,
  type LiveList,
  type MemberList,
  type Metadata,
  type Preview,
  type ProfileAudienceList,
  type ProfileList,
  type TraitList,
  type Why,
  withQuery,
} from "./client";

/* Every question that the console asks, with its key in the cache. */

const PAGE = 50;
const MEMBERS_PAGE = 200;
const HOME_REFRESH_MS = 5_000;
const LISTS_REFRESH_MS = 15_000;

export const home = () =>
  queryOptions({
    queryKey: ["home"],
    queryFn: ({ signal }) => ask<Home>("/v1/home", { signal }),
    refetchInterval: HOME_REFRESH_MS,
  });

export const live = (limit: number) =>
  queryOptions({
    queryKey: ["live", limit],
    queryFn: ({ signal }) => ask<LiveList>(withQuery("/v1/live", { limit }), { signal }),
    staleTime: 0,
    gcTime: 0,
  });

/** `known` leaves out those of whom only devices are known; a search looks at everyone. */
export const people = (query: string, known: boolean) =>
  infiniteQueryOptions({
    queryKey: ["people", query, known],
    queryFn: ({ pageParam, signal }) => {
      const asked = { query, known: known && !query ? true : undefined, next: pageParam, limit: PAGE };
      return ask<ProfileList>(withQuery("/v1/profiles", asked), { signal });
    },
    initialPageParam: undefined as string | undefined,
    getNextPageParam: goesOn,
    placeholderData: keepPreviousData,
  });

export const metadata = (id: string) =>
  queryOptions({
    queryKey: ["person", id, "metadata"],
    queryFn: ({ signal }) => ask<Metadata>(`${profile(id)}/metadata`, { signal }),
  });

export const traits = (id: string) =>
  queryOptions({
    queryKey: ["person", id, "traits"],
    queryFn: ({ signal }) => ask<TraitList>(`${profile(id)}/traits?verbose=true`, { signal }),
  });

export const timeline = (id: string, source: string) =>
  infiniteQueryOptions({
    queryKey: ["person", id, "events", source],
    queryFn: ({ pageParam, signal }) =>
      ask<EventList>(withQuery(`${profile(id)}/events`, { limit: PAGE, next: pageParam, source }), {
        signal,
      }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: goesOn,
    placeholderData: keepPreviousData,
  });

export const graph = (id: string) =>
  queryOptions({
    queryKey: ["person", id, "graph"],
    queryFn: ({ signal }) => ask<Graph>(`${profile(id)}/graph`, { signal }),
  });

export const personAudiences = (id: string) =>
  queryOptions({
    queryKey: ["person", id, "audiences"],
    queryFn: ({ signal }) => ask<ProfileAudienceList>(`${profile(id)}/audiences`, { signal }),
  });

export const audiences = () =>
  queryOptions({
    queryKey: ["audiences"],
    queryFn: ({ signal }) => ask<AudienceList>("/v1/audiences", { signal }),
    refetchInterval: LISTS_REFRESH_MS,
  });

export const members = (audience: string) =>
  infiniteQueryOptions({
    queryKey: ["members", audience],
    queryFn: ({ pageParam, signal }) =>
      ask<MemberList>(
        withQuery(`${audiencePath(audience)}/members`, { next: pageParam, limit: MEMBERS_PAGE }),
        {
          signal,
        },
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: goesOn,
  });

export const why = (audience: string, id: string) =>
  queryOptions({
    queryKey: ["why", audience, id],
    queryFn: ({ signal }) => ask<Why>(`${audiencePath(audience)}/why/${encodeURIComponent(id)}`, { signal }),
  });

/** The exact size of a rule. The last answer stays on screen while the next is on its way. */
export const preview = (rule: string) =>
  queryOptions({
    queryKey: ["preview", rule],
    queryFn: ({ signal }) =>
      ask<Preview>("/v1/audiences/preview", { method: "POST", body: { rule }, signal }),
    enabled: rule.trim() !== "",
    placeholderData: keepPreviousData,
    staleTime: 0,
    retry: false,
  });

export const audiencePath = (name: string) => `/v1/audiences/${encodeURIComponent(name)}`;

const profile = (id: string) => `/v1/profiles/${encodeURIComponent(id)}`;

function goesOn(page: { cursor: { has_more: boolean; next?: string | null } }): string | undefined {
  return page.cursor.has_more ? (page.cursor.next ?? undefined) : undefined;
}
