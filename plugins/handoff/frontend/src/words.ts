import { en } from "./words/en.js";
import { fr } from "./words/fr.js";
import { hi } from "./words/hi.js";

import { primary } from "../../../../web/direction.js";

export { fill } from "../../../../web/fill.js";

/** Widens the literal types of the English words, so that other languages have words of their own. */
type Wide<T> = { [K in keyof T]: T[K] extends string ? string : T[K] };

export type Words = Wide<typeof en>;

const TABLE: Record<string, Words> = { en, hi, fr };

/** The languages of the page by their own names. */
export const LANGUAGES: readonly [string, string][] = [
  ["en", "English"],
  ["hi", "हिन्दी"],
  ["fr", "Français"],
];

/**
 * The one that is chosen, or else the first of the browser's that there are words for; with the browser's region, so that
 * times and numbers are written as people do where they are.
 */
export function localeOf(chosen: string): string {
  const wanted = [chosen, ...navigator.languages].map(primary).find((one) => one in TABLE) ?? "en";
  return navigator.languages.find((one) => primary(one) === wanted) ?? wanted;
}

export function wordsOf(language: string): Words {
  return TABLE[primary(language)] ?? en;
}
