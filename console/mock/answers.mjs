// What the mock answers, in the shapes of crates/api.

import { graph } from "./graph.mjs";
import { judge, read } from "./rule.mjs";

const SOURCES = ["web", "app", "web_shop", "crm", "loyalty", "till", "email_tool", "help_desk"];

export class Refusal extends Error {
  constructor(status, code, message, help) {
    super(message);
    Object.assign(this, { status, code, help });
  }
}

export function makeHouse(world) {
  const house = { world, audiences: [], links: [], sources: SOURCES.map((name) => sourceRow(world, name)) };
  save(house, {
    name: "recent_buyers",
    rule: "count('Order Completed' in last 30 days) >= 1",
    description: "bought in the last 30 days",
  });
  save(house, {
    name: "german_regulars",
    rule: "country = 'DE' and count('Order Completed' in last 90 days) >= 2",
    description: "regulars in Germany",
  });
  save(house, {
    name: "browsers",
    rule: "count('Product Viewed' in last 14 days) >= 1 and not count('Order Completed')",
    description: "look, but have never bought",
  });
  save(house, { name: "gold_members", rule: "tier = 'gold'", description: "the loyalty programme's best" });
  return house;
}

export const home = (house) => {
  const { people } = house.world;
  return {
    as_of: new Date().toISOString(),
    profiles: people.length,
    known: people.filter((p) => p.known).length,
    identifiers: sum(people.map((p) => p.ids.length)),
    events: sum(people.map((p) => p.events.length)),
    records: 3204,
    links: house.links.length,
    audiences: house.audiences.length,
    waiting: 0,
    delivered: 412,
    blocked: 131,
    minutes: minutes(house.world),
    sources: house.sources,
    destinations: destinations(house).data,
    version: "0.1.0",
  };
};

export const destinations = () => ({
  data: [
    destination("crm_hook", "webhook", "recent_buyers", "email_marketing", "ok", 391, 120, 4, 0),
    destination("ads_file", "file", "browsers", "ads_measurement", "failing", 21, 11, 0, 3),
  ],
});

export function profiles(house, params) {
  const query = (params.get("query") ?? "").toLowerCase();
  const hit = (p) =>
    [p.label, p.id, ...p.ids.flatMap((i) => [i.id, `${i.type}:${i.id}`])].some((t) =>
      t.toLowerCase().includes(query),
    );
  const known = params.get("known") === "true";
  const all = house.world.people.filter((p) => !known || p.known);
  const found = query ? house.world.people.filter(hit) : all;
  const rows = found.map((p) => ({
    id: p.id,
    label: p.label,
    known: p.known,
    identifiers: p.ids.length,
    email: p.email,
    last_seen: p.last_seen,
  }));
  return { ...page(rows, params, 50), total: all.length, truncated: false };
}

export function person(house, asked, what, params) {
  const p = find(house, asked);
  if (what === "metadata") return metadata(p);
  if (what === "traits")
    return { traits: Object.fromEntries(p.traits.map((t) => [t.name, t.value])), data: p.traits };
  if (what === "external_ids") return { data: p.ids };
  if (what === "graph") return graph(house, p);
  if (what === "audiences") return { data: audiencesOf(house, p) };
  if (what === "events")
    return page(
      p.events.filter((e) => !params.get("source") || e.source === params.get("source")),
      params,
      50,
    );
  throw new Refusal(404, "not_found", "there is no such thing");
}

export function preview(house, text) {
  const started = performance.now();
  const { part, problems } = readRule(house, text);
  const base = { of: house.world.people.length, as_of: new Date().toISOString(), problems };
  if (problems.length) return { ...base, took_ms: performance.now() - started };
  const size = inside(house, part).length;
  const sql = `-- conditions\nwith met as (\n  select profile from traits /* ${text.replaceAll("*/", "")} */\n)\n-- size\nselect count(distinct profile) from met`;
  return { ...base, size, rule: text.trim(), took_ms: performance.now() - started, sql };
}

export function save(house, { name, rule, description = "" }) {
  const { part, problems } = readRule(house, rule);
  if (problems.length)
    throw new Refusal(
      422,
      "rule_has_problems",
      problems.map((p) => p.message).join("; "),
      "correct the rule",
    );
  if (house.audiences.some((a) => a.name === name))
    throw new Refusal(
      409,
      "audience_exists",
      `there is an audience \`${name}\` already`,
      "choose another name",
    );
  const audience = {
    name,
    rule,
    description,
    part,
    created_at: new Date(house.world.now - 9 * 864e5).toISOString(),
  };
  house.audiences.push(audience);
  return row(house, audience);
}

export const audiences = (house) => ({ data: house.audiences.map((a) => row(house, a)) });

export function members(house, name, params) {
  const all = inside(house, audience(house, name).part);
  const rows = all.map((p) => ({ id: p.id, label: p.label, since: p.last_seen }));
  return { ...page(rows, params, 200), total: rows.length };
}

export function why(house, name, asked) {
  const p = find(house, asked);
  const tree = judge(audience(house, name).part, p, Date.now());
  return {
    profile: p.id,
    audience: name,
    member: tree.holds,
    changes_at: new Date(Date.now() + 11 * 864e5).toISOString(),
    tree,
  };
}

export function link(house, body) {
  house.links = house.links.filter((l) => !(l.a === body.a && l.b === body.b));
  if (body.verdict !== "withdrawn") house.links.push(body);
  return { success: true, accepted: 1 };
}

export function audience(house, name) {
  const found = house.audiences.find((a) => a.name === name);
  if (!found) throw new Refusal(404, "audience_unknown", `no audience is called \`${name}\``);
  return found;
}

function row(house, a) {
  const size = inside(house, a.part).length;
  const follow = destinations()
    .data.filter((d) => d.audience === a.name)
    .map((d) => d.name);
  const share = size / house.world.people.length;
  return {
    name: a.name,
    description: a.description,
    rule: a.rule,
    rule_json: { rule: a.rule },
    size,
    share,
    destinations: follow,
    created_at: a.created_at,
  };
}

function metadata(p) {
  const { id, label, known, created_at, last_seen, previous_ids, consents } = p;
  return { id, label, known, created_at, last_seen, events: p.events.length, previous_ids, consents };
}

function find(house, asked) {
  const hit = (p) =>
    p.id === asked || p.previous_ids.includes(asked) || p.ids.some((i) => `${i.type}:${i.id}` === asked);
  const found = house.world.people.find(hit);
  if (!found)
    throw new Refusal(
      404,
      "profile_unknown",
      "nobody has this identifier",
      "search for it under `/v1/profiles?query=`",
    );
  return found;
}

const audiencesOf = (house, p) =>
  house.audiences
    .filter((a) => a.part.test(p, Date.now()).holds)
    .map((a) => ({ audience: a.name, since: p.last_seen }));

const inside = (house, part) => house.world.people.filter((p) => part.test(p, Date.now()).holds);

function readRule(house, text) {
  const traits = [...new Set(house.world.people.flatMap((p) => p.traits.map((t) => t.name)))];
  const events = [...new Set(house.world.people.flatMap((p) => p.events.map((e) => e.event)))];
  return read(text, traits, events);
}

function page(rows, params, usual) {
  const limit = Math.min(Number(params.get("limit") ?? usual), 500);
  const from = Number(params.get("next") ?? 0);
  const has_more = from + limit < rows.length;
  return {
    data: rows.slice(from, from + limit),
    cursor: { has_more, limit, ...(has_more ? { next: String(from + limit) } : {}) },
  };
}

function minutes(world) {
  const now = Math.floor(Date.now() / 60_000);
  return Array.from({ length: 60 }, (_, n) => {
    const at = now - 59 + n;
    const came = world.live.filter((e) => Math.floor(Date.parse(e.received_at) / 60_000) === at).length;
    return {
      minute: new Date(at * 60_000).toISOString(),
      events: came + Math.round(22 + 16 * Math.sin(at / 6) + ((at * 7919) % 13)),
    };
  });
}

function sourceRow(world, name) {
  const events = world.people.flatMap((p) => p.events).filter((e) => e.source === name);
  const state =
    { web: "live", app: "live", email_tool: "failing", help_desk: "quiet", loyalty: "quiet", crm: "quiet" }[
      name
    ] ?? "quiet";
  const last =
    events
      .map((e) => e.time)
      .sort()
      .at(-1) ?? new Date(world.now - 7 * 36e5).toISOString();
  return {
    name,
    state,
    facts: events.length || 1068,
    refused: state === "failing" ? 14 : 0,
    repeated: name === "web" ? 212 : 0,
    last_seen: last,
    has_write_key: !["crm", "loyalty"].includes(name),
  };
}

const destination = (name, kind, audience, purpose, state, delivered, blocked, waiting, dead) => ({
  name,
  kind,
  audience,
  purpose,
  state,
  delivered,
  blocked,
  waiting,
  dead,
  options: {},
});

const sum = (list) => list.reduce((a, b) => a + b, 0);
