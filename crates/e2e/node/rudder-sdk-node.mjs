// Speaks with the unmodified client: node rudder-sdk-node.mjs BASE WRITE_KEY

import RudderAnalytics from "@rudderstack/rudder-sdk-node";

const [dataPlaneUrl, writeKey] = process.argv.slice(2);
const faults = [];
const errorHandler = (fault) => faults.push(fault);
const rudder = new RudderAnalytics(writeKey, {
  dataPlaneUrl,
  flushInterval: 200,
  retryCount: 2,
  gzip: true,
  errorHandler,
});

const who = { userId: "rudder-node-1" };
rudder.track({ anonymousId: "rudder-node-device", event: "Looked" });
rudder.identify({ ...who, traits: { email: "Rudder.Node@Example.com", plan: "pro" } });
rudder.track({ ...who, event: "Order Completed", properties: { order_id: "o-1", total: 99.5, revenue: 99.5 } });
rudder.page({ ...who, name: "Home", properties: { url: "https://shop.example/" } });
rudder.alias({ ...who, previousId: "rudder-node-device" });
await rudder.flush();

for (const fault of faults) console.error(fault);
process.exit(faults.length > 0 ? 1 : 0);
