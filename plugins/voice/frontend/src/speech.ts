/** The browser's recogniser, which the types of browsers do not know yet. */
interface Recogniser {
  lang: string;
  interimResults: boolean;
  onresult: ((event: { results: { [n: number]: { [n: number]: { transcript: string } } } }) => void) | null;
  onend: (() => void) | null;
  onerror: (() => void) | null;
  start(): void;
  abort(): void;
}

type Makes = new () => Recogniser;

function maker(): Makes | undefined {
  const page = window as unknown as Record<string, Makes | undefined>;
  return page["SpeechRecognition"] ?? page["webkitSpeechRecognition"];
}

export function canListen(): boolean {
  return maker() !== undefined;
}

/** Hear one sentence; the returned function stops. `heard` gets "" where nothing was said. */
export function listen(language: string, heard: (text: string) => void): () => void {
  const Recognition = maker();
  if (!Recognition) return () => undefined;
  const recogniser = new Recognition();
  let text = "";
  recogniser.lang = language;
  recogniser.interimResults = false;
  recogniser.onresult = (event) => (text = event.results[0]?.[0]?.transcript ?? "");
  recogniser.onerror = () => undefined;
  recogniser.onend = () => heard(text);
  recogniser.start();
  return () => recogniser.abort();
}

/** Read these aloud, one after the other, each in its language; what was being read stops. */
export function speak(said: readonly { text: string; language: string }[]): void {
  if (!("speechSynthesis" in window)) return;
  speechSynthesis.cancel();
  for (const one of said) {
    const words = new SpeechSynthesisUtterance(one.text);
    words.lang = one.language;
    speechSynthesis.speak(words);
  }
}

export function hush(): void {
  if ("speechSynthesis" in window) speechSynthesis.cancel();
}
