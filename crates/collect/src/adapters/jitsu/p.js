/*
 * Sonder's script for pages that were made for Jitsu's p.js.
 *
 *   <script async src="https://cdp.example/p.js" data-write-key="…"></script>
 *
 * It sends a page view, keeps an anonymous id in a cookie, and gives the page `jitsu`:
 * track(event, properties), identify(userId, traits), page(properties), group(groupId, traits), alias(userId, previousId), reset().
 *
 *   data-write-key     the key of the source
 *   data-host          where to send to; without it, where this script came from
 *   data-init-only     send no page view by itself
 *   data-namespace     another name for `jitsu` (and for its queue, `jitsuQ`)
 *   data-onload        name of a function of the page that is called with it
 *   data-cookie-domain the domain of the cookies; without it, the widest that the browser allows
 *   data-debug         say in the console what is sent
 *   data-privacy-dont-send, data-privacy-disable-user-ids   send nothing; keep no cookie
 */
(function () {
  "use strict";

  const ANONYMOUS_ID = "__eventn_id";
  const USER_ID = "__eventn_uid";
  const GROUP_ID = "__group_id";
  const COOKIE_DAYS = 400;
  const RETRY_AFTER_S = [1, 2, 4, 8];

  const script = document.currentScript || document.querySelector("script[data-write-key]");
  if (!script) return;

  const options = Object.assign({}, window.jitsuConfig, attributes(script));
  const host = baseOf(options.host || script.src);
  const writeKey = options["write-key"] || options.writeKey || "";
  const name = options.namespace || "jitsu";
  const keepsCookies = !isOn(options["privacy-disable-user-ids"]);

  /* Where no cookie can be kept, ids hold as long as the page. */
  const unkept = {};
  let domain;
  let anonymousId;
  let traits = {};

  const jitsu = {
    track: (event, properties) => send("track", { event: event, properties: properties || {} }),
    page: (...words) => send("page", page(words)),
    identify: identify,
    group: group,
    alias: (userId, previousId) => send("alias", { userId: userId, previousId: previousId || user() || anonymous() }),
    user: () => ({ id: user(), anonymousId: anonymous(), traits: traits }),
    setAnonymousId: (id) => keep(ANONYMOUS_ID, (anonymousId = String(id))),
    reset: reset,
  };

  start();

  function start() {
    const waiting = window[name + "Q"];
    window[name] = jitsu;
    window[name + "Q"] = { push: call };
    if (typeof window[options.onload] === "function") call(window[options.onload]);
    if (Array.isArray(waiting)) waiting.forEach(call);
    if (!isOn(options["init-only"])) jitsu.page();
  }

  /* What the page queued: a function of `jitsu`, or the name of a method and its arguments. */
  function call(queued) {
    try {
      if (typeof queued === "function") return queued(jitsu);
      const [method, ...words] = Array.from(queued);
      if (typeof jitsu[method] === "function") return jitsu[method](...words);
    } catch (error) {
      console.warn("jitsu: a queued call failed", error);
    }
  }

  /* page(properties), page(name, properties) or page(category, name, properties). */
  function page(words) {
    const texts = words.filter((word) => typeof word === "string");
    const given = words.find((word) => word && typeof word === "object");
    const at = location;
    const seen = { title: document.title, url: at.href, path: at.pathname, hash: at.hash, search: at.search, width: innerWidth, height: innerHeight };
    return { name: texts.pop(), category: texts.pop(), properties: Object.assign(seen, given) };
  }

  function identify(id, told) {
    if (id && typeof id === "object") return identify(undefined, id);
    if (id !== undefined && id !== null && id !== "") keep(USER_ID, String(id));
    traits = Object.assign({}, traits, told);
    return send("identify", { traits: told || {} });
  }

  function group(id, told) {
    keep(GROUP_ID, String(id));
    return send("group", { groupId: String(id), traits: told || {} });
  }

  function reset() {
    traits = {};
    [ANONYMOUS_ID, USER_ID, GROUP_ID].forEach((cookie) => keep(cookie, ""));
    anonymousId = undefined;
  }

  function send(type, words) {
    if (isOn(options["privacy-dont-send"])) return Promise.resolve();
    const now = new Date().toISOString();
    const who = { userId: user() || null, anonymousId: anonymous() };
    const which = { messageId: uuid(), timestamp: now, writeKey: writeKey.replace(/:.*$/, ":***"), context: context() };
    const message = Object.assign({ type: type }, who, which, words);
    if (isOn(options.debug) || isOn(options["echo-events"])) console.log("jitsu: " + type, message);
    return deliver(type, message, 0);
  }

  /* A message keeps its id however often it is sent, so that it counts once. */
  function deliver(type, message, tries) {
    const body = JSON.stringify(Object.assign({}, message, { sentAt: new Date().toISOString() }));
    const headers = { "Content-Type": "application/json", "X-Write-Key": writeKey };
    const again = (afterS) => wait(afterS).then(() => deliver(type, message, tries + 1));
    return fetch(host + "/api/s/" + type, { method: "POST", headers: headers, body: body, keepalive: body.length < 60000 }).then(
      (answer) => {
        const isWorthIt = answer.status === 429 || answer.status >= 500;
        if (!isWorthIt || tries >= RETRY_AFTER_S.length) return answer;
        return again(Number(answer.headers.get("Retry-After")) || RETRY_AFTER_S[tries]);
      },
      () => (tries < RETRY_AFTER_S.length ? again(RETRY_AFTER_S[tries]) : undefined)
    );
  }

  function context() {
    const at = location;
    const group = cookie(GROUP_ID);
    return Object.assign(group ? { groupId: group } : {}, {
      library: { name: "sonder p.js", version: "1", env: "browser" },
      userAgent: navigator.userAgent,
      locale: navigator.language,
      screen: { width: screen.width, height: screen.height, innerWidth: innerWidth, innerHeight: innerHeight, density: devicePixelRatio },
      page: { path: at.pathname, referrer: document.referrer, host: at.host, search: at.search, title: document.title, url: at.href },
      traits: traits,
      campaign: campaign(new URLSearchParams(at.search)),
    });
  }

  function campaign(query) {
    const found = {};
    query.forEach((value, word) => {
      if (word.startsWith("utm_")) found[word === "utm_campaign" ? "name" : word.slice(4)] = value;
    });
    return found;
  }

  function anonymous() {
    if (!anonymousId) anonymousId = cookie(ANONYMOUS_ID) || uuid();
    if (cookie(ANONYMOUS_ID) !== anonymousId) keep(ANONYMOUS_ID, anonymousId);
    return anonymousId;
  }

  function user() {
    return cookie(USER_ID);
  }

  function cookie(key) {
    if (!keepsCookies) return unkept[key] || "";
    const found = document.cookie.split("; ").find((pair) => pair.startsWith(key + "="));
    if (!found) return unkept[key] || "";
    try {
      return decodeURIComponent(found.slice(key.length + 1));
    } catch (_) {
      return "";
    }
  }

  function keep(key, value) {
    unkept[key] = value;
    if (keepsCookies) write(key, value, domain === undefined ? (domain = widest()) : domain);
  }

  function write(key, value, within) {
    const age = value ? COOKIE_DAYS * 86400 : 0;
    const secure = location.protocol === "https:" ? "; Secure" : "";
    const where = within ? "; Domain=" + within : "";
    document.cookie = key + "=" + encodeURIComponent(value) + "; Path=/; SameSite=Lax; Max-Age=" + age + where + secure;
  }

  /* The widest domain on which this page may set a cookie: `shop.example` for `www.shop.example`. "" is this host alone. */
  function widest() {
    if (options["cookie-domain"]) return options["cookie-domain"];
    const parts = location.hostname.split(".");
    for (let from = parts.length - 2; from >= 0; from--) {
      const candidate = parts.slice(from).join(".");
      write("__eventn_try", "1", candidate);
      const isKept = document.cookie.includes("__eventn_try=1");
      write("__eventn_try", "", candidate);
      if (isKept) return candidate;
    }
    return "";
  }

  function attributes(element) {
    const found = {};
    for (const attribute of element.attributes) {
      if (attribute.name.startsWith("data-")) found[attribute.name.slice(5)] = attribute.value;
    }
    return found;
  }

  /* An attribute without a value is on. */
  function isOn(value) {
    return value !== undefined && value !== null && !["false", "0", "no"].includes(String(value));
  }

  function baseOf(address) {
    const url = new URL(/^(https?:)?\/\//.test(address) ? address : "https://" + address, location.href);
    return address === script.src ? url.origin : url.origin + url.pathname.replace(/\/+$/, "");
  }

  function wait(seconds) {
    return new Promise((done) => setTimeout(done, Math.min(seconds, 60) * 1000));
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
