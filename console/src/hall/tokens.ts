export interface Token {
  /** Place in the text. */
  at: number;
  kind: "key" | "text" | "number" | "word" | "plain";
  text: string;
}

const PIECES = /("(?:\\.|[^"\\])*")(\s*:)?|(-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|\b(true|false|null)\b/g;

/** Cuts JSON text into coloured pieces; joined, they are the text again. */
export function tokens(json: string): Token[] {
  const found: Token[] = [];
  let at = 0;
  const push = (kind: Token["kind"], text: string) => {
    if (text) found.push({ at, kind, text });
    at += text.length;
  };
  for (const match of json.matchAll(PIECES)) {
    push("plain", json.slice(at, match.index));
    const [, text, colon, number, word] = match;
    if (text) push(colon ? "key" : "text", text);
    if (colon) push("plain", colon);
    if (number) push("number", number);
    if (word) push("word", word);
  }
  push("plain", json.slice(at));
  return found;
}
