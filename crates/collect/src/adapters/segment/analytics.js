/*
 * Sonder's script for pages that were made for Segment's analytics.js.
 *
 * Segment's snippet loads it once its address names this house:
 *
 *   t.src = "https://cdp.example/analytics.js/v1/" + key + "/analytics.min.js";
 *
 * It takes over what the snippet queued, keeps the anonymous id and the user id where analytics.js keeps them (cookie and localStorage
 * `ajs_anonymous_id`, `ajs_user_id`), so that visitors stay who they are, and sends each message to {apiHost}/t, p, i, g, a or s.
 * A message that could not be stored is sent again as it was, on the next page if need be, so that its id counts once.
 *
 *   _loadOptions that count: integrations["Segment.io"].apiHost and protocol, integrations, initialPageview, disable,
 *   disableClientPersistence, cookie (domain, maxage in days, path, sameSite, secure)
 */
(function () {
  "use strict";

  const ANONYMOUS_ID = "ajs_anonymous_id";
  const USER_ID = "ajs_user_id";
  const USER_TRAITS = "ajs_user_traits";
  const GROUP_ID = "ajs_group_id";
  const GROUP_TRAITS = "ajs_group_properties";
  const COOKIE_DAYS = 365;

  const ROUTES = { track: "t", page: "p", identify: "i", group: "g", alias: "a", screen: "s" };
  /* Words of a call's options that have their place in the message; all others belong into its context. */
  const PLACED = ["userId", "anonymousId", "timestamp", "messageId"];
  /* What the snippet queued of these goes before all else, for it decides what the rest says. */
  const FIRST = ["addSourceMiddleware", "addDestinationMiddleware", "register", "setAnonymousId", "debug", "on", "once", "off"];

  const SETTINGS_PATIENCE_S = 3;
  const CALLBACK_PATIENCE_S = 0.3;
  const LONGEST_PAUSE_S = 300;
  /* Browsers refuse more than 64 KiB that outlives its page at a time. */
  const MOST_KEEPALIVE_BYTES = 60000;
  const MOST_UNSENT = 100;
  /* Where the settings do not say what is worth another try; times in seconds. */
  const RETRIES = {
    maxRetryCount: 10,
    baseBackoffInterval: 0.5,
    maxBackoffInterval: 60,
    maxTotalBackoffDuration: 43200,
    statusCodeOverrides: { 408: "retry", 410: "retry", 429: "retry", 460: "retry", 501: "drop", 505: "drop", 511: "drop" },
  };

  const script = document.currentScript || document.querySelector("script[src*='/analytics.js/v1/']");
  if (!script) return;
  const globalName = script.getAttribute("data-global-segment-analytics-key") || "analytics";
  const snippet = window[globalName] || [];
  const options = snippet._loadOptions || {};
  if (snippet.initialized || options.disable === true) return;

  /* The house: what stands before `/analytics.js/v1/{key}/` in the address of this script. */
  const [before, behind] = script.src.split("/analytics.js/v1/");
  const base = behind === undefined ? new URL(script.src).origin : before;
  const writeKey = snippet._writeKey || decodeURIComponent((behind || "").split("/")[0]);
  const unsentPrefix = "ajs_unsent:" + writeKey + ":";
  const persists = !options.disableClientPersistence;

  /* Where nothing can be kept, ids hold as long as the page. */
  const held = {};
  const listeners = {};
  const middlewares = [];
  let cookieDomain;
  let says = false;
  let isOff = false;
  let api = base + "/v1";
  let retries = RETRIES;
  let flyingBytes = 0;
  /* Before this moment (milliseconds) the house wants to hear nothing. */
  let closedUntil = 0;

  const user = {
    id: (...given) => (given.length > 0 ? become(given[0]) : recall(USER_ID) || null),
    anonymousId: (...given) => (given.length > 0 ? setAnonymousId(given[0]) : anonymous()),
    traits: (...given) => (given.length > 0 ? keepObject(USER_TRAITS, given[0]) : recallObject(USER_TRAITS)),
    reset: () => forgetAll([ANONYMOUS_ID, USER_ID, USER_TRAITS]),
  };

  const group = {
    id: (...given) => (given.length > 0 ? keep(GROUP_ID, textOf(given[0])) : recall(GROUP_ID) || null),
    properties: (...given) => (given.length > 0 ? keepObject(GROUP_TRAITS, given[0]) : recallObject(GROUP_TRAITS)),
    reset: () => forgetAll([GROUP_ID, GROUP_TRAITS]),
  };
  group.traits = group.properties;

  const analytics = {
    initialized: true,
    VERSION: "sonder-1",
    track: (...words) => track(call(words)),
    page: (...words) => look("page", call(words)),
    screen: (...words) => look("screen", call(words)),
    identify: (...words) => identify(call(words)),
    group: (...words) => (words.length > 0 ? join(call(words)) : group),
    alias: (...words) => alias(call(words)),
    user: () => user,
    setAnonymousId: setAnonymousId,
    reset: reset,
    ready: (callback) => settled.then(() => callback && callback()),
    on: on,
    once: once,
    off: off,
    debug: (isOn) => chained((says = isOn !== false)),
    trackLink: (elements, ...words) => trackOn("click", elements, words),
    trackClick: (elements, ...words) => trackOn("click", elements, words),
    trackForm: (elements, ...words) => trackOn("submit", elements, words),
    trackSubmit: (elements, ...words) => trackOn("submit", elements, words),
    pageview: (path) => analytics.page(path ? { path: path } : {}),
    addSourceMiddleware: (middleware) => chained(middlewares.push(middleware)),
    addIntegrationMiddleware: () => chained(),
    addDestinationMiddleware: (names, ...added) => chained([].concat(names).includes("Segment.io") && middlewares.push(...added)),
    register: () => chained(console.warn("analytics: plugins do not run here")),
    initialize: () => chained(),
    load: () => chained(),
    timeout: () => chained(),
    push: perform,
  };

  const settled = settle();
  start();

  function start() {
    const waiting = Array.isArray(snippet) ? Array.from(snippet, (queued) => Array.from(queued)) : [];
    const isFirst = ([method]) => FIRST.includes(method);
    window[globalName] = analytics;
    resume();
    waiting.filter(isFirst).forEach(perform);
    if (options.initialPageview) analytics.page();
    waiting.filter((queued) => !isFirst(queued)).forEach(perform);
    settled.then(() => emit("ready"));
  }

  /* The name of a method and its arguments, as the snippet queues them. */
  function perform([method, ...words]) {
    try {
      if (typeof analytics[method] === "function") return analytics[method](...words);
    } catch (error) {
      console.warn("analytics: a queued call failed", error);
    }
  }

  function chained() {
    return analytics;
  }

  /* ---- what a page says ---- */

  /* Takes a call apart: its words, what to call once it is sent, and the page as the snippet saw it when the call was made. */
  function call(words) {
    const isNote = (word) => isObject(word) && word.__t === "bpc";
    const isFunction = (word) => typeof word === "function";
    const spoken = words.filter((word) => !isNote(word) && !isFunction(word));
    return { words: spoken, callback: words.find(isFunction), seen: words.find(isNote) || seenNow() };
  }

  function track(call) {
    const [event, properties, given] = call.words;
    return send("track", { event: event, properties: properties || {} }, given, call, [event, properties, given]);
  }

  /* page(properties), page(name, properties) or page(category, name, properties); the same for screen. */
  function look(type, call) {
    const texts = call.words.filter((word) => typeof word === "string");
    const [given, more] = call.words.filter(isObject);
    const [name, category] = [texts.pop(), texts.pop()];
    const seen = type === "page" ? pageOf(call.seen) : {};
    const properties = Object.assign({}, seen, given, category && { category: category }, name && { name: name });
    return send(type, { name: name, category: category, properties: properties }, more, call, [category, name, properties, more]);
  }

  /* identify(userId, traits), or identify(traits) of whoever it is. Who becomes somebody else keeps neither traits nor anonymous id. */
  function identify(call) {
    const id = idOf(call.words);
    const [given, more] = call.words;
    const isSame = !id || !user.id() || user.id() === id;
    const traits = Object.assign({}, isSame && user.traits(), given);
    if (id) user.id(id);
    user.traits(traits);
    return send("identify", { userId: user.id() || undefined, traits: traits }, more, call, [user.id(), traits, more]);
  }

  function join(call) {
    const id = idOf(call.words);
    const [given, more] = call.words;
    const isSame = !id || !group.id() || group.id() === id;
    const traits = Object.assign({}, isSame && group.properties(), given);
    if (id) group.id(id);
    group.properties(traits);
    return send("group", { groupId: group.id() || undefined, traits: traits }, more, call, [group.id(), traits, more]);
  }

  /* Without `from`, who the visitor was so far. */
  function alias(call) {
    const [to, from] = call.words.filter((word) => !isObject(word)).map(textOf);
    const more = call.words.find(isObject);
    const known = user.id() && user.id() !== to ? user.id() : user.anonymousId();
    const words = { userId: to || user.id() || undefined, previousId: from || known };
    return send("alias", words, more, call, [to, from, more]);
  }

  /* Each message goes at once and outlives its page, so a link or a form need not wait for it. */
  function trackOn(kind, elements, [event, properties]) {
    const list = !elements ? [] : elements.addEventListener ? [elements] : Array.from(elements);
    const of = (word, element) => (typeof word === "function" ? word(element) : word);
    const listen = (element) => element.addEventListener(kind, () => analytics.track(of(event, element), of(properties, element)));
    list.forEach(listen);
    return analytics;
  }

  function reset() {
    user.reset();
    group.reset();
    emit("reset");
    return analytics;
  }

  function on(event, listener) {
    (listeners[event] = listeners[event] || []).push(listener);
    return analytics;
  }

  function once(event, listener) {
    const heard = (...words) => {
      off(event, heard);
      listener(...words);
    };
    return on(event, heard);
  }

  function off(event, listener) {
    listeners[event] = (listeners[event] || []).filter((other) => listener && other !== listener);
    return analytics;
  }

  function emit(event, ...words) {
    for (const listener of (listeners[event] || []).slice()) {
      try {
        listener(...words);
      } catch (error) {
        console.warn("analytics: a listener failed", error);
      }
    }
  }

  /* ---- messages ---- */

  /* Resolves with the message once it was tried for the first time, or a middleware of the page has kept it. */
  function send(type, words, given, call, told) {
    const message = compose(type, words, given || {}, call.seen);
    let sent = Promise.resolve();
    through({ obj: message }, middlewares, (passed) => (sent = deliver(passed)));
    emit(type, ...told);
    const context = { event: message };
    if (call.callback) Promise.race([sent, wait(CALLBACK_PATIENCE_S)]).then(() => call.callback(context));
    return sent.then(() => context);
  }

  function compose(type, words, given, seen) {
    const own = pick(given, (word) => PLACED.includes(word));
    if (own.anonymousId) setAnonymousId(own.anonymousId);
    const who = { userId: user.id() || undefined, anonymousId: anonymous() };
    const which = { type: type, messageId: "ajs-" + Date.now() + "-" + uuid(), timestamp: new Date().toISOString(), writeKey: writeKey };
    const integrations = Object.assign({}, flags(options.integrations), given.integrations);
    const page = pageOf(seen);
    if (type === "page") Object.assign(page, pick(words.properties, (word) => word in page));
    return Object.assign(which, who, words, own, { integrations: integrations, context: contextOf(page, given) });
  }

  function contextOf(page, given) {
    const said = Object.assign({}, pick(given, (word) => !PLACED.concat("context", "integrations").includes(word)), given.context);
    const campaign = campaignOf(new URLSearchParams(page.search));
    return Object.assign(
      {
        userAgent: navigator.userAgent,
        locale: navigator.language,
        timezone: Intl.DateTimeFormat().resolvedOptions().timeZone,
        library: { name: "sonder analytics.js", version: "1" },
      },
      Object.keys(campaign).length > 0 && { campaign: campaign },
      said,
      { page: Object.assign(page, said.page) }
    );
  }

  function seenNow() {
    const link = document.querySelector("link[rel='canonical']");
    const canonical = (link && link.getAttribute("href")) || undefined;
    return { c: canonical, p: location.pathname, u: location.href, s: location.search, t: document.title, r: document.referrer };
  }

  /* A canonical address counts before the one in the bar. Fragments stay here: some carry secrets. */
  function pageOf({ c, p, u, s, t, r }) {
    const canonical = absolute(c, u);
    const url = !canonical ? u : canonical.search ? canonical.href : canonical.origin + canonical.pathname + s;
    return { path: canonical ? canonical.pathname : p, referrer: r, search: s, title: t, url: url.split("#")[0] };
  }

  function campaignOf(query) {
    const found = {};
    query.forEach((value, word) => {
      if (word.startsWith("utm_")) found[word === "utm_campaign" ? "name" : word.slice(4)] = value;
    });
    return found;
  }

  /* A middleware may change a message, or keep it by not calling `next`. One that fails keeps it. */
  function through(payload, [middleware, ...rest], pass) {
    if (!middleware) return pass(payload.obj);
    try {
      const next = (changed) => changed && through(changed, rest, pass);
      middleware({ payload: payload, next: next, integrations: payload.obj.integrations });
    } catch (error) {
      console.warn("analytics: a middleware failed, so a message is not sent", error);
    }
  }

  /* ---- on the way ---- */

  /* Asks the house where to send to. One that does not answer, or a page that closes first, does not keep messages back. */
  function settle() {
    const nothing = () => ({});
    const answer = fetch(base + "/v1/projects/" + encodeURIComponent(writeKey) + "/settings");
    const told = answer.then((answer) => (answer.ok ? answer.json() : {})).catch(nothing);
    const closing = new Promise((done) => addEventListener("pagehide", done, { once: true })).then(nothing);
    return Promise.race([told, closing, wait(SETTINGS_PATIENCE_S).then(nothing)]).then(take);
  }

  function take(settings) {
    const mine = (integrations) => (integrations || {})["Segment.io"] || {};
    const told = Object.assign({}, mine(settings && settings.integrations), mine(options.integrations));
    if (told.apiHost) api = (told.protocol || "https") + "://" + told.apiHost;
    retries = Object.assign({}, RETRIES, told.httpConfig && told.httpConfig.backoffConfig);
    isOff = typeof options.disable === "function" && Boolean(options.disable(settings));
  }

  function deliver(message) {
    if (says) console.log("analytics: " + message.type, message);
    if (message.integrations["Segment.io"] === false) return Promise.resolve();
    const unsent = { message: message, tries: 0, since: Date.now(), due: 0 };
    keepUnsent(unsent);
    return attempt(unsent);
  }

  function attempt(unsent) {
    return settled
      .then(() => pause(Math.max(unsent.due, closedUntil) - Date.now()))
      .then(() => (isOff ? { ok: true } : post(unsent.message)))
      .then(
        (answer) => (answer.ok || !isWorthIt(answer.status) ? forgetUnsent(unsent) : tryLater(unsent, retryAfterS(answer))),
        () => tryLater(unsent)
      );
  }

  /* Text, and the key in the body: a browser asks no leave for such a request. */
  function post(message) {
    const body = JSON.stringify(Object.assign({}, message, { sentAt: new Date().toISOString() }));
    const bytes = new TextEncoder().encode(body).length;
    const keepalive = flyingBytes + bytes <= MOST_KEEPALIVE_BYTES;
    const weight = keepalive ? bytes : 0;
    flyingBytes += weight;
    const landed = () => (flyingBytes -= weight);
    const request = { method: "POST", headers: { "Content-Type": "text/plain" }, body: body, keepalive: keepalive };
    const answer = fetch(api + "/" + ROUTES[message.type], request);
    answer.then(landed, landed);
    return answer;
  }

  /* After the last try on this page a message waits for the next one. */
  function tryLater(unsent, toldS) {
    const doubled = retries.baseBackoffInterval * Math.pow(2, unsent.tries);
    const backoffS = Math.min(doubled, retries.maxBackoffInterval) * (1 + Math.random() / 5);
    unsent.tries += 1;
    unsent.due = Date.now() + (toldS === undefined ? backoffS : toldS) * 1000;
    if (toldS !== undefined) closedUntil = Math.max(closedUntil, unsent.due);
    keepUnsent(unsent);
    if (unsent.tries <= retries.maxRetryCount) attempt(unsent);
  }

  function isWorthIt(status) {
    const told = retries.statusCodeOverrides[status];
    return told ? told === "retry" : status >= 500;
  }

  /* Seconds or a date; a house on another origin must expose the header. */
  function retryAfterS(answer) {
    const told = answer.headers.get("Retry-After");
    if (!told) return undefined;
    const seconds = isNaN(told) ? (Date.parse(told) - Date.now()) / 1000 : Number(told);
    return seconds >= 0 ? Math.min(seconds, LONGEST_PAUSE_S) : undefined;
  }

  /* What earlier pages could not send. Each message has its own entry, so that two pages never write over each other's. */
  function resume() {
    for (const name of storedNames().filter((name) => name.startsWith(unsentPrefix))) {
      const unsent = parsed(stored(name));
      const isFresh = unsent && unsent.message && Date.now() - unsent.since < RETRIES.maxTotalBackoffDuration * 1000;
      if (isFresh) attempt(Object.assign(unsent, { tries: 0 }));
      else store(name, null);
    }
  }

  function keepUnsent(unsent) {
    const name = unsentPrefix + unsent.message.messageId;
    const isNew = stored(name) === null;
    if (isNew && storedNames().filter((name) => name.startsWith(unsentPrefix)).length >= MOST_UNSENT) return;
    store(name, JSON.stringify(unsent));
  }

  function forgetUnsent(unsent) {
    store(unsentPrefix + unsent.message.messageId, null);
  }

  /* ---- who it is ---- */

  function anonymous() {
    return recall(ANONYMOUS_ID) || setAnonymousId(uuid());
  }

  function setAnonymousId(id) {
    return keep(ANONYMOUS_ID, textOf(id) || uuid());
  }

  function become(id) {
    const [was, is] = [recall(USER_ID), textOf(id)];
    if (was && is && was !== is) forgetAll([ANONYMOUS_ID]);
    return keep(USER_ID, is) || null;
  }

  /* An id: the cookie's, else the one in localStorage, which then becomes the cookie's again. */
  function recall(name) {
    const [of_cookie, of_store] = [plain(cookie(name)), plain(stored(name))];
    const id = of_cookie || of_store || held[name] || "";
    if (id && persists && (of_cookie !== id || of_store !== id)) keep(name, id);
    return id;
  }

  function keep(name, id) {
    held[name] = id;
    store(name, id ? JSON.stringify(id) : null);
    if (persists) writeCookie(name, id || "", cookieDomain === undefined ? (cookieDomain = widest()) : cookieDomain);
    return id;
  }

  function recallObject(name) {
    return Object.assign({}, parsed(stored(name)) || held[name]);
  }

  function keepObject(name, object) {
    held[name] = object || {};
    store(name, JSON.stringify(held[name]));
    return held[name];
  }

  function forgetAll(names) {
    for (const name of names) {
      keep(name, "");
      delete held[name];
    }
  }

  /* Ids stand plain in cookies and quoted in localStorage; the first analytics.js quoted them in both. */
  function plain(text) {
    return text && text.startsWith('"') ? textOf(parsed(text)) : text || "";
  }

  function cookie(name) {
    const found = persists && document.cookie.split("; ").find((pair) => pair.startsWith(name + "="));
    try {
      return found ? decodeURIComponent(found.slice(name.length + 1)) : "";
    } catch (_) {
      return "";
    }
  }

  function writeCookie(name, value, domain) {
    const told = options.cookie || {};
    const age = value ? (told.maxage || COOKIE_DAYS) * 86400 : 0;
    const isSecure = told.secure === undefined ? location.protocol === "https:" : told.secure;
    const where = "; Path=" + (told.path || "/") + (domain ? "; Domain=" + domain : "");
    const how = "; SameSite=" + (told.sameSite || "Lax") + (isSecure ? "; Secure" : "");
    document.cookie = name + "=" + encodeURIComponent(value) + where + "; Max-Age=" + age + how;
  }

  /* The widest domain on which this page may set a cookie: `shop.example` for `www.shop.example`. "" is this host alone. */
  function widest() {
    if (options.cookie && options.cookie.domain) return options.cookie.domain;
    const parts = location.hostname.split(".");
    for (let from = parts.length - 2; from >= 0; from--) {
      const candidate = parts.slice(from).join(".");
      writeCookie("ajs_try", "1", candidate);
      const isKept = cookie("ajs_try") === "1";
      writeCookie("ajs_try", "", candidate);
      if (isKept) return candidate;
    }
    return "";
  }

  /* ---- small things ---- */

  /* localStorage may be full, or forbidden even to look at. */
  function stored(name) {
    try {
      return persists ? localStorage.getItem(name) : null;
    } catch (_) {
      return null;
    }
  }

  function storedNames() {
    try {
      return persists ? Object.keys(localStorage) : [];
    } catch (_) {
      return [];
    }
  }

  function store(name, text) {
    try {
      if (persists && text === null) localStorage.removeItem(name);
      else if (persists) localStorage.setItem(name, text);
    } catch (_) {
      /* What cannot be kept holds as long as the page. */
    }
  }

  function parsed(text) {
    try {
      return text ? JSON.parse(text) : undefined;
    } catch (_) {
      return undefined;
    }
  }

  /* The id at the front of a call, if one stands there; `null` there says nothing. */
  function idOf(words) {
    return isObject(words[0]) || words.length === 0 ? undefined : textOf(words.shift()) || undefined;
  }

  function textOf(value) {
    return value === undefined || value === null ? "" : String(value);
  }

  function isObject(value) {
    return typeof value === "object" && value !== null;
  }

  function pick(object, isWanted) {
    const wanted = Object.entries(object || {}).filter(([word]) => isWanted(word));
    return wanted.reduce((picked, [word, value]) => Object.assign(picked, { [word]: value }), {});
  }

  /* Options of an integration say that it is on; a message says no more than that. */
  function flags(integrations) {
    const entries = Object.entries(integrations || {});
    return entries.reduce((told, [name, value]) => Object.assign(told, { [name]: isObject(value) ? true : value }), {});
  }

  function absolute(address, from) {
    try {
      return address ? new URL(address, from) : undefined;
    } catch (_) {
      return undefined;
    }
  }

  /* No turn of the clock where none is needed: a page that closes takes no more of them. */
  function pause(ms) {
    return ms > 0 ? wait(ms / 1000) : undefined;
  }

  function wait(seconds) {
    return new Promise((done) => setTimeout(done, seconds * 1000));
  }

  function uuid() {
    if (crypto.randomUUID) return crypto.randomUUID();
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    bytes[6] = (bytes[6] & 0x0f) | 0x40;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
    return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
  }
})();
