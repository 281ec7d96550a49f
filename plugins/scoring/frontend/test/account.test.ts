import { expect, test } from "vitest";

import { said } from "../src/account.js";
import { wordsOf } from "../src/words.js";

const french = (line: object) => said({ kind: "", text: "as told", ...line }, wordsOf("fr"), "fr-FR").replaceAll("\u202f", " ").replaceAll("\u00a0", " ");

test("each kind of line is said in the reader's language", () => {
  expect(french({ kind: "intent", points: 30, name: "BUY" })).toBe("+30 intention BUY");
  expect(french({ kind: "sentiment", points: -5, mood: "negative" })).toBe("-5 le client est mécontent");
  expect(french({ kind: "cap", points: -10, most: 20 })).toBe("-10 les bonus donnent au plus 20");
  expect(french({ kind: "cap", points: -2.5 })).toBe("-2,5 un score va de 0 à 100");
  expect(french({ kind: "engagement", points: 5, messages: 5 })).toBe("+5 5 messages ou plus");
  expect(french({ kind: "decay", days: 3, per_day: 2, before: 40.5, score: 38.1 })).toBe("3 jours sans message, 2 % de moins par jour : 40,5 devient 38,1");
  expect(french({ kind: "priority", score: 62, priority: "warm", hot: 70, warm: 50 })).toBe("62 : tiède (chaud dès 70, tiède dès 50)");
});

test("a bonus is called what the tenant calls it in that language, else in its first", () => {
  const name = { en: "model mentioned", fr: "modèle cité" };
  expect(french({ kind: "bonus", points: 15, name, shown: "{name} Swift" })).toBe("+15 modèle cité: {name} Swift");
  expect(said({ kind: "bonus", text: "", points: 15, name }, wordsOf("hi"), "hi-IN")).toBe("+15 model mentioned");
  expect(french({ kind: "bonus", points: 10, name: "joignable", shown: "" })).toBe("+10 joignable");
});

test("what is not known, a model's own words and lines stored before stand as they are", () => {
  expect(french({ kind: "new in a later version" })).toBe("as told");
  expect(french({ kind: "llm", points: 40 })).toBe("as told");
  expect(french({ kind: "llm", points: 40, unsaid: true })).toBe("+40 jugement du modèle");
  expect(french({ kind: "intent", points: 30 })).toBe("as told");
});
