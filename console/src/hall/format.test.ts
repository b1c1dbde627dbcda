import { describe, expect, test } from "vitest";
import { ago, compact, count, identifier, many, percent, span, took, value, words } from "./format";

const NOW = Date.parse("2026-11-24T12:00:00Z");
const before = (seconds: number) => new Date(NOW - seconds * 1000).toISOString();

test.each([
  [2, "just now"],
  [12, "12 s ago"],
  [59, "59 s ago"],
  [60, "1 min ago"],
  [3 * 3600 + 59, "3 h ago"],
  [26 * 3600, "1 d ago"],
  [-30, "just now"],
  [-3 * 86_400, "in 3 d"],
])("%d seconds before now is `%s`", (seconds, said) => {
  expect(ago(before(seconds), NOW)).toBe(said);
});

test("after a month a time is a date, with the year where it is another", () => {
  expect(ago("2026-09-02T12:00:00Z", NOW)).toBe("2 Sept");
  expect(ago("2024-02-29T12:00:00Z", NOW)).toBe("29 Feb 2024");
});

test("what is no time is shown as it is", () => {
  expect(ago("yesterday", NOW)).toBe("yesterday");
});

test.each([
  [0, "0 %"],
  [0.0004, "< 0.1 %"],
  [0.034, "3.4 %"],
  [0.27, "27 %"],
  [0.9996, "> 99.9 %"],
  [1, "100 %"],
])("a share of %d is `%s`", (share, said) => {
  expect(percent(share)).toBe(said);
});

describe("numbers", () => {
  test("are grouped, and counted in words", () => {
    expect(count(1_234_567)).toBe("1,234,567");
    expect(compact(99_999)).toBe("99,999");
    expect(compact(1_234_567)).toBe("1.2M");
    expect(many(1, "person", "people")).toBe("1 person");
    expect(many(2000, "person", "people")).toBe("2,000 people");
  });

  test("of time carry their unit", () => {
    expect([took(0.4), took(12.6), took(1234)]).toEqual(["0.4 ms", "13 ms", "1.2 s"]);
    expect(span(90 * 60_000)).toBe("1 h");
  });
});

test("values lose their quotes, nothing else", () => {
  expect([value("DE"), value(12345), value(true), value(null), value({ a: 1 })]).toEqual([
    "DE",
    "12345",
    "true",
    "null",
    '{"a":1}',
  ]);
});

test("an identifier is cut at its first colon", () => {
  expect(identifier("email:a:b@c.de")).toEqual({ kind: "email", value: "a:b@c.de" });
  expect(identifier("P17")).toEqual({ kind: "", value: "P17" });
  expect(words("email_marketing")).toBe("email marketing");
});
