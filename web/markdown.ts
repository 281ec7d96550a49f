/** The small safe subset of Markdown that messages may use, as a tree. Nothing here makes HTML. */

export type Inline =
  | { kind: "text"; text: string }
  | { kind: "break" }
  | { kind: "code"; text: string }
  | { kind: "strong" | "em"; children: Inline[] }
  | { kind: "link"; href: string; host: string; children: Inline[] }
  | { kind: "cite"; number: number };

export type Block =
  | { kind: "paragraph" | "heading"; children: Inline[] }
  | { kind: "code"; text: string }
  | { kind: "list"; ordered: boolean; start: number; items: Inline[][] };

const FENCE = /^ {0,3}```/;
const DIALLED = /\*(?:[0-9*]{0,60}#[0-9*#]{0,60}|[0-9]{2,3}\*)/y;
const BULLET = /^ {0,6}[-*•] +/;
const NUMBER = /^ {0,6}(\d{1,3})[.)] +/;
const HEADING = /^ {0,3}#{1,6} +/;

/** Parse `source`; `[n]` is a citation mark for n in 1..`citations`, else plain text. */
export function parse(source: string, citations = 0): Block[] {
  const blocks: Block[] = [];
  const lines = source.replace(/\r\n?/g, "\n").split("\n");
  let paragraph: string[] = [];
  const flush = () => {
    if (paragraph.length) blocks.push({ kind: "paragraph", children: inline(paragraph.join("\n"), citations) });
    paragraph = [];
  };
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i] ?? "";
    if (FENCE.test(line)) {
      flush();
      const code: string[] = [];
      while (++i < lines.length && !FENCE.test(lines[i] ?? "")) code.push(lines[i] ?? "");
      blocks.push({ kind: "code", text: code.join("\n") });
      continue;
    }
    const item = BULLET.exec(line) ?? NUMBER.exec(line);
    if (item) {
      flush();
      const ordered = item[1] !== undefined;
      const last = blocks.at(-1);
      const children = inline(line.slice(item[0].length), citations);
      const continues = last?.kind === "list" && last.ordered === ordered && (lines[i - 1] ?? "").trim() !== "";
      if (continues || (last?.kind === "list" && ordered && last.ordered && Number(item[1]) === last.start + last.items.length)) {
        last.items.push(children);
      } else {
        blocks.push({ kind: "list", ordered, start: ordered ? Number(item[1]) : 1, items: [children] });
      }
      continue;
    }
    const heading = HEADING.exec(line);
    if (heading) {
      flush();
      blocks.push({ kind: "heading", children: inline(line.slice(heading[0].length), citations) });
    } else if (!line.trim()) {
      flush();
    } else {
      paragraph.push(line);
    }
  }
  flush();
  return blocks;
}

const WORD = /[\p{L}\p{M}\p{N}]/u;
const URL_START = /(?:https?:\/\/|mailto:|tel:)/y;
const URL_BODY = /[^\s<>"'`]+/y;
const CITE = /\[(\d{1,3})\]/y;
const DEPTH = 6;

/** Parse the inside of a block. */
export function inline(source: string, citations = 0, depth = 0): Inline[] {
  const out: Inline[] = [];
  let plain = "";
  const unclosed = new Set<string>();
  const push = (node: Inline) => {
    // A mark belongs to the word before it and must not be alone on the next line.
    if (node.kind === "cite") plain = plain.trimEnd();
    if (plain) out.push({ kind: "text", text: plain });
    plain = "";
    out.push(node);
  };
  let i = 0;
  while (i < source.length) {
    const c = source[i] as string;
    if (c === "\n") {
      push({ kind: "break" });
      i++;
      continue;
    }
    if (c === "\\" && /[\\`*_[\]()#-]/.test(source[i + 1] ?? "")) {
      plain += source[i + 1];
      i += 2;
      continue;
    }
    const found = depth < DEPTH ? special(source, i, citations, depth, unclosed) : null;
    if (found) {
      push(found.node);
      i = found.end;
    } else {
      plain += c;
      i++;
    }
  }
  if (plain) out.push({ kind: "text", text: plain });
  return out;
}

interface Found {
  node: Inline;
  end: number;
}

/** `unclosed`: the marks of which none closes from here on; they are looked for once, not from each that opens. */
function special(source: string, at: number, citations: number, depth: number, unclosed: Set<string>): Found | null {
  const c = source[at];
  if (c === "`") {
    const close = source.indexOf("`", at + 1);
    return close > at + 1 ? { node: { kind: "code", text: source.slice(at + 1, close) }, end: close + 1 } : null;
  }
  if (c === "*") {
    // "Dial *104*" is no emphasis.
    DIALLED.lastIndex = at;
    const code = DIALLED.exec(source)?.[0];
    if (code && source[at - 1] !== "*" && source[at + 1] !== "*") return { node: { kind: "text", text: code }, end: at + code.length };
  }
  if (c === "*" || c === "_") return emphasis(source, at, citations, depth, unclosed);
  if (c === "[") {
    CITE.lastIndex = at;
    const mark = CITE.exec(source);
    const number = Number(mark?.[1]);
    if (mark && number >= 1 && number <= citations) return { node: { kind: "cite", number }, end: CITE.lastIndex };
    return namedLink(source, at);
  }
  if (c === "h" || c === "m" || c === "t") return bareLink(source, at);
  return null;
}

function emphasis(source: string, at: number, citations: number, depth: number, unclosed: Set<string>): Found | null {
  const c = source[at] as string;
  const width = source[at + 1] === c ? 2 : 1;
  const mark = c.repeat(width);
  const before = source[at - 1] ?? " ";
  const first = source[at + width] ?? " ";
  if (/\s/.test(first) || first === c || (c === "_" && WORD.test(before)) || unclosed.has(mark)) return null;
  let close = at + width;
  for (;;) {
    close = source.indexOf(mark, close);
    if (close < 0) {
      unclosed.add(mark);
      return null;
    }
    const after = source[close + width] ?? " ";
    const inner = source[close - 1] ?? " ";
    // A single mark must not be half of a double one; an underscore inside a word is no mark.
    const half = width === 1 && (after === c || inner === c);
    if (close > at + width && !half && !/\s/.test(inner) && !(c === "_" && WORD.test(after))) break;
    close += half ? 2 : 1;
  }
  const children = inline(source.slice(at + width, close), citations, depth + 1);
  return { node: { kind: width === 2 ? "strong" : "em", children }, end: close + width };
}

function namedLink(source: string, at: number): Found | null {
  const close = source.indexOf("](", at);
  if (close < 0 || close - at > 500 || source.slice(at + 1, close).includes("\n")) return null;
  const end = source.indexOf(")", close);
  if (end < 0 || close === at + 1) return null;
  const link = safeLink(source.slice(close + 2, end).trim());
  if (!link) return null;
  const label = inline(source.slice(at + 1, close), 0, DEPTH - 1).filter((n) => n.kind !== "link");
  return { node: { kind: "link", ...link, children: label.length ? label : [{ kind: "text", text: link.host }] }, end: end + 1 };
}

function bareLink(source: string, at: number): Found | null {
  if (WORD.test(source[at - 1] ?? " ")) return null;
  URL_START.lastIndex = at;
  if (!URL_START.test(source)) return null;
  URL_BODY.lastIndex = at;
  let text = URL_BODY.exec(source)?.[0] ?? "";
  text = text.replace(/[.,;:!?*_\]।]+$/u, "");
  if (text.endsWith(")") && !text.includes("(")) text = text.slice(0, -1);
  const link = safeLink(text);
  if (!link) return null;
  return { node: { kind: "link", href: link.href, host: "", children: [{ kind: "text", text }] }, end: at + text.length };
}

/** The address and the host to show for it, where it may be opened at all. */
export function safeLink(address: string): { href: string; host: string } | null {
  let url: URL;
  try {
    url = new URL(address);
  } catch {
    return null;
  }
  if (url.protocol === "https:" || url.protocol === "http:") {
    return url.username || url.password ? null : { href: url.href, host: url.host };
  }
  if (url.protocol === "mailto:" || url.protocol === "tel:") return { href: url.href, host: url.pathname };
  return null;
}
