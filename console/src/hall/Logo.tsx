/** Two rings that overlap: two lives that cross. */
export function Mark({ size = 26 }: { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" fill="none" aria-hidden="true">
      <path d="M16 8.2a9 9 0 0 1 0 15.6 9 9 0 0 1 0-15.6Z" fill="var(--dusk)" fillOpacity="0.28" />
      <circle cx="11.5" cy="16" r="9" stroke="var(--dusk)" strokeWidth="2.6" />
      <circle cx="20.5" cy="16" r="9" stroke="var(--tide)" strokeWidth="2.6" />
    </svg>
  );
}

export function Wordmark() {
  return (
    <span style={{ display: "inline-flex", alignItems: "center", gap: 9 }}>
      <Mark />
      <span style={{ fontSize: 18, fontWeight: 640, letterSpacing: "-0.03em" }}>sonder</span>
    </span>
  );
}
