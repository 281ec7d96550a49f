import { expect, test } from "vitest";

import { line } from "../src/spark.js";
import { filled, languages, wordsOf } from "../src/words.js";

test("the line goes from left to right, and 100 is its top", () => {
  expect(line([[0, 0], [5, 50], [9, 100]], 200, 40)).toBe("0,40 100,20 200,0");
});

test("one point is no line's length, and scores outside stay inside", () => {
  expect(line([[0, 120]], 200, 40)).toBe("0,0");
  expect(line([], 200, 40)).toBe("");
});

test("every language has every word, with the same places to fill", () => {
  const places = (text: string) => (text.match(/\{[a-z_]+\}/g) ?? []).sort().join();
  const english = wordsOf("en");
  expect(languages).toEqual(["en", "hi", "fr"]);
  for (const tag of languages) {
    const words = wordsOf(`${tag}-XX`);
    for (const key of Object.keys(english) as (keyof typeof english)[]) {
      expect(words[key], `${tag} ${key}`).toBeTruthy();
      expect(places(words[key]), `${tag} ${key}`).toBe(places(english[key]));
    }
  }
  expect(wordsOf("de")).toBe(english);
});

test("what is filled in may hold anything", () => {
  expect(filled("from {a} to {b}", "$&", 3)).toBe("from $& to 3");
});
