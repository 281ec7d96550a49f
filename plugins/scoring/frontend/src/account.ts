/** The account of a lead's score, line by line, in the reader's language. */
import type { Words } from "./words.js";

/** A line as the server tells it: in English, and as what it is made of. */
export interface Line {
  kind: string;
  text: string;
  [name: string]: unknown;
}

const REASONS = ["intent", "bonus", "sentiment", "engagement", "cap", "llm"];

/** The line in the language; what is not known here stands as the server told it. */
export function said(line: Line, words: Words, language: string): string {
  const text = about(line, words, language);
  if (text === undefined) return line.text;
  const number = new Intl.NumberFormat(language || undefined, { maximumFractionDigits: 2 });
  const filled = text.replace(/\{([a-z_]+)\}/g, (_, name: string) => {
    const value = line[name];
    return typeof value === "number" ? number.format(value) : String(value ?? "");
  });
  if (!REASONS.includes(line.kind)) return filled;
  const points = new Intl.NumberFormat(language || undefined, { signDisplay: "always", maximumFractionDigits: 2 });
  return `${points.format(Number(line["points"]))} ${filled}`;
}

function about(line: Line, words: Words, language: string): string | undefined {
  switch (line.kind) {
    case "intent":
      return "name" in line ? words.aboutIntent : undefined;
    case "bonus":
      return "name" in line ? bonus(line, language) : undefined;
    case "sentiment":
      return { negative: words.moodNegative, neutral: words.moodNeutral, positive: words.moodPositive }[String(line["mood"])];
    case "engagement":
      return "messages" in line ? words.aboutMessages : undefined;
    case "cap":
      return "most" in line ? words.aboutMost : words.aboutRange;
    case "llm":
      return line["unsaid"] ? words.aboutModel : undefined;
    case "turn":
      return words.aboutTurn;
    case "nothing":
      return words.aboutNothing;
    case "mix":
      return words.aboutMix;
    case "earlier":
      return words.aboutEarlier;
    case "decay":
      return words.aboutDecay;
    case "priority":
      return { hot: words.aboutHot, warm: words.aboutWarm, cold: words.aboutCold }[String(line["priority"])];
    default:
      return undefined;
  }
}

/** What the tenant calls it: in the language, in what that is a kind of, else in the first one. */
function bonus(line: Line, language: string): string {
  const name = line["name"];
  const names = typeof name === "object" && name ? (name as Record<string, string>) : {};
  const told = typeof name === "string" ? name : (names[language] ?? names[language.split("-")[0] ?? ""] ?? Object.values(names)[0] ?? "");
  return `${told.replaceAll("{", "(").replaceAll("}", ")")}${line["shown"] ? ": {shown}" : ""}`;
}
