// A small retailer's world for the mock: seeded, so that screenshots are the same each time.

const FIRST =
  "Ada Mark Lena Jonas Mira Paul Nora Emil Clara Felix Ines Tom Greta Oskar Maja Ben Rosa Leo Frida Max".split(
    " ",
  );
const LAST =
  "Berger Johnson Vogel Keller Okafor Lindt Santos Novak Weiss Moreau Ito Haas Petersen Kaya Rossi Brandt".split(
    " ",
  );
const CITIES = [
  ["Berlin", "DE"],
  ["Hamburg", "DE"],
  ["Vienna", "AT"],
  ["Zurich", "CH"],
  ["Lyon", "FR"],
  ["Porto", "PT"],
];
const GOODS = [
  "Linen shirt",
  "Walnut desk",
  "Copper kettle",
  "Wool throw",
  "Reading lamp",
  "Oak shelf",
  "Rain jacket",
];
const PURPOSES = ["email_marketing", "ads_measurement", "personalisation"];
const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

export function makeWorld(seed, people, now) {
  const world = { random: seeded(seed), now, seq: 100_000, people: [], live: [] };
  for (let n = 0; n < people; n++) world.people.push(makePerson(world, n));
  world.people.sort((a, b) => b.last_seen.localeCompare(a.last_seen));
  world.live = world.people.flatMap((p) => p.events.slice(0, 3).map((e) => liveOf(p, e)));
  world.live.sort((a, b) => b.time.localeCompare(a.time));
  world.live = world.live.slice(0, 500).map((event, index) => ({ ...event, seq: world.seq - index }));
  return world;
}

/** One more event of somebody, as it comes in now. */
export function nextEvent(world) {
  const person = pick(world, world.people.slice(0, 120));
  const event = makeEvent(world, person, Date.now());
  person.events.unshift(event);
  person.last_seen = event.time;
  const live = { ...liveOf(person, event), seq: ++world.seq };
  world.live = [live, ...world.live].slice(0, 500);
  return live;
}

export const id = (kind, value, source, first_seen) => ({ type: kind, id: value, source, first_seen });

function makePerson(world, n) {
  const known = world.random() < 0.52;
  const seen = world.now - Math.floor(world.random() ** 3 * 150 * DAY) - 40_000;
  const born = iso(seen - Math.floor(world.random() * 120 * DAY));
  const person = {
    id: `P${n * 3 + 11}`,
    known,
    created_at: born,
    ids: [],
    traits: [],
    events: [],
    consents: {},
  };
  person.ids.push(id("anonymous_id", uuid(world), "web", born));
  if (known) name(world, person, born, n);
  else person.label = `device ${person.ids[0].id.slice(0, 8)}`;
  person.previous_ids = known && world.random() < 0.3 ? [`P${n * 3 + 12}`, `P${n * 3 + 13}`] : [];
  makeEvents(world, person, seen);
  person.last_seen = person.events[0].time;
  return person;
}

function name(world, person, born, n) {
  const [first, last] = [pick(world, FIRST), pick(world, LAST)];
  const [city, country] = pick(world, CITIES);
  const email = `${first}.${last}${n}@example.com`.toLowerCase();
  person.label = `${first} ${last}`;
  person.email = email;
  person.ids.push(id("user_id", `u${1000 + n}`, "web_shop", born), id("email", email, "crm", born));
  if (world.random() < 0.5) person.ids.push(id("phone", `+49170${5_000_000 + n * 17}`, "loyalty", born));
  if (world.random() < 0.4) person.ids.push(id("loyalty_id", `L-${20_000 + n}`, "loyalty", born));
  const devices = n % 40 === 7 ? 14 : Math.floor(world.random() * 3);
  for (let d = 0; d < devices; d++) person.ids.push(id("anonymous_id", uuid(world), "app", born));
  person.traits.push(
    trait("name", person.label, "crm", born, `email:${email}`, first === "Mark" ? ["M. Johnson"] : []),
    trait("email", email, "web_shop", born, `user_id:u${1000 + n}`, [email.toUpperCase()]),
    trait("city", city, "crm", born, `email:${email}`, city === "Berlin" ? ["Potsdam"] : []),
    trait("country", country, "crm", born, `email:${email}`),
    trait("tier", pick(world, ["gold", "silver", "basic"]), "loyalty", born, `user_id:u${1000 + n}`),
    trait("points", Math.floor(world.random() * 2400), "loyalty", born, `email:${email}`, [120, 80]),
    trait("newsletter", world.random() < 0.6, "email_tool", born, `email:${email}`),
  );
  for (const purpose of PURPOSES) {
    if (world.random() < 0.75) person.consents[purpose] = world.random() < 0.65 ? "granted" : "denied";
  }
}

function makeEvents(world, person, seen) {
  let at = seen;
  const visits = person.known ? 3 + Math.floor(world.random() * 14) : 1 + Math.floor(world.random() * 3);
  for (let visit = 0; visit < visits; visit++) {
    const length = 1 + Math.floor(world.random() * 6);
    for (let n = 0; n < length; n++) {
      person.events.push(makeEvent(world, person, at));
      at -= Math.floor((0.3 + world.random() * 4) * MINUTE);
    }
    at -= Math.floor((0.1 + world.random() ** 2 * 12) * DAY);
  }
}

function makeEvent(world, person, at) {
  const kinds = person.known
    ? [
        "Product Viewed",
        "Product Viewed",
        "page",
        "Product Added",
        "Order Completed",
        "Email Opened",
        "Ticket Opened",
        "identify",
      ]
    : ["page", "page", "Product Viewed", "Ad Impression"];
  const event = pick(world, kinds);
  const kind = ["page", "identify"].includes(event) ? event : "track";
  return {
    seq: ++world.seq,
    message_id: uuid(world),
    type: kind,
    event,
    name: kind === "page" ? pick(world, ["Home", "Category", "Search"]) : undefined,
    source: sourceOf(event, world),
    time: iso(at),
    identifier: `${person.ids[0].type}:${person.ids[0].id}`,
    properties: properties(world, event),
    context: {
      ip: "203.0.113.7",
      userAgent: "Mozilla/5.0",
      library: { name: "analytics.js", version: "2.11.1" },
    },
  };
}

function sourceOf(event, world) {
  if (event === "Email Opened") return "email_tool";
  if (event === "Ticket Opened") return "help_desk";
  if (event === "Order Completed") return pick(world, ["web_shop", "till"]);
  return pick(world, ["web", "web", "app"]);
}

function properties(world, event) {
  const price = Math.round(world.random() * 18_000) / 100 + 9;
  if (event === "page") return { path: pick(world, ["/", "/living", "/kitchen", "/sale"]), referrer: "" };
  if (event === "Order Completed") {
    const items = [{ product: pick(world, GOODS), quantity: 1 + Math.floor(world.random() * 3), price }];
    return { order_id: `o${world.seq}`, revenue: price, currency: "EUR", items };
  }
  if (event.startsWith("Product")) return { product: pick(world, GOODS), price, currency: "EUR" };
  if (event === "Email Opened") return { campaign: pick(world, ["Autumn", "Restock", "Birthday"]) };
  return event === "Ticket Opened" ? { topic: "delivery", channel: "chat" } : {};
}

function liveOf(person, event) {
  const effects = [{ room: "identity", text: `belongs to ${person.id}` }];
  if (event.type === "identify") {
    effects.push({ room: "identity", text: `linked ${event.identifier.slice(0, 22)} to ${person.id}` });
    effects.push({ room: "profiles", text: "city changed" });
  }
  if (event.event === "Order Completed") {
    effects.push(
      { room: "profiles", text: "timeline grew" },
      { room: "audiences", text: "entered recent_buyers" },
    );
    effects.push({ room: "activation", text: "crm_hook: due, consent granted" });
  }
  return {
    ...event,
    received_at: iso(Date.parse(event.time) + 240),
    profile: person.id,
    identifiers: person.ids.map((one) => `${one.type}:${one.id}`),
    effects,
    body: {
      type: event.type,
      event: event.event,
      messageId: event.message_id,
      properties: event.properties,
      context: event.context,
    },
  };
}

function trait(name, value, source, time, identifier, others = []) {
  return { name, value, source, time, identifier, ...(others.length ? { others } : {}) };
}

const iso = (ms) => new Date(ms).toISOString();
const pick = (world, list) => list[Math.floor(world.random() * list.length)];

function uuid(world) {
  const hex = () =>
    Math.floor(world.random() * 65_536)
      .toString(16)
      .padStart(4, "0");
  return `${hex()}${hex()}-${hex()}-4${hex().slice(1)}-a${hex().slice(1)}-${hex()}${hex()}${hex()}`;
}

function seeded(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}
