import { expect, test } from "vitest";
import { withQuery } from "./client";
import { makeCutter } from "./stream";
import { fromFragment } from "./token";

test("a stream is cut at its messages, wherever the chunks end", () => {
  const whole = ': hello\n\ndata: {"a":1}\n\nevent: x\r\ndata: {"b":\r\ndata: 2}\r\n\r\ndata: {"c"';
  for (const size of [1, 3, 7, whole.length]) {
    const cut = makeCutter();
    const found: string[] = [];
    for (let at = 0; at < whole.length; at += size) found.push(...cut(whole.slice(at, at + size)));
    expect(found).toEqual(['{"a":1}', '{"b":\n2}']);
  }
});

test("a query holds what says something, percent-encoded", () => {
  expect(withQuery("/v1/x", { query: "a&b", next: undefined, limit: 50, source: "" })).toBe(
    "/v1/x?query=a%26b&limit=50",
  );
  expect(withQuery("/v1/x", {})).toBe("/v1/x");
});

test("the token is found in the fragment, and only there", () => {
  expect(fromFragment("#token=abc%20")).toBe("abc");
  expect(fromFragment("#x=1&token=abc")).toBe("abc");
  expect(fromFragment("#token=")).toBeNull();
  expect(fromFragment("")).toBeNull();
});
