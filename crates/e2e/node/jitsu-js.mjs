// Speaks with the unmodified client: node jitsu-js.mjs BASE WRITE_KEY

import { jitsuAnalytics } from "@jitsu/js";

const [host, writeKey] = process.argv.slice(2);
const statuses = [];
const counted = async (...request) => {
  const answer = await fetch(...request);
  statuses.push(answer.status);
  return answer;
};
const jitsu = jitsuAnalytics({ host, writeKey, s2s: true, fetch: counted });

// It has no alias: the device's id beside the person's says the same.
await jitsu.setAnonymousId("jitsu-device");
await jitsu.track("Looked");
await jitsu.identify("jitsu-1", { email: "Jitsu@Example.com", plan: "pro" });
await jitsu.track("Order Completed", { order_id: "o-1", total: 99.5, revenue: 99.5 });
await jitsu.page("Home", { url: "https://shop.example/" });

const isWell = statuses.length === 4 && statuses.every((status) => status === 200);
if (!isWell) console.error(statuses);
process.exit(isWell ? 0 : 1);
