// The mock: answers like `sonder serve`, from a seeded world, and serves the built console beside it.
//   PORT (4747) · MOCK_TOKEN (mock) · MOCK_PEOPLE (900; 0 shows every empty state)

import { createReadStream, existsSync } from "node:fs";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import * as answers from "./answers.mjs";
import { makeWorld, nextEvent } from "./world.mjs";

const port = Number(process.env.PORT ?? 4747);
const token = process.env.MOCK_TOKEN ?? "mock";
const people = Number(process.env.MOCK_PEOPLE ?? 900);
const dist = fileURLToPath(new URL("../dist/", import.meta.url));
const listeners = new Set();
const TYPES = {
  ".js": "text/javascript",
  ".css": "text/css",
  ".svg": "image/svg+xml",
  ".html": "text/html; charset=utf-8",
};
const CSP =
  "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; frame-ancestors 'none'";

const house = people > 0 ? answers.makeHouse(makeWorld(7, people, Date.now())) : null;
if (house) setInterval(tick, 900);

createServer((request, response) => {
  const url = new URL(request.url, "http://mock");
  if (!url.pathname.startsWith("/v1/")) return file(url.pathname, response);
  if (request.headers.authorization !== `Bearer ${token}`) {
    return refuse(
      response,
      new answers.Refusal(401, "token_refused", "the token is not known", "paste the admin token"),
    );
  }
  if (url.pathname === "/v1/live/stream") return stream(response);
  body(request)
    .then((sent) => json(response, 200, route(request.method, url, sent)))
    .catch((error) => refuse(response, error));
}).listen(port, "127.0.0.1", () => console.log(`mock at http://127.0.0.1:${port}/#token=${token}`));

function route(method, url, sent) {
  const path = url.pathname.split("/").slice(2).map(decodeURIComponent);
  const [noun, name, what, who] = path;
  if (!house) return empty(noun, name);
  if (noun === "home") return answers.home(house);
  if (noun === "live")
    return { data: house.world.live.slice(0, Number(url.searchParams.get("limit") ?? 100)) };
  if (noun === "profiles")
    return name
      ? answers.person(house, name, what, url.searchParams)
      : answers.profiles(house, url.searchParams);
  if (noun === "links") return answers.link(house, sent);
  if (noun === "sources")
    return method === "POST" ? { name: sent.name, write_key: "wk_mock_5f2e9c" } : { data: house.sources };
  if (noun === "destinations") return answers.destinations();
  if (noun === "deliveries") return { data: [] };
  if (noun !== "audiences") throw new answers.Refusal(404, "not_found", "there is no such thing");
  if (method === "DELETE") return remove(name);
  if (method === "POST")
    return name === "preview" ? answers.preview(house, sent.rule) : answers.save(house, sent);
  if (what === "members") return answers.members(house, name, url.searchParams);
  return what === "why" ? answers.why(house, name, who) : answers.audiences(house);
}

function empty(noun, name) {
  const none = {
    as_of: new Date().toISOString(),
    minutes: [],
    sources: [],
    destinations: [],
    version: "0.1.0",
  };
  for (const figure of [
    "profiles",
    "known",
    "identifiers",
    "events",
    "records",
    "links",
    "audiences",
    "waiting",
    "delivered",
    "blocked",
  ])
    none[figure] = 0;
  if (noun === "home") return none;
  if (name === "preview") return { size: 0, of: 0, as_of: none.as_of, took_ms: 0.4, problems: [] };
  return { data: [], cursor: { has_more: false, limit: 50 }, total: 0 };
}

function remove(name) {
  answers.audience(house, name);
  house.audiences = house.audiences.filter((one) => one.name !== name);
  return {};
}

function tick() {
  const event = nextEvent(house.world);
  for (const listener of listeners) listener.write(`data: ${JSON.stringify(event)}\n\n`);
}

function stream(response) {
  response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store" });
  response.write(": hello\n\n");
  listeners.add(response);
  response.on("close", () => listeners.delete(response));
}

function file(path, response) {
  const asked = join(dist, normalize(path));
  const found = extname(asked) && existsSync(asked) ? asked : join(dist, "index.html");
  if (!existsSync(found))
    return json(response, 404, { error: { code: "console_not_built", message: "run `npm run build`" } });
  response.writeHead(200, {
    "content-type": TYPES[extname(found)] ?? "application/octet-stream",
    "content-security-policy": CSP,
  });
  createReadStream(found).pipe(response);
}

async function body(request) {
  let text = "";
  for await (const chunk of request) text += chunk;
  return text ? JSON.parse(text) : undefined;
}

function json(response, status, value) {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify(value));
}

function refuse(response, { status = 500, code = "mock_failed", message, help }) {
  json(response, status, { error: { code, message, help } });
}
