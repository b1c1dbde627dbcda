import { ActionIcon, Kbd, useComputedColorScheme, useMantineColorScheme } from "@mantine/core";
import {
  IconActivity,
  IconHome,
  IconLogout,
  IconMoon,
  IconSun,
  IconTargetArrow,
  IconUsers,
} from "@tabler/icons-react";
import { Link, Outlet, useRouterState } from "@tanstack/react-router";
import { useEffect } from "react";
import { token } from "@/api/token";
import { useHotkeys } from "./hotkeys";
import { Wordmark } from "./Logo";
import classes from "./Shell.module.css";

const PAGES = [
  { to: "/", name: "Home", key: "h", Icon: IconHome },
  { to: "/live", name: "Live", key: "l", Icon: IconActivity },
  { to: "/people", name: "People", key: "p", Icon: IconUsers },
  { to: "/audiences", name: "Audiences", key: "a", Icon: IconTargetArrow },
] as const;

/** The frame of every page: pages at the side (below on a phone), the page itself. */
export function Shell() {
  useHotkeys();
  useTitle();
  return (
    <div className={classes.shell}>
      <a href="#page" className={classes.skip}>
        Skip to the page
      </a>
      <aside className={classes.side}>
        <Link to="/" className={classes.logo} aria-label="Sonder, home">
          <Wordmark />
        </Link>
        <nav className={classes.nav} aria-label="Pages">
          {PAGES.map(({ to, name, key, Icon }) => (
            <Link
              key={to}
              to={to}
              className={classes.entry}
              activeOptions={{ exact: to === "/", includeSearch: false }}
            >
              <Icon size={18} stroke={1.7} aria-hidden="true" />
              <span>{name}</span>
              <span className={classes.keys} aria-hidden="true">
                <Kbd size="xs">g</Kbd> <Kbd size="xs">{key}</Kbd>
              </span>
            </Link>
          ))}
        </nav>
        <div className={classes.foot}>
          <SchemeToggle />
          <ActionIcon
            variant="subtle"
            color="gray"
            size="lg"
            aria-label="Sign out"
            title="Sign out"
            onClick={token.forget}
          >
            <IconLogout size={18} stroke={1.7} />
          </ActionIcon>
        </div>
      </aside>
      <main id="page" className={classes.page} tabIndex={-1}>
        <Outlet />
      </main>
    </div>
  );
}

/** Light or dark: as the system says until somebody says otherwise. */
export function SchemeToggle() {
  const { setColorScheme } = useMantineColorScheme();
  const dark = useComputedColorScheme("light", { getInitialValueInEffect: false }) === "dark";
  const label = dark ? "Use light colours" : "Use dark colours";
  return (
    <ActionIcon
      variant="subtle"
      color="gray"
      size="lg"
      aria-label={label}
      title={label}
      onClick={() => setColorScheme(dark ? "light" : "dark")}
    >
      {dark ? <IconSun size={18} stroke={1.7} /> : <IconMoon size={18} stroke={1.7} />}
    </ActionIcon>
  );
}

function useTitle(): void {
  const path = useRouterState({ select: (state) => state.location.pathname });
  useEffect(() => {
    const page = PAGES.find(({ to }) => (to === "/" ? path === "/" : path.startsWith(to)));
    const rest = decodeURIComponent(path.split("/")[2] ?? "");
    document.title = [rest, page?.name, "Sonder"].filter(Boolean).join(" · ");
  }, [path]);
}
