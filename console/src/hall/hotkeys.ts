import { useNavigate } from "@tanstack/react-router";
import { useEffect } from "react";

/** The pages behind `g` and a letter. */
export const GO = { h: "/", l: "/live", p: "/people", a: "/audiences" } as const;

/** Marks the field that `/` goes to. */
export const SEARCH = "data-search";

const CHORD_MS = 1_200;

/** `/` goes to the search of the page, or to People; `g h`, `g l`, `g p`, `g a` go to pages. */
export function useHotkeys(): void {
  const navigate = useNavigate();
  useEffect(() => {
    let chordUntil = 0;
    const onKey = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
      if (event.key === "/") {
        event.preventDefault();
        if (!focusSearch()) void navigate({ to: "/people" }).then(() => requestAnimationFrame(focusSearch));
      } else if (event.key === "g") {
        chordUntil = event.timeStamp + CHORD_MS;
      } else if (event.timeStamp < chordUntil && event.key in GO) {
        chordUntil = 0;
        void navigate({ to: GO[event.key as keyof typeof GO] });
      }
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, [navigate]);
}

function focusSearch(): boolean {
  const field = document.querySelector<HTMLInputElement>(`[${SEARCH}]`);
  field?.focus();
  field?.select();
  return field !== null;
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.matches("input, textarea, select, [contenteditable]");
}
