/** How a customer says hello, for who tests a language without knowing it. */
const HELLO: Record<string, string> = {
  ar: "مرحبا",
  bn: "নমস্কার",
  de: "Hallo",
  en: "Hello",
  es: "Hola",
  fr: "Bonjour",
  gu: "નમસ્તે",
  hi: "नमस्ते",
  "hi-Latn": "Namaste",
  kn: "ನಮಸ್ಕಾರ",
  ml: "നമസ്കാരം",
  mr: "नमस्कार",
  pa: "ਸਤ ਸ੍ਰੀ ਅਕਾਲ",
  pt: "Olá",
  ta: "வணக்கம்",
  te: "నమస్కారం",
  ur: "السلام علیکم",
};

export interface Greeting {
  language: string;
  /** The language's name in the language of the page. */
  name: string;
  text: string;
}

/** The greetings in the tenant's languages, in its order; none for a language that is not known here. */
export function greetings(languages: readonly string[], page: string): Greeting[] {
  const names = new Intl.DisplayNames(page, { type: "language", fallback: "code" });
  return languages.flatMap((language) => {
    const text = HELLO[language] ?? HELLO[language.split("-")[0] ?? ""];
    return text ? [{ language, name: names.of(language) ?? language, text }] : [];
  });
}
