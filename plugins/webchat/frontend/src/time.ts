/** Times as people say them, in `language`. */

const STEPS: readonly [Intl.RelativeTimeFormatUnit, number][] = [
  ["hour", 3600],
  ["minute", 60],
];

/** "2 min. ago" within a day, else the date; all in epoch seconds. */
export function relative(at: number, now: number, language: string): string {
  const age = Math.max(0, now - at);
  if (age >= 86_400) return format(at, language, { dateStyle: "medium" });
  const words = new Intl.RelativeTimeFormat(safe(language), { numeric: "auto", style: "short" });
  for (const [unit, seconds] of STEPS) if (age >= seconds) return words.format(-Math.floor(age / seconds), unit);
  return words.format(0, "second");
}

export function exact(at: number, language: string): string {
  return format(at, language, { dateStyle: "full", timeStyle: "medium" });
}

function format(at: number, language: string, options: Intl.DateTimeFormatOptions): string {
  return new Intl.DateTimeFormat(safe(language), options).format(at * 1000);
}

function safe(language: string): string {
  try {
    return Intl.getCanonicalLocales(language)[0] ?? "en";
  } catch {
    return "en";
  }
}
