// Speaks with the unmodified client: node snowplow-node-tracker.mjs BASE WRITE_KEY

import { setTimeout } from "node:timers/promises";

import snowplow from "@snowplow/node-tracker";

const [base, appId] = process.argv.slice(2);
const { hostname, port } = new URL(base);
let told = 0;
const faults = [];
const endpoint = {
  endpoint: hostname,
  port,
  protocol: "http",
  bufferSize: 3,
  onRequestSuccess: (batch) => (told += batch.length),
  onRequestFailure: (fault) => faults.push(fault),
};
const tracker = snowplow.newTracker({ namespace: "e2e", appId }, endpoint);

// It has neither traits nor an alias: who somebody is stands in a context of the shop's own, and the device's id beside the person's.
const iglu = (name, data) => ({ schema: `iglu:com.example/${name}/jsonschema/1-0-0`, data });
const described = (event, context = []) => tracker.track(snowplow.buildSelfDescribingEvent({ event }), context);
tracker.setDomainUserId("snowplow-device");
tracker.track(snowplow.buildStructEvent({ category: "shop", action: "Looked", label: "mug", value: 2 }));
tracker.setUserId("snowplow-1");
described(iglu("signed_in", { method: "mail" }), [iglu("customer", { email: "Snowplow@Example.com", plan: "pro" })]);
described(iglu("order_completed", { order_id: "o-1", total: 99.5, revenue: 99.5 }));
tracker.track(snowplow.buildPageView({ pageUrl: "https://shop.example/", pageTitle: "Home" }));
while (told < 4 && faults.length === 0) {
  await tracker.flush();
  await setTimeout(20);
}

for (const fault of faults) console.error(fault);
process.exit(faults.length > 0 ? 1 : 0);
