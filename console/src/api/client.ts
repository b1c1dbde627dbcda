import type { components } from "@/gen/api";
import { token } from "./token";

/*
 * The only place that knows how the API is spoken to. Types come from the OpenAPI document (`npm run gen`); the rest of
 * the console imports them from here by name.
 */

type Schemas = components["schemas"];

export type Accepted = Schemas["Accepted"];
export type AudienceList = Schemas["AudienceList"];
export type AudienceRow = Schemas["AudienceRow"];
export type DestinationRow = Schemas["DestinationRow"];
export type EventList = Schemas["EventList"];
export type EventRow = Schemas["EventRow"];
export type ExternalIdList = Schemas["ExternalIdList"];
export type Graph = Schemas["Graph"];
export type GraphEdge = Schemas["GraphEdge"];
export type GraphNode = Schemas["GraphNode"];
export type Home = Schemas["Home"];
export type LinkRequest = Schemas["LinkRequest"];
export type LiveEffect = Schemas["LiveEffect"];
export type LiveEvent = Schemas["LiveEvent"];
export type LiveList = Schemas["LiveList"];
export type MemberList = Schemas["MemberList"];
export type Metadata = Schemas["Metadata"];
export type MinuteCount = Schemas["MinuteCount"];
export type NewAudience = Schemas["NewAudience"];
export type NewSource = Schemas["NewSource"];
export type Preview = Schemas["Preview"];
export type Problem = Schemas["Problem"];
export type ProfileAudienceList = Schemas["ProfileAudienceList"];
export type ProfileList = Schemas["ProfileList"];
export type ProfileRow = Schemas["ProfileRow"];
export type RulePart = Schemas["RulePart"];
export type SourceKey = Schemas["SourceKey"];
export type SourceRow = Schemas["SourceRow"];
export type TraitList = Schemas["TraitList"];
export type TraitRow = Schemas["TraitRow"];
export type Why = Schemas["Why"];

/** A refusal by the server, or no answer at all (`status` 0). */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly help?: string | null,
  ) {
    super(message);
    this.name = "ApiError";
  }
}

export interface Request {
  method?: "GET" | "POST" | "DELETE";
  body?: unknown;
  signal?: AbortSignal;
}

/** Asks the API and reads the JSON answer. Throws `ApiError`; a 401 also signs the reader out. */
export async function ask<T>(path: string, request: Request = {}): Promise<T> {
  const answer = await send(path, request);
  const text = await answer.text();
  return (text ? JSON.parse(text) : undefined) as T;
}

/** As `ask`, for answers that are read as they come. */
export async function send(path: string, { method = "GET", body, signal }: Request): Promise<Response> {
  const headers: Record<string, string> = { authorization: `Bearer ${token.read() ?? ""}` };
  if (body !== undefined) headers["content-type"] = "application/json";
  let answer: Response;
  try {
    answer = await fetch(path, {
      method,
      headers,
      signal,
      body: body === undefined ? null : JSON.stringify(body),
    });
  } catch (cause) {
    if (signal?.aborted) throw cause;
    throw new ApiError(0, "no_answer", "the server does not answer", "check that `sonder serve` is running");
  }
  if (answer.ok) return answer;
  const error = await refusal(answer);
  if (answer.status === 401) token.refuse();
  throw error;
}

/** `path` with those of `query` that say something. */
export function withQuery(
  path: string,
  query: Record<string, string | number | boolean | null | undefined>,
): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== null && value !== "") params.set(name, String(value));
  }
  const text = params.toString();
  return text ? `${path}?${text}` : path;
}

async function refusal(answer: Response): Promise<ApiError> {
  try {
    const { error } = (await answer.json()) as Schemas["ErrorBody"];
    return new ApiError(answer.status, error.code, error.message, error.help);
  } catch {
    return new ApiError(
      answer.status,
      `http_${answer.status}`,
      `the server answered with status ${answer.status}`,
    );
  }
}
