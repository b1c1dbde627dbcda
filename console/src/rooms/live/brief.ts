import type { LiveEffect, LiveEvent } from "@/api/client";
import { identifier } from "@/hall/format";

/** Kinds by which people are recognised sooner than by the number of a device. */
const TELLING = ["email", "user_id", "phone"];

/** The identifier that says most about who it was, without its kind. */
export function bestName(event: LiveEvent): string {
  const names = event.identifiers.map(identifier);
  const telling = TELLING.map((kind) => names.find((name) => name.kind === kind)).find(Boolean);
  return (telling ?? names[0])?.value ?? event.profile;
}

const WEIGHT: Record<string, number> = { activation: 0, audiences: 1, identity: 2, profiles: 3 };

/** Effects for one line: what reached furthest comes first. */
export function weighty(effects: LiveEffect[]): LiveEffect[] {
  return [...effects].sort((a, b) => (WEIGHT[a.room] ?? 4) - (WEIGHT[b.room] ?? 4));
}
