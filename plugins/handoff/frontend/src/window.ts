/** Rows drawn above and below what can be seen, so that scrolling shows no blank. */
const SPARE = 6;

/** Which rows of a long list, each `row` pixels high, are drawn: from, to (excluded). */
export function windowOf(top: number, height: number, count: number, row: number): { from: number; to: number } {
  const from = Math.max(0, Math.min(count, Math.floor(top / row)) - SPARE);
  return { from, to: Math.min(count, Math.ceil((top + height) / row) + SPARE) };
}
