/** Times as people say them, in `language`. */

const STEPS: readonly [Intl.RelativeTimeFormatUnit, number][] = [
  ["hour", 3600],
  ["minute", 60],
];

/** "2 min. ago" within a day, else the date; all in epoch seconds. */
export function relative(at: number, now: number, language: string): string {
  const age = Math.max(0, now - at);
  if (age >= 86_400) return format(at, language, { dateStyle: "medium" });
  const words = spoken(language);
  for (const [unit, seconds] of STEPS) if (age >= seconds) return words.format(-Math.floor(age / seconds), unit);
  return words.format(0, "second");
}

export function exact(at: number, language: string): string {
  return format(at, language, { dateStyle: "full", timeStyle: "medium" });
}

// Making a formatter takes a hundred times as long as using it, and lists write many times in every frame.
const made = new Map<string, Intl.DateTimeFormat | Intl.RelativeTimeFormat>();

function spoken(language: string): Intl.RelativeTimeFormat {
  let one = made.get(language) as Intl.RelativeTimeFormat | undefined;
  if (!one) made.set(language, (one = new Intl.RelativeTimeFormat(safe(language), { numeric: "auto", style: "short" })));
  return one;
}

/** That moment in `language`, as the options of `Intl.DateTimeFormat` say; epoch seconds. */
export function format(at: number, language: string, options: Intl.DateTimeFormatOptions): string {
  const key = language + JSON.stringify(options);
  let one = made.get(key) as Intl.DateTimeFormat | undefined;
  if (!one) made.set(key, (one = new Intl.DateTimeFormat(safe(language), options)));
  return one.format(at * 1000);
}

function safe(language: string): string {
  try {
    return Intl.getCanonicalLocales(language)[0] ?? "en";
  } catch {
    return "en";
  }
}
