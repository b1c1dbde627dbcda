// Speaks with the unmodified client: node posthog-node.mjs BASE WRITE_KEY

import { PostHog } from "posthog-node";

const [host, apiKey] = process.argv.slice(2);
const posthog = new PostHog(apiKey, { host, fetchRetryCount: 1 });
const faults = [];
posthog.on("error", (fault) => faults.push(fault));

const who = { distinctId: "posthog-node-1" };
const device = { distinctId: "posthog-node-device", properties: { $process_person_profile: false } };
posthog.capture({ ...device, event: "Looked" });
posthog.identify({ ...who, properties: { email: "Posthog.Node@Example.com", plan: "pro" } });
posthog.capture({ ...who, event: "Order Completed", properties: { order_id: "o-1", total: 99.5, revenue: 99.5 } });
posthog.capture({ ...who, event: "$pageview", properties: { $current_url: "https://shop.example/" } });
posthog.alias({ ...who, alias: device.distinctId });
await posthog.flush();
const flags = await posthog.evaluateFlags(who.distinctId);
const flag = flags.getFlag("nothing-is-flagged");
await posthog.shutdown();

if (flag) faults.push(`there is a flag: ${flag}`);
for (const fault of faults) console.error(fault);
process.exit(faults.length > 0 ? 1 : 0);
