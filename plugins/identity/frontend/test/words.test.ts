import { expect, test } from "vitest";

import { filled, languages, methodOf, wordsOf } from "../src/words.js";

test("every language has every word, with the same places to fill", () => {
  const places = (text: string) => (text.match(/\{[ab]\}/g) ?? []).sort().join();
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

test("how it was proved is said in the agent's language, and what is new as the server says it", () => {
  const words = wordsOf("fr");
  expect(methodOf("code by sms", words)).toBe("un code par SMS");
  expect(methodOf("code by email, over HTTP", words)).toBe("un code par e-mail, via l'API");
  expect(methodOf("registered address", words)).toBe("une adresse enregistrée");
  expect(methodOf("passkey", words)).toBe("passkey");
});

test("what is filled in may hold anything", () => {
  expect(filled("{a}, {b}", "$&", 3)).toBe("$&, 3");
});
