import { html, type TemplateResult } from "lit/html.js";
import { safeLink } from "../../../../web/markdown.js";

const MARKS: Record<string, "strong" | "em" | "s"> = { "*": "strong", _: "em", "~": "s" };
const WORD = /[\p{L}\p{M}\p{N}]/u;
const LINK = /https?:\/\/[^\s<>"'`]+/y;

/** WhatsApp's own formatting (*bold*, _italic_, ~struck~, ```code```) and links as elements; never HTML from the text. */
export function formatted(source: string): unknown[] {
  return source.split(/```([^`]+)```/).map((piece, n) => (n % 2 ? html`<code>${piece}</code>` : inline(piece)));
}

function inline(source: string): unknown[] {
  const out: unknown[] = [];
  let plain = "";
  let at = 0;
  const push = (node: TemplateResult, end: number) => {
    out.push(plain, node);
    plain = "";
    at = end;
  };
  while (at < source.length) {
    const found = marked(source, at) ?? linked(source, at);
    if (found) push(...found);
    else plain += source[at++] as string;
  }
  out.push(plain);
  return out;
}

function marked(source: string, at: number): [TemplateResult, number] | null {
  const mark = source[at] as string;
  const name = MARKS[mark];
  if (!name || /\s/.test(source[at + 1] ?? " ") || WORD.test(source[at - 1] ?? " ")) return null;
  for (let end = source.indexOf(mark, at + 2); end > 0; end = source.indexOf(mark, end + 1)) {
    const inside = source.slice(at + 1, end);
    if (inside.includes("\n")) return null;
    if (/\s/.test(source[end - 1] as string) || WORD.test(source[end + 1] ?? " ")) continue;
    const told = inline(inside);
    return [name === "strong" ? html`<strong>${told}</strong>` : name === "em" ? html`<em>${told}</em>` : html`<s>${told}</s>`, end + 1];
  }
  return null;
}

function linked(source: string, at: number): [TemplateResult, number] | null {
  LINK.lastIndex = at;
  const found = source[at] === "h" && !WORD.test(source[at - 1] ?? " ") ? LINK.exec(source)?.[0].replace(/[.,;:!?*_~)\]।]+$/u, "") : "";
  const link = found ? safeLink(found) : null;
  if (!found || !link) return null;
  return [html`<a href=${link.href} target="_blank" rel="noopener noreferrer">${found}</a>`, at + found.length];
}
