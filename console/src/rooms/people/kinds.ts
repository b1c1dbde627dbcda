/*
 * Colours of identifier kinds. The word always stands beside the colour; the colour only helps the eye to find it again.
 */

const KNOWN: Record<string, number> = {
  user_id: 0,
  email: 1,
  phone: 2,
  anonymous_id: 3,
  crm_id: 4,
  loyalty_id: 5,
};

const PALETTE = ["#6a58d8", "#15897d", "#b0731a", "#7d776d", "#c0488a", "#2f7fc2", "#6d8f1f", "#b4513a"];

/** One colour for a kind, the same on every page. */
export function colour(kind: string): string {
  const at = KNOWN[kind] ?? hash(kind);
  return PALETTE[at % PALETTE.length] ?? "#7d776d";
}

function hash(text: string): number {
  let sum = 7;
  for (const letter of text) sum = (sum * 31 + letter.charCodeAt(0)) % 9973;
  return sum;
}
