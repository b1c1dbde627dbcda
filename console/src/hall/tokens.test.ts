import { expect, test } from "vitest";
import { tokens } from "./tokens";

const TRICKY = JSON.stringify(
  { 'a "quoted": key': "true 12 \\", list: [1, -2.5e3, null, false], nested: { "": "" } },
  null,
  2,
);

test("joined, the pieces are the text", () => {
  expect(
    tokens(TRICKY)
      .map((token) => token.text)
      .join(""),
  ).toBe(TRICKY);
});

test("keys, texts, numbers and words are told apart", () => {
  const kinds = tokens('{"a": "true", "b": [1, true]}')
    .filter((token) => token.kind !== "plain")
    .map((token) => `${token.kind} ${token.text}`);
  expect(kinds).toEqual(['key "a"', 'text "true"', 'key "b"', "number 1", "word true"]);
});
