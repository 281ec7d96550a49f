import { html, nothing, type TemplateResult } from "lit/html.js";
import { checkIcon, clockIcon } from "./icons.js";
import type { Item, Sound } from "./items.js";
import { safeLink } from "../../../../web/markdown.js";
import type { Attachment } from "./protocol.js";
import { rich } from "../../../../web/rich.js";
import { fill, type Words } from "./strings.js";
import { exact, relative } from "../../../../web/time.js";

/** What a bubble needs of the view around it. */
export interface Around {
  talk: Words;
  language: string;
  /** The tenant's address, which the server's relative ones start from. */
  base: string;
  retry(id: string): void;
  discard(id: string): void;
  /** A player of the sound; `undefined` where there is none. */
  play(sound: Sound, own: boolean): unknown;
  /** What stands for words that are being written down, and what is said of a recording that was refused. */
  heard: { hearing: string; notTaken: string };
}

/** One message, with who, when and in what state; `fresh` where it came while somebody looked. */
export function bubble(item: Item, fresh: boolean, around: Around): TemplateResult {
  const { talk } = around;
  const own = item.author === "contact";
  const who = { contact: talk.you, bot: talk.bot, agent: talk.agent, system: talk.system }[item.author];
  const classes = ["row", own ? "own" : item.author, item.first ? "first" : "", fresh ? "new" : ""].join(" ");
  const named = item.author === "agent" && item.first;
  return html`<div class=${classes}>
    ${named ? html`<div class="name" aria-hidden="true">${who}</div>` : nothing}
    <div class="bubble ${item.state === "failed" ? "failed" : ""}" dir="auto"><span class="hidden">${who}: </span>${
      item.state === "waiting" ? dots(talk) : own ? spoken(item, around) : body(item, around)
    }${own ? nothing : item.sounds.map((one) => around.play(one, false) ?? attachment(one.attachment, around.base))}${item.attachments.map((a) => attachment(a, around.base))}</div>
    ${meta(item, around)}
  </div>`;
}

/** The customer's own words, with the sound that they were spoken in. */
function spoken(item: Item, { heard, play }: Around): unknown {
  if (!item.sounds.length) return item.text;
  const words = item.text || (item.unheard ? heard.hearing : "");
  return html`${item.sounds.map((one) => play(one, true) ?? one.attachment.name)}${words ? html`<span class=${item.text ? "said" : "said unheard"}>${words}</span>` : nothing}`;
}

/** Somebody is writing. */
export function dots(talk: Words): TemplateResult {
  return html`<span class="dots"><i></i><i></i><i></i><span class="hidden">${talk.typing}</span></span>`;
}

function body(item: Item, { talk, base }: Around): TemplateResult {
  const { citations } = item;
  const links = citations.map((c) => address(c.url, base));
  return html`${rich(item.text, { list: citations, links, label: (n) => fill(talk.source, n) })}
  ${citations.length
    ? html`<ol class="sources" aria-label=${talk.sources}>
        ${citations.map((c, i) => {
          const title = c.title || c.source || c.document;
          return html`<li>
            <span class="n">[${i + 1}]</span>
            ${links[i]
              ? html`<a href=${links[i]} data-cite=${i + 1} target="_blank" rel="noopener">${title}</a>`
              : html`<span>${title}</span>`}
          </li>`;
        })}
      </ol>`
    : nothing}`;
}

function attachment(a: Attachment, base: string): unknown {
  const href = address(a.url, base);
  if (!href) return nothing;
  return a.media_type.startsWith("image/")
    ? html`<a href=${href} target="_blank" rel="noopener noreferrer"><img src=${href} alt=${a.name} loading="lazy" /></a>`
    : a.media_type.startsWith("audio/")
      ? html`<audio controls preload="none" src=${href} aria-label=${a.name}></audio>`
      : html`<p><a href=${href} target="_blank" rel="noopener noreferrer">${a.name || href}</a></p>`;
}

function meta(item: Item, { talk, language, heard, retry, discard }: Around): unknown {
  if (item.state === "failed") {
    return html`<div class="meta">
      <span class="error">${talk.failed} ${item.sounds.length ? heard.notTaken : item.problem?.detail || item.problem?.title || ""}</span>
      <button class="link" type="button" @click=${() => retry(item.pending)}>${talk.retry}</button>
      <button class="link" type="button" @click=${() => discard(item.pending)}>${talk.discard}</button>
    </div>`;
  }
  if (!item.last || item.author === "system" || !item.at) return nothing;
  const known = item.state === "sending" || item.state === "sent" || item.state === "read";
  const state = known ? talk[item.state as "sending" | "sent" | "read"] : "";
  return html`<div class="meta">
    <time datetime=${new Date(item.at * 1000).toISOString()} title=${exact(item.at, language)}
      >${relative(item.at, Date.now() / 1000, language)}</time
    >${state
      ? html`<span title=${state}>${item.state === "sending" ? clockIcon : checkIcon}${item.state === "read" ? checkIcon : nothing}<span class="hidden">${state}</span></span>`
      : nothing}
  </div>`;
}

/** `url` of the server against the tenant's address; "" where it can't be opened. */
function address(url: string, base: string): string {
  if (!url) return "";
  try {
    return safeLink(new URL(url, `${base}/`).href)?.href ?? "";
  } catch {
    return "";
  }
}
