import { type LiveEvent, send } from "./client";

export type StreamState = "connecting" | "open" | "lost";

interface Listener {
  event(event: LiveEvent): void;
  state(state: StreamState): void;
}

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 10_000;

/**
 * Follows `/v1/live/stream` until the signal is aborted; after a break it comes back, ever slower. `EventSource` cannot
 * send the token, so the stream is read with `fetch`.
 */
export async function follow(listener: Listener, signal: AbortSignal): Promise<void> {
  let waitMs = FIRST_WAIT_MS;
  while (!signal.aborted) {
    listener.state("connecting");
    try {
      const answer = await send("/v1/live/stream", { signal });
      listener.state("open");
      waitMs = FIRST_WAIT_MS;
      if (answer.body) await readAll(answer.body, listener);
    } catch {
      if (signal.aborted) return;
    }
    listener.state("lost");
    await pause(waitMs, signal);
    waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS);
  }
}

/** Cuts a text stream of server-sent events into the payloads of their `data:` lines. */
export function makeCutter(): (chunk: string) => string[] {
  let rest = "";
  return (chunk) => {
    const parts = (rest + chunk).replace(/\r\n/g, "\n").split("\n\n");
    rest = parts.pop() ?? "";
    return parts.map(dataOf).filter((data) => data !== "");
  };
}

function dataOf(message: string): string {
  return message
    .split("\n")
    .filter((line) => line.startsWith("data:"))
    .map((line) => line.slice(5).replace(/^ /, ""))
    .join("\n");
}

async function readAll(body: ReadableStream<Uint8Array>, listener: Listener): Promise<void> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  const cut = makeCutter();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    for (const data of cut(decoder.decode(value, { stream: true }))) {
      listener.event(JSON.parse(data) as LiveEvent);
    }
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
