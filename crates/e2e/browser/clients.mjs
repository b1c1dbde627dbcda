// An unmodified client in a browser: a page at one origin speaks to the house at another one, and the profile is read back.
//   SONDER_BIN (target/debug/sonder) · CHROMIUM (/usr/bin/chromium)

import { spawn } from "node:child_process";
import { createReadStream, existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as later } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";

import { binary, browse, check, play, root } from "./stage.mjs";

const SCRIPTS = join(root, "crates/e2e/node/node_modules/@segment/analytics-next/dist/umd");
const PATIENCE_MS = 60_000;

if (!existsSync(SCRIPTS)) {
  console.log("SKIPPED: `npm ci` was not run in crates/e2e/node");
  process.exit(0);
}
const world = mkdtempSync(join(tmpdir(), "sonder-clients-"));
const house = await startHouse();
const shop = await startShop();
const browser = await browse(join(world, "profile"));
const page = await browser.newPage();
const faults = [];
page.on("console", (message) => message.type() === "error" && faults.push(message.text()));
page.on("pageerror", (error) => faults.push(String(error)));
const preflights = await watchPreflights();
const { step, end } = play();

try {
  await step("@segment/analytics-next sends from another origin", async () => {
    const { write_key: writeKey } = await api("/v1/sources", { name: "shop" });
    await page.goto(shop.base);
    await page.evaluate(speak, { writeKey, address: house.address });
  });
  await step("each of its addresses was asked for first, and allowed", async () => {
    const asked = [...new Set(preflights.map(({ path }) => path))].sort();
    same(asked, ["/v1/i", "/v1/p", "/v1/t"]);
    const refused = preflights.filter(({ status }) => status !== 200);
    same(refused, []);
  });
  await step("the profile says what the page said", async () => {
    await walked();
    const { traits } = await api("/v1/profiles/user_id:browser-1/traits");
    same(traits, { email: "Browser@Example.com", plan: "pro" });
    const ids = (await api("/v1/profiles/user_id:browser-1/external_ids")).data;
    same(ids.map(({ type, id }) => `${type}=${id}`).sort(), [
      "anonymous_id=browser-device",
      "email=browser@example.com",
      "user_id=browser-1",
    ]);
  });
  await step("the visitor's page before the login is the person's", async () => {
    const events = (await api("/v1/profiles/user_id:browser-1/events")).data.reverse();
    same(
      events.map(({ type, name }) => [type, name]),
      [
        ["page", "Home"],
        ["identify", undefined],
        ["track", "Order Completed"],
      ],
    );
    const [home, , order] = events;
    same([home.properties.url, home.properties.title, home.properties.path], [`${shop.base}/`, "The shop", "/"]);
    same(order.properties, { order_id: "o-1", total: 99.5, revenue: 99.5 });
    same(order.context.page.url, `${shop.base}/`);
    check(order.context.userAgent.includes("Chrome"), `the browser is ${order.context.userAgent}`);
  });
  await step("no page had a fault", async () => same(faults, []));
} finally {
  await browser.close();
  shop.server.close();
  house.process.kill("SIGINT");
  await house.ended;
  rmSync(world, { recursive: true, force: true });
}
end();

/** What the page does. It runs in the browser, where the client's script stands. */
async function speak({ writeKey, address }) {
  const api = { apiHost: `${address}/v1`, protocol: "http" };
  const settings = { writeKey, cdnURL: `http://${address}` };
  const analytics = window.AnalyticsNext.AnalyticsBrowser.load(settings, { integrations: { "Segment.io": api } });
  await analytics.setAnonymousId("browser-device");
  await analytics.page("Home");
  await analytics.identify("browser-1", { email: "Browser@Example.com", plan: "pro" });
  await analytics.track("Order Completed", { order_id: "o-1", total: 99.5, revenue: 99.5 });
}

/** Serves one page at `localhost`, and the client's script as its package has it. */
async function startShop() {
  const html = '<!doctype html><meta charset="utf-8"><title>The shop</title><script src="/index.js"></script>';
  const server = createServer((request, response) => {
    const script = join(SCRIPTS, request.url.slice(1));
    if (request.url === "/") return response.setHeader("content-type", "text/html").end(html);
    if (!/^\/[\w.-]+\.js$/.test(request.url) || !existsSync(script)) return response.writeHead(204).end();
    response.setHeader("content-type", "text/javascript");
    return createReadStream(script).pipe(response);
  });
  await new Promise((done) => server.listen(0, "localhost", done));
  return { server, base: `http://localhost:${server.address().port}` };
}

/** Starts the house at a free port, and waits for its address and its token. */
async function startHouse() {
  const data = join(world, "data");
  const process = spawn(binary, ["--data", data, "serve", "--listen", "127.0.0.1:0"], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  const ended = new Promise((done) => process.once("exit", done));
  let said = "";
  process.stderr.on("data", (text) => (said += text));
  const address = () => existsSync(join(data, "address")) && readFileSync(join(data, "address"), "utf8").trim();
  const token = () => said.match(/administrator's token.*\s(\S+)\n/)?.[1];
  const isOpen = () => check(process.exitCode === null, `the house ended:\n${said}`) || (address() && token());
  await until("the house opens", isOpen).catch((error) => {
    process.kill();
    throw error;
  });
  return { address: address(), token: token(), process, ended };
}

/** Notes the answers to preflights, of which a page itself knows nothing. */
async function watchPreflights() {
  const seen = [];
  const wire = await browser.newCDPSession(page);
  wire.on("Network.responseReceived", ({ type, response }) => {
    if (type === "Preflight") seen.push({ path: new URL(response.url).pathname, status: response.status });
  });
  await wire.send("Network.enable");
  return seen;
}

async function walked() {
  await until("everything is walked", async () => (await api("/v1/home")).waiting === 0);
}

async function until(wanted, holds) {
  const gaveUp = Date.now() + PATIENCE_MS;
  while (!(await holds())) {
    check(Date.now() < gaveUp, `this never came: ${wanted}`);
    await later(20);
  }
}

async function api(path, body) {
  const headers = { authorization: `Bearer ${house.token}`, "content-type": "application/json" };
  const method = body ? "POST" : "GET";
  const answer = await fetch(`http://${house.address}${path}`, { method, headers, body: body && JSON.stringify(body) });
  check(answer.ok, `${path}: ${answer.status}`);
  return answer.json();
}

function same(found, expected) {
  check(isDeepStrictEqual(found, expected), `found ${JSON.stringify(found)}, expected ${JSON.stringify(expected)}`);
}
