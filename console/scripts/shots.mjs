// Pictures of every page against a running mock: `npm run mock`, then `npm run shots -- OUT_DIR`.
//   BASE (http://127.0.0.1:4747) · TOKEN (mock) · CHROMIUM (/usr/bin/chromium) · ONLY (a part of the names)

import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";
import { FLAGS } from "./chromium.mjs";

const base = process.env.BASE ?? "http://127.0.0.1:4747";
const token = process.env.TOKEN ?? "mock";
const only = process.env.ONLY ?? "";
const out = process.argv[2] ?? "../test-results/console";
const LOOKS = [
  { name: "light", colorScheme: "light", viewport: { width: 1280, height: 800 } },
  { name: "dark", colorScheme: "dark", viewport: { width: 1280, height: 800 } },
  { name: "phone", colorScheme: "light", viewport: { width: 390, height: 844 } },
];
const PAGES = {
  home: () => {},
  live: (page) => page.getByTestId("live-row").first().waitFor(),
  "live-drawer": async (page) => {
    await page.getByTestId("live-pause").click();
    await page.getByTestId("live-row").filter({ hasText: "entered" }).first().click();
    await page.getByText("What was sent").waitFor();
  },
  people: (page) => page.getByTestId("person-row").first().waitFor(),
  person: async (page) => {
    await page.getByTestId("timeline-row").nth(1).getByRole("button").first().click();
  },
  traits: (page) => page.getByText("Said by").first().waitFor(),
  identity: async (page) => {
    await page.getByText("Evidence").waitFor();
    await page.locator("main li button").first().click();
    await page.waitForTimeout(500);
  },
  sever: async (page) => {
    await page.locator("main li button").first().click();
    await page.getByTestId("never-link").click();
    await page.getByTestId("never-confirm").waitFor();
  },
  "person-audiences": async (page) => {
    await page.getByRole("button", { name: "Why?" }).first().click();
    await page.waitForTimeout(300);
  },
  audiences: (page) => page.getByTestId("audience-row").first().waitFor(),
  editor: async (page) => {
    await page
      .getByTestId("rule-input")
      .fill("country = 'DE' and count('Order Completed' in last 90 days) >= 2");
    await page.getByText("took").waitFor();
    await page.getByText("Show the SQL").click();
  },
  "editor-wrong": async (page) => {
    await page.getByTestId("rule-input").fill("cuntry = 'DE' and count('Order Compleated') >= 2 or tier =");
    await page.getByText("a value is missing").waitFor();
  },
  audience: async (page) => {
    await page.getByTestId("member-row").first().waitFor();
  },
  "audience-why": async (page) => {
    await page.getByTestId("member-row").first().getByRole("button").click();
    await page.getByText("In this audience").waitFor();
  },
  missing: (page) => page.getByText("Nobody is known").waitFor(),
};
const PERSON = process.env.PERSON ?? "email:mark.johnson";
const WAYS = {
  live: "/live",
  "live-drawer": "/live?event=Order",
  people: "/people?query=ma",
  audiences: "/audiences",
  editor: "/audiences?new=1",
  "editor-wrong": "/audiences?new=1",
  audience: "/audiences/recent_buyers",
  "audience-why": "/audiences/german_regulars",
  missing: "/people/email%3Anobody%40example.com",
};

mkdirSync(out, { recursive: true });
const profile = mkdtempSync(join(tmpdir(), "sonder-shots-"));
const browser = await chromium.launchPersistentContext(profile, {
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: FLAGS,
  headless: true,
  chromiumSandbox: false,
});
try {
  const person = await somebody();
  for (const tab of ["person", "traits", "identity", "sever", "person-audiences"]) {
    const name =
      { person: "", sever: "?tab=identity", "person-audiences": "?tab=audiences" }[tab] ?? `?tab=${tab}`;
    WAYS[tab] = `/people/${person}${name}`;
  }
  for (const look of LOOKS)
    for (const name of Object.keys(PAGES)) if (name.includes(only)) await shoot(look, name);
  if ("sign-in".includes(only)) for (const look of LOOKS) await shoot(look, "sign-in", "");
} finally {
  await browser.close();
  rmSync(profile, { recursive: true, force: true });
}

/** The person with the most identifiers among those that the search finds. */
async function somebody() {
  const headers = { authorization: `Bearer ${token}` };
  const answer = await fetch(
    `${base}/v1/profiles?query=${encodeURIComponent(PERSON.split(":")[1])}&limit=50`,
    { headers },
  );
  const { data } = await answer.json();
  return data.sort((a, b) => b.identifiers - a.identifiers)[0].id;
}

async function shoot(look, name, fragment = `#token=${token}`) {
  const page = await browser.newPage();
  const faults = [];
  page.on("console", (message) => message.type() === "error" && faults.push(message.text()));
  page.on("pageerror", (error) => faults.push(String(error)));
  await page.emulateMedia({ colorScheme: look.colorScheme });
  await page.setViewportSize(look.viewport);
  await page.goto(`${base}${WAYS[name] ?? "/"}${fragment}`);
  await page.waitForTimeout(700);
  try {
    await PAGES[name]?.(page);
  } catch (error) {
    faults.push(String(error).split("\n")[0]);
  }
  await page.waitForTimeout(250);
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  if (wide > 0) faults.push(`${wide} px too wide`);
  await page.screenshot({ path: join(out, `${name}-${look.name}.png`) });
  await page.close();
  console.log(`${name}-${look.name}`, faults.length ? faults : "");
}
