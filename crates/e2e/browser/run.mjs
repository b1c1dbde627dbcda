// The console in a browser, against `sonder demo`: finds a person, reads the timeline, types a rule, and takes pictures of the four pages.
//   SONDER_BIN (target/debug/sonder) · CHROMIUM (/usr/bin/chromium) · pictures go to test-results/

import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { binary, browse, check, play, root } from "./stage.mjs";

const pictures = join(root, "test-results");
const PATIENCE_MS = 120_000;

const world = mkdtempSync(join(tmpdir(), "sonder-browser-"));
mkdirSync(pictures, { recursive: true });
const demo = await startDemo();
const browser = await browse(join(world, "profile"));
const page = await browser.newPage();
page.setDefaultTimeout(20_000);
const faults = [];
page.on("console", (message) => message.type() === "error" && faults.push(message.text()));
page.on("pageerror", (error) => faults.push(String(error)));
const { step, end } = play((number) => picture(`failed-${number}`));

try {
  await step("the link of the demo signs in, and home shows the people", async () => {
    await page.goto(demo.link);
    const people = await page.getByTestId("home-people").textContent();
    check(figure(people) > 100, `home says ${people} people`);
    check(!page.url().includes("token"), "the token does not stay in the address");
    await picture("home");
  });
  await step("the search finds a person, whose timeline can be read", async () => {
    await page.goto(`${demo.base}/people`);
    await page.getByTestId("person-row").first().waitFor();
    await picture("people");
    const known = await api("/v1/profiles?query=an&limit=50");
    const someone = known.data.filter((row) => row.known && row.email).sort((a, b) => b.identifiers - a.identifiers)[0];
    check(someone, "the search knows somebody by a name");
    await page.getByTestId("people-search").fill(someone.email);
    const row = page.getByTestId("person-row").filter({ hasText: someone.id });
    await row.getByRole("link").click();
    await page.getByTestId("tab-timeline").click();
    await page.getByTestId("timeline-row").first().waitFor();
    const shown = await page.getByTestId("timeline-row").count();
    const { events } = await api(`/v1/profiles/${someone.id}/metadata`);
    check(shown > 0 && shown <= events, `${shown} rows of ${events} events`);
    await picture("person");
  });
  await step("the count follows the rule as it is typed", async () => {
    await page.goto(`${demo.base}/audiences`);
    await page.getByTestId("audience-row").first().waitFor();
    await picture("audiences");
    await page.getByTestId("audience-new").click();
    const all = await counted("count('Order Placed') >= 0");
    const buyers = await counted("count('Order Placed')");
    const regulars = await counted("count('Order Placed') >= 2");
    check(all > buyers && buyers > regulars && regulars > 0, `${all} > ${buyers} > ${regulars} > 0`);
    const asked = await api("/v1/audiences/preview", { rule: "count('Order Placed') >= 2" });
    check(asked.size === regulars, `the API says ${asked.size}, the page ${regulars}`);
    await picture("audience-editor");
    await page.getByTestId("rule-input").fill("count('Order Placed' >= 2");
    await page.getByText("mistake").first().waitFor();
  });
  await step("an event shows on the live page as it comes", async () => {
    await page.goto(`${demo.base}/live`);
    const { write_key: key } = await api("/v1/sources", { name: "browser" });
    await page.waitForTimeout(300);
    for (const number of [1, 2, 3]) await send(key, { userId: "browser-1", event: `Waved ${number}` });
    await page.getByTestId("live-row").filter({ hasText: "Waved 3" }).first().waitFor();
    await picture("live");
  });
  await step("no page had a fault", async () => check(faults.length === 0, faults.join("\n")));
} finally {
  await browser.close();
  demo.process.kill("SIGINT");
  await demo.ended;
  rmSync(world, { recursive: true, force: true });
}
end();

/** Starts the demo at a free port and waits for its link. */
async function startDemo() {
  const args = ["--data", join(world, "data"), "demo", "--people", "1000", "--listen", "127.0.0.1:0"];
  const process = spawn(binary, args, { stdio: ["ignore", "pipe", "pipe"] });
  const ended = new Promise((done) => process.once("exit", done));
  let said = "";
  const link = await new Promise((found, failed) => {
    const listen = (text) => {
      said += text;
      const match = said.match(/(http:\/\/\S+\/)#token=(\S+)\s/);
      if (match) found({ base: match[1].slice(0, -1), token: match[2], link: match[0].trim() });
    };
    process.stdout.on("data", listen);
    process.stderr.on("data", listen);
    ended.then((code) => failed(new Error(`the demo ended with ${code}:\n${said}`)));
    setTimeout(() => failed(new Error(`the demo shows no link:\n${said}`)), PATIENCE_MS).unref();
  }).catch((error) => {
    process.kill();
    throw error;
  });
  return { ...link, process, ended };
}

/** Types a rule and returns the size that the page then shows for it, not for the rule before. */
async function counted(rule) {
  const answered = page.waitForResponse(
    (answer) => answer.url().endsWith("/v1/audiences/preview") && answer.request().postDataJSON()?.rule === rule,
  );
  await page.getByTestId("rule-input").fill(rule);
  const { size } = await (await answered).json();
  await page.waitForFunction(
    ([wanted]) => {
      const shown = document.querySelector("[data-testid=rule-count]");
      return Number(shown?.textContent?.replace(/\D/g, "")) === wanted && !shown.closest("[data-stale=true]");
    },
    [size],
  );
  return figure(await page.getByTestId("rule-count").textContent());
}

function figure(text) {
  return Number((text ?? "").replace(/\D/g, ""));
}

async function api(path, body) {
  const headers = { authorization: `Bearer ${demo.token}`, "content-type": "application/json" };
  const method = body ? "POST" : "GET";
  const answer = await fetch(demo.base + path, { method, headers, body: body && JSON.stringify(body) });
  check(answer.ok, `${path}: ${answer.status}`);
  return answer.json();
}

async function send(key, message) {
  const headers = { authorization: `Basic ${btoa(`${key}:`)}`, "content-type": "application/json" };
  const answer = await fetch(`${demo.base}/v1/track`, { method: "POST", headers, body: JSON.stringify(message) });
  check(answer.ok, `/v1/track: ${answer.status}`);
}

async function picture(name) {
  await page.waitForTimeout(250);
  await page.screenshot({ path: join(pictures, `${name}.png`) });
}
