import { expect, test } from "vitest";
import type { Problem } from "@/api/client";
import { mend, pieces } from "./problems";

const at = (start: number, end: number): Problem => ({
  start,
  end,
  code: "c",
  message: "m",
  alternatives: [],
});

/** The text with its marked pieces in brackets. */
const marked = (text: string, ...problems: Problem[]) =>
  pieces(text, problems)
    .map((piece) => (piece.problem === undefined ? piece.text : `[${piece.text}]`))
    .join("");

test.each([
  ["in the middle", "a bad c", [at(2, 5)], "a [bad] c"],
  ["two side by side stay two", "abcd", [at(0, 2), at(2, 4)], "[ab][cd]"],
  ["one within another: the first wins", "abcd", [at(0, 4), at(1, 2)], "[abcd]"],
  ["without width", "ab", [at(0, 0)], "[a]b"],
  ["without width at the end", "tier =", [at(6, 6)], "tier [=]"],
  ["past the end", "ab", [at(1, 99)], "a[b]"],
  ["none", "ab", [], "ab"],
  ["in an empty text", "", [at(0, 0)], ""],
])("a problem %s", (_, text, problems, shown) => {
  expect(marked(text, ...problems)).toBe(shown);
});

test("places are bytes: letters of two, three and four bytes are stepped over whole", () => {
  expect(marked("ä = x", at(5, 6))).toBe("ä = [x]");
  expect(marked("€ = x", at(6, 7))).toBe("€ = [x]");
  expect(marked("'🛒' x", at(7, 8))).toBe("'🛒' [x]");
  expect(marked("'🛒' x", at(1, 5))).toBe("'[🛒]' x");
});

test("joined, the pieces are the text", () => {
  const text = "città = 'Köln' 🛒 and\n\ncount('Ä')";
  const joined = pieces(text, [at(3, 9), at(12, 30)]).map((piece) => piece.text);
  expect(joined.join("")).toBe(text);
});

test("an alternative takes the place of the mistake", () => {
  expect(mend("ä and cuntry = 1", at(7, 13), "country")).toBe("ä and country = 1");
  expect(mend("tier = ", at(7, 7), "'gold'")).toBe("tier = 'gold'");
});
