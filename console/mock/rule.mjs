// A small reader of the rule language for the mock: enough of it that counts and mistakes move while one types.

const TOKEN =
  /\s*(?:('(?:[^']|'')*'?)|(-?\d+(?:\.\d+)?)|(>=|<=|!=|[=<>()])|([\p{L}_][\p{L}\p{N}_.]*)|(\S))/uy;
const UNITS = { minutes: 6e4, hours: 36e5, days: 864e5, weeks: 6048e5 };

/** Reads a rule: `{ part, problems }`. A part is `{ text, test(person, now) -> { holds, evidence }, children }`. */
export function read(text, traits, events) {
  const reader = { text, tokens: cut(text), at: 0, problems: [], traits, events };
  const part = either(reader);
  if (reader.at < reader.tokens.length)
    wrong(reader, "unexpected", "nothing more is expected here", ["and", "or"]);
  return { part, problems: reader.problems };
}

export function judge(part, person, now) {
  const { holds, evidence } = part.test(person, now);
  return {
    text: part.text,
    holds,
    evidence,
    children: part.children.map((child) => judge(child, person, now)),
  };
}

function either(r) {
  return chain(r, "or", both, (parts) => (p, now) => parts.some((part) => part.test(p, now).holds));
}

function both(r) {
  return chain(r, "and", single, (parts) => (p, now) => parts.every((part) => part.test(p, now).holds));
}

function chain(r, word, below, test) {
  const parts = [below(r)];
  while (eat(r, word)) parts.push(below(r));
  if (parts.length === 1) return parts[0];
  const holds = test(parts);
  return {
    text: word === "and" ? "all of" : "any of",
    children: parts,
    test: (p, now) => ({ holds: holds(p, now), evidence: [] }),
  };
}

function single(r) {
  const start = peek(r)?.start ?? 0;
  if (eat(r, "not")) {
    const inner = single(r);
    return {
      text: "not",
      children: [inner],
      test: (p, now) => ({ holds: !inner.test(p, now).holds, evidence: [] }),
    };
  }
  if (eat(r, "(")) {
    const inner = either(r);
    if (!eat(r, ")")) wrong(r, "unclosed", "`)` is missing", [")"]);
    return inner;
  }
  if (eat(r, "count")) return counted(r, start);
  if (eat(r, "exists")) return existing(r, start);
  return compared(r, start);
}

function counted(r, start) {
  eat(r, "(");
  const label = take(r);
  const name = label?.value;
  if (label && !r.events.includes(name))
    near(r, label, "unknown_event", `no event is called \`${name}\``, r.events);
  let windowMs = Infinity;
  if (eat(r, "in")) {
    eat(r, "last");
    const n = take(r)?.value;
    windowMs = n * (UNITS[take(r)?.value] ?? 864e5);
  }
  if (!eat(r, ")")) wrong(r, "unclosed", "`)` is missing", [")"]);
  const op = ops(r) ?? ">=";
  const n = r.hadOp ? take(r)?.value : 1;
  return leaf(r, start, (p, now) => {
    const times = p.events.filter((e) => e.event === name && now - Date.parse(e.time) < windowMs);
    const said = times.slice(0, 3).map((e) => `${e.event} at ${e.time.slice(0, 16)} (${e.source})`);
    return { holds: compare(times.length, op, n), evidence: [`${times.length} found`, ...said] };
  });
}

function existing(r, start) {
  eat(r, "(");
  const name = take(r)?.value;
  if (!eat(r, ")")) wrong(r, "unclosed", "`)` is missing", [")"]);
  return leaf(r, start, (p) => said(p, name, (value) => value !== undefined));
}

function compared(r, start) {
  const name = take(r);
  if (!name)
    return wrong(r, "condition_missing", "a condition is missing here", [
      "country = 'DE'",
      "count('Order Completed')",
    ]);
  if (!r.traits.includes(name.value))
    near(r, name, "unknown_trait", `no trait is called \`${name.value}\``, r.traits);
  const op = ops(r);
  if (!op) return wrong(r, "operator_missing", "an operator is missing here", ["=", "!=", ">=", "contains"]);
  const value = take(r);
  if (!value) return wrong(r, "value_missing", "a value is missing here", ["'text'", "10", "true"]);
  return leaf(r, start, (p) => said(p, name.value, (found) => compare(found, op, value.value)));
}

function said(person, name, holds) {
  const trait = person.traits.find((one) => one.name === name);
  const evidence = trait
    ? [`${name} is ${JSON.stringify(trait.value)}, says ${trait.source}`]
    : [`${name} is not known`];
  return { holds: holds(trait?.value), evidence };
}

function compare(found, op, wanted) {
  if (found === undefined || typeof found !== typeof wanted) return false;
  if (op === "=") return found === wanted;
  if (op === "!=") return found !== wanted;
  if (op === "contains") return String(found).includes(wanted);
  if (op === ">=") return found >= wanted;
  if (op === "<=") return found <= wanted;
  return op === ">" ? found > wanted : found < wanted;
}

function leaf(r, start, test) {
  const end = r.tokens[r.at - 1]?.end ?? r.text.length;
  return { text: r.text.slice(start, end), children: [], test };
}

function ops(r) {
  const op = ["=", "!=", ">=", "<=", ">", "<", "contains"].find((one) => eat(r, one));
  r.hadOp = op !== undefined;
  return op;
}

function cut(text) {
  const tokens = [];
  TOKEN.lastIndex = 0;
  for (let m = TOKEN.exec(text); m; m = TOKEN.exec(text)) {
    const raw = m[0].trimStart();
    const end = TOKEN.lastIndex;
    const value = m[1]
      ? m[1].slice(1, -1).replaceAll("''", "'")
      : m[2]
        ? Number(m[2])
        : /^(true|false)$/.test(raw)
          ? raw === "true"
          : raw;
    tokens.push({ raw, value, start: end - raw.length, end, quoted: Boolean(m[1]) });
  }
  return tokens;
}

const peek = (r) => r.tokens[r.at];
const take = (r) => r.tokens[r.at++];
const eat = (r, word) => peek(r)?.raw === word && r.at++ >= 0;
const bytes = (text) => Buffer.byteLength(text);

function wrong(r, code, message, alternatives) {
  const token = peek(r) ?? { start: r.text.length, end: r.text.length };
  r.problems.push(problem(r, token, code, message, alternatives));
  return { text: "", children: [], test: () => ({ holds: false, evidence: [] }) };
}

function near(r, token, code, message, names) {
  const like = names.filter(
    (name) => name.slice(0, 2).toLowerCase() === String(token.value).slice(0, 2).toLowerCase(),
  );
  const shown = (like.length ? like : names).slice(0, 5).map((name) => (token.quoted ? `'${name}'` : name));
  r.problems.push(problem(r, token, code, message, shown));
}

function problem(r, token, code, message, alternatives) {
  return {
    start: bytes(r.text.slice(0, token.start)),
    end: bytes(r.text.slice(0, token.end)),
    code,
    message,
    alternatives,
  };
}
