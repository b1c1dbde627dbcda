// What the tests in a browser share: where things stand, a browser, and the count of the steps.
//   SONDER_BIN (target/debug/sonder) · CHROMIUM (/usr/bin/chromium)

import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { FLAGS as AUTOMATIC } from "../../../console/scripts/chromium.mjs";

export const root = resolve(import.meta.dirname, "../../..");
const { chromium } = createRequire(join(root, "console/package.json"))("playwright-core");
const target = process.env.CARGO_TARGET_DIR ?? join(root, "target");
export const binary = process.env.SONDER_BIN ?? join(target, "debug/sonder");

// Nothing beyond this machine is asked.
const FLAGS = [...AUTOMATIC, "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost"];

/** Opens a browser that keeps its things in the folder. */
export function browse(folder) {
  return chromium.launchPersistentContext(folder, {
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: FLAGS,
    headless: true,
    chromiumSandbox: false,
    viewport: { width: 1280, height: 800 },
  });
}

/** Counts steps: each is tried, whatever came of the one before. `failed` is told the number of a step that did not hold. */
export function play(failed = async () => {}) {
  const tally = { passed: 0, failed: 0 };
  const step = async (name, run) => {
    try {
      await run();
      tally.passed += 1;
      console.log(`✓ ${name}`);
    } catch (error) {
      tally.failed += 1;
      console.log(`✗ ${name}\n  ${String(error).split("\n").slice(0, 6).join("\n  ")}`);
      await failed(tally.failed);
    }
  };
  const end = () => {
    console.log(`${tally.passed} passed, ${tally.failed} failed`);
    process.exit(tally.failed > 0 ? 1 : 0);
  };
  return { step, end };
}

export function check(holds, otherwise) {
  if (!holds) throw new Error(otherwise);
}
