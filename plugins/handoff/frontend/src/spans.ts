import { format } from "../../../../web/time.js";
import type { Words } from "./words.js";

/** A time span in its largest unit, as short as people write it: "45s", "3m", "2h"; "" from a week on. */
export function brief(seconds: number, talk: Pick<Words, "s" | "min" | "h" | "d">): string {
  const whole = Math.max(0, Math.floor(seconds));
  if (whole < 60) return `${whole}${talk.s}`;
  if (whole < 3600) return `${Math.floor(whole / 60)}${talk.min}`;
  if (whole < 86_400) return `${Math.floor(whole / 3600)}${talk.h}`;
  return whole < 604_800 ? `${Math.floor(whole / 86_400)}${talk.d}` : "";
}

/** The time of day, in the person's zone. */
export function clock(at: number, language: string): string {
  return format(at, language, { timeStyle: "short" });
}

/** The name of a day: today, yesterday, or its date. */
export function day(at: number, now: number, language: string): string {
  const [a, b] = [new Date(at * 1000), new Date(now * 1000)];
  const apart = Math.round((new Date(b.getFullYear(), b.getMonth(), b.getDate()).getTime() - new Date(a.getFullYear(), a.getMonth(), a.getDate()).getTime()) / 86_400_000);
  if (apart === 0 || apart === 1) {
    const word = new Intl.RelativeTimeFormat(language, { numeric: "auto" }).format(-apart, "day");
    return word.charAt(0).toLocaleUpperCase(language) + word.slice(1);
  }
  return format(at, language, { weekday: "long", day: "numeric", month: "long", ...(a.getFullYear() === b.getFullYear() ? {} : { year: "numeric" }) });
}
