/** The text with its {n}, {m} and {t} put in. */
export function fill(text: string, n: string | number, m: string | number = "", t: string | number = ""): string {
  const values: Record<string, string> = { n: String(n), m: String(m), t: String(t) };
  return text.replace(/\{([nmt])\}/g, (_, name: string) => values[name] ?? "");
}
