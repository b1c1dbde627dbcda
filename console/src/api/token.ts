/*
 * The administrator's token. It lives in sessionStorage: it ends with the tab, and no other site can read it.
 */

const KEY = "sonder.token";
const listeners = new Set<() => void>();
let refused = false;

export const token = {
  read: (): string | null => sessionStorage.getItem(KEY),

  keep(value: string): void {
    refused = false;
    sessionStorage.setItem(KEY, value.trim());
    tell();
  },

  forget(): void {
    refused = false;
    sessionStorage.removeItem(KEY);
    tell();
  },

  /** The server did not accept the token: sign in again, and say why. */
  refuse(): void {
    refused = true;
    sessionStorage.removeItem(KEY);
    tell();
  },

  wasRefused: (): boolean => refused,

  subscribe(listener: () => void): () => void {
    listeners.add(listener);
    return () => listeners.delete(listener);
  },

  /** Takes the token out of `/#token=…`, as `sonder demo` prints it, and cleans the address. */
  adopt(place: Pick<Location, "hash" | "pathname" | "search">, history: Pick<History, "replaceState">): void {
    const value = fromFragment(place.hash);
    if (value === null) return;
    history.replaceState(null, "", place.pathname + place.search);
    token.keep(value);
  },
};

export function fromFragment(hash: string): string | null {
  const value = new URLSearchParams(hash.replace(/^#/, "")).get("token");
  return value?.trim() || null;
}

function tell(): void {
  for (const listener of listeners) listener();
}
