// Says one of everything with the unmodified client: node analytics-node.mjs BASE WRITE_KEY

import { Analytics } from "@segment/analytics-node";

const [host, writeKey] = process.argv.slice(2);
const analytics = new Analytics({ host, writeKey, flushAt: 3, maxRetries: 4 });
const faults = [];
analytics.on("error", (error) => faults.push(error));

const who = { userId: "node-1" };
const device = { ...who, anonymousId: "node-anonymous" };
analytics.identify({ ...device, traits: { email: "Node@Example.com", plan: "pro" } });
analytics.track({ ...who, event: "Order Completed", properties: { total: 99.5, revenue: 99.5, products: ["Ütf-8 ✓"] } });
analytics.track({ anonymousId: "node-anonymous", event: "Looked" });
analytics.page({ ...device, name: "Home" });
analytics.screen({ ...device, name: "Basket" });
analytics.group({ ...who, groupId: "g-1", traits: { seats: 5 } });
analytics.alias({ ...who, previousId: "node-anonymous" });
await analytics.closeAndFlush({ timeout: 20_000 });

for (const fault of faults) console.error(fault);
process.exit(faults.length > 0 ? 1 : 0);
