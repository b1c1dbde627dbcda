import type { Problem } from "@/api/client";

/** A piece of a rule's text; `problem` is the number of the mistake that it is part of. */
export interface Piece {
  text: string;
  problem?: number;
}

/**
 * Cuts a rule's text at its problems. Places come in bytes of UTF-8, text is in UTF-16, so places are turned first. A problem
 * without width marks the letter at its place, and at the end of the text the last letter. Joined, the pieces are the text.
 */
export function pieces(text: string, problems: Problem[]): Piece[] {
  const marks = new Array<number | undefined>(text.length).fill(undefined);
  const places = bytePlaces(text);
  problems.forEach((problem, index) => {
    const [from, to] = letters(places, problem, text.length);
    for (let at = from; at < to; at++) marks[at] ??= index;
  });
  return join(text, marks);
}

/** The text with a problem's letters replaced by an alternative. */
export function mend(text: string, problem: Problem, alternative: string): string {
  const places = bytePlaces(text);
  const from = place(places, problem.start, text.length);
  const to = place(places, problem.end, text.length);
  return text.slice(0, from) + alternative + text.slice(to);
}

function letters(places: number[], problem: Problem, length: number): [number, number] {
  const from = Math.min(place(places, problem.start, length), Math.max(0, length - 1));
  const to = place(places, problem.end, length);
  return [from, Math.max(to, from + 1)];
}

/** For each letter of the text, the byte at which it starts. */
function bytePlaces(text: string): number[] {
  const places: number[] = [];
  let bytes = 0;
  for (const letter of text) {
    for (let unit = 0; unit < letter.length; unit++) places.push(bytes);
    bytes += width(letter.codePointAt(0) ?? 0);
  }
  return places;
}

function width(code: number): number {
  if (code < 0x80) return 1;
  if (code < 0x800) return 2;
  return code < 0x10000 ? 3 : 4;
}

function place(places: number[], byte: number, length: number): number {
  const at = places.findIndex((start) => start >= byte);
  return at < 0 ? length : at;
}

function join(text: string, marks: (number | undefined)[]): Piece[] {
  const joined: Piece[] = [];
  for (let at = 0; at < text.length; at++) {
    const last = joined.at(-1);
    const letter = text.charAt(at);
    if (last && last.problem === marks[at]) last.text += letter;
    else joined.push(marks[at] === undefined ? { text: letter } : { text: letter, problem: marks[at] });
  }
  return joined;
}
