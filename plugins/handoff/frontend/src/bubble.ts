import { html, nothing, type TemplateResult } from "lit";
import { safeLink } from "../../../../web/markdown.js";
import { rich } from "../../../../web/rich.js";
import { exact } from "../../../../web/time.js";
import type { Entry } from "./entries.js";
import type { Pending } from "./keep.js";
import type { Attachment, Message } from "./protocol.js";
import * as sign from "./signs.js";
import { clock } from "./spans.js";
import type { Note } from "./tools.js";
import { fill, type Words } from "./words.js";

/** What a bubble needs of the view around it. */
export interface Around {
  talk: Words;
  language: string;
  /** The tenant's address, which the server's relative ones start from. */
  base: string;
  me: string;
  /** The customer's name. */
  name: string;
  readByCustomer: number;
  translation(seq: number): string;
  retry(id: string): void;
  discard(id: string): void;
  forgetNote(note: Note): void;
  people: readonly string[];
}

/** A message of anybody. */
export function bubble(entry: Entry & { kind: "message" }, around: Around): TemplateResult {
  const { message, first, last } = entry;
  const contact = message.author === "contact";
  const name = who(message, around);
  const translated = around.translation(message.seq);
  return html`<div class="msg ${message.author} ${first ? "first" : ""}" data-id=${message.id}>
    ${first ? html`<div class="name">${message.author === "bot" ? sign.botIcon : nothing}<span dir="auto">${name}</span></div>` : html`<span class="hidden">${name}: </span>`}
    <div class="bubble" dir="auto" lang=${message.language || nothing}>
      ${contact ? html`<p class="plain">${message.text}</p>` : said(message, around)}
      ${translated ? html`<p class="translated" dir="auto" lang=${around.language}>${sign.wordsIcon}${translated}</p>` : nothing}
      ${message.attachments.map((one) => attachment(one, around))}
    </div>
    ${last || message.delivery === "failed" || message.error ? foot(message, around) : nothing}
  </div>`;
}

function who(message: Message, { talk, me, name }: Around): string {
  if (message.author === "contact") return name;
  if (message.author === "agent") return message.agent === me ? talk.you : message.agent_name || talk.agent;
  return message.author === "bot" ? talk.bot : talk.system;
}

function said(message: Message, { talk, base }: Around): TemplateResult {
  const { citations } = message;
  const links = citations.map((one) => address(one.url, base));
  return html`${rich(message.text, { list: citations, links, label: (n) => fill(talk.source, n) })}${citations.length
    ? html`<ol class="sources" aria-label=${talk.sources}>
        ${citations.map(
          (one, i) => html`<li><span class="num">[${i + 1}]</span>
            ${links[i]
              ? html`<a class="source" href=${links[i]} data-cite=${i + 1} target="_blank" rel="noopener">${one.title || one.source || one.document}</a>`
              : html`<span>${one.title || one.source || one.document}</span>`}</li>`,
        )}
      </ol>`
    : nothing}`;
}

export function attachment(one: Attachment, { base, talk }: Pick<Around, "base" | "talk">): TemplateResult | typeof nothing {
  const href = address(one.url, base);
  if (!href) return nothing;
  const name = one.name || talk.attachment;
  return one.media_type.startsWith("image/")
    ? html`<a class="image" href=${href} target="_blank" rel="noopener noreferrer"><img src=${href} alt=${name} loading="lazy" /></a>`
    : one.media_type.startsWith("audio/")
      ? html`<audio controls preload="none" src=${href} aria-label=${name}></audio>`
      : html`<a class="file" href=${href} target="_blank" rel="noopener noreferrer">${sign.fileIcon}<span class="cut">${name}</span></a>`;
}

function foot(message: Message, { talk, language, readByCustomer }: Around): TemplateResult {
  const state = message.direction === "outbound" && message.seq && message.seq <= readByCustomer ? "read" : message.delivery;
  return html`<div class="meta">
    <time datetime=${new Date(message.created_at * 1000).toISOString()} title=${exact(message.created_at, language)}>${clock(message.created_at, language)}</time>
    ${message.direction === "outbound" && state ? delivery(state, talk) : nothing}
    ${message.error ? html`<span class="bad">${message.error}</span>` : nothing}
  </div>`;
}

/** How far a message has come on its channel. */
export function delivery(state: string, talk: Words): TemplateResult {
  const word = talk.delivery(state);
  const picture =
    state === "read" || state === "delivered" ? sign.ticksIcon : state === "sent" ? sign.checkIcon : ["failed", "dropped", "ambiguous", "withdrawn"].includes(state) ? sign.warnIcon : sign.clockIcon;
  const loud = ["failed", "dropped", "parked", "ambiguous", "withdrawn", "read"].includes(state);
  return html`<span class="delivery ${state}" title=${word}>${picture}<span class=${loud ? "" : "hidden"}>${word}</span></span>`;
}

/** Something written here that the server has not taken yet. */
export function pendingBubble(one: Pending, { talk, language, retry, discard }: Around): TemplateResult {
  const failed = one.state === "failed";
  return html`<div class="msg ${one.kind === "note" ? "note" : "agent"} first">
    <span class="hidden">${talk.you}: </span>
    <div class="bubble ${failed ? "failed" : "late"}" dir="auto"><p class="plain">${one.text}</p>
      ${one.attachments.map((a) => html`<span class="file">${sign.fileIcon}<span class="cut">${String(a["name"] ?? "")}</span></span>`)}</div>
    <div class="meta" role=${failed ? "alert" : nothing}>
      ${failed
        ? html`<span class="bad">${talk.notSent} ${one.error}</span>
            <button class="link" type="button" @click=${() => retry(one.id)}>${talk.retry}</button>
            <button class="link" type="button" @click=${() => discard(one.id)}>${talk.backToBox}</button>`
        : html`<time>${clock(one.at, language)}</time>${delivery(navigator.onLine ? "sending" : "offline", talk)}`}
    </div>
  </div>`;
}

/** A private note: staff alone see it. */
export function noteBubble(note: Note, { talk, language, me, forgetNote, people }: Around): TemplateResult {
  const own = note.author === me;
  return html`<div class="msg note first">
    <div class="name">${sign.noteIcon}<span>${own ? talk.you : note.author_name}</span><span class="kind">${talk.noteKind(note.kind)}</span></div>
    <div class="bubble" dir="auto"><p class="plain">${mentions(note.text, people)}</p></div>
    <div class="meta">
      <time title=${exact(note.created_at, language)}>${clock(note.created_at, language)}</time>
      ${own ? html`<button class="link quiet" type="button" @click=${() => forgetNote(note)}>${talk.remove}</button>` : nothing}
    </div>
  </div>`;
}

/** The text with the names of people of the staff marked. */
function mentions(text: string, people: readonly string[]): unknown[] {
  if (!text.includes("@") || !people.length) return [text];
  const names = [...people].sort((a, b) => b.length - a.length);
  const out: unknown[] = [];
  let plain = "";
  for (let i = 0; i < text.length; ) {
    const name = text[i] === "@" ? names.find((one) => text.startsWith(one, i + 1)) : undefined;
    if (name) {
      out.push(plain, html`<b class="mention">@${name}</b>`);
      plain = "";
      i += name.length + 1;
    } else plain += text[i++];
  }
  return [...out, plain];
}

/** `url` of the server against the tenant's address; "" where it can't be opened. */
export function address(url: string, base: string): string {
  if (!url) return "";
  try {
    return safeLink(new URL(url, new URL(`${base}/`, location.href)).href)?.href ?? "";
  } catch {
    return "";
  }
}
