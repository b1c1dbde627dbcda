import { createRootRoute, createRoute, createRouter, lazyRouteComponent } from "@tanstack/react-router";
import { Empty } from "@/hall/Empty";
import { Shell } from "@/hall/Shell";
import { Home } from "@/rooms/home/Home";

/* One route per noun of the API. What can be filtered is filtered in the address. */

const root = createRootRoute({
  component: Shell,
  notFoundComponent: () => <Empty title="There is no such page">The pages are at the side.</Empty>,
});

const home = createRoute({ getParentRoute: () => root, path: "/", component: Home });

const live = createRoute({
  getParentRoute: () => root,
  path: "/live",
  validateSearch: (search: Search) => only(search, ["source", "type", "event"]),
  component: lazyRouteComponent(() => import("@/rooms/live/Live"), "Live"),
});

const people = createRoute({
  getParentRoute: () => root,
  path: "/people",
  validateSearch: (search: Search) => only(search, ["query", "who"]),
  component: lazyRouteComponent(() => import("@/rooms/people/People"), "People"),
});

const person = createRoute({
  getParentRoute: () => root,
  path: "/people/$id",
  validateSearch: (search: Search) => only(search, ["tab", "source"]),
  component: lazyRouteComponent(() => import("@/rooms/people/Person"), "Person"),
});

const audiences = createRoute({
  getParentRoute: () => root,
  path: "/audiences",
  validateSearch: (search: Search) => only(search, ["new"]),
  component: lazyRouteComponent(() => import("@/rooms/audiences/Audiences"), "Audiences"),
});

const audience = createRoute({
  getParentRoute: () => root,
  path: "/audiences/$name",
  component: lazyRouteComponent(() => import("@/rooms/audiences/Audience"), "Audience"),
});

export const router = createRouter({
  routeTree: root.addChildren([home, live, people, person, audiences, audience]),
  defaultPreload: "intent",
  scrollRestoration: true,
  parseSearch: (text) => Object.fromEntries(new URLSearchParams(text)),
  stringifySearch: (search) => {
    const filled = Object.entries(search).filter(([, value]) => value !== undefined && value !== "");
    const text = new URLSearchParams(filled.map(([name, value]) => [name, String(value)])).toString();
    return text ? `?${text}` : "";
  },
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}

type Search = Record<string, unknown>;

/** The named texts of an address; anything else in it is dropped. */
function only<Name extends string>(search: Search, names: Name[]): { [name in Name]?: string } {
  const kept: { [name in Name]?: string } = {};
  for (const name of names) {
    if (typeof search[name] === "string") kept[name] = search[name];
  }
  return kept;
}
