/** How long it still is, as "in 23 hours". */
export function remaining(seconds: number, language: string): string {
  const words = new Intl.RelativeTimeFormat(language, { numeric: "always", style: "short" });
  return seconds >= 5400 ? words.format(Math.round(seconds / 3600), "hour") : words.format(Math.max(1, Math.round(seconds / 60)), "minute");
}
