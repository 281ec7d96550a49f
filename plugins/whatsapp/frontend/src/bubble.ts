import { html, nothing, type TemplateResult } from "lit/html.js";
import { format } from "../../../../web/time.js";
import type { Content } from "./api.js";
import { paperIcon, personIcon, pinIcon, sign } from "./signs.js";
import { formatted } from "./text.js";
import { gist, part, text, type Item } from "./thread.js";
import { fill, type Words } from "./words.js";

/** What a bubble needs to be drawn and may ask of the page. */
export interface Around {
  talk: Words;
  language: string;
  business: string;
  menu: string;
  file(id: string, name?: string): string;
  open(id: string): void;
  act(what: "reply" | "edit" | "erase" | "delivered" | "read" | "failed" | "again", item: Item): void;
  react(item: Item, emoji: string): void;
  choose(item: Item, reply: Record<string, unknown>): void;
}

const EMOJI = ["👍", "❤️", "🙏"];

/** One message. */
export function bubble(item: Item, around: Around): TemplateResult {
  const { talk, language } = around;
  const { row } = item;
  const who = item.mine ? talk.you : fill(talk.business, around.business);
  const bad = row.state === "failed" || row.state === "unsent";
  return html`<div class="row ${item.mine ? "mine" : "theirs"}" id=${`m-${row.id}`}>
    <div class="bubble ${item.content.type === "sticker" ? "bare" : ""}">
      <span class="hidden">${who}: </span>
      ${item.deleted ? html`<p class="gone">${talk.erased}</p>` : html`${quoted(item, around)}${body(item, around)}`}
      <span class="foot">
        ${item.edited && !item.deleted ? html`<span>${talk.edited}</span>` : nothing}
        <time datetime=${new Date(row.at * 1000).toISOString()} title=${format(row.at, language, { dateStyle: "full", timeStyle: "medium" })}>${format(row.at, language, { timeStyle: "short" })}</time>
        <span class="state ${row.state}" title=${row.error || talk.states[row.state] || ""}>${sign(row.state)}<span class="hidden">${talk.states[row.state]}</span></span>
      </span>
      ${item.reaction && !item.deleted ? html`<span class="reaction">${item.reaction}</span>` : nothing}
      ${menuOf(item, around)}
    </div>
    ${bad
      ? html`<p class="bad">${row.error || talk.states[row.state]}
          ${row.state === "unsent" ? html`<button class="link" type="button" @click=${() => around.act("again", item)}>${talk.retry}</button>` : nothing}</p>`
      : nothing}
  </div>`;
}

function quoted(item: Item, { talk, business }: Around): unknown {
  const old = item.answers;
  if (!old) return nothing;
  return html`<blockquote dir="auto"><b>${old.mine ? talk.you : business}</b>${old.deleted ? talk.erased : gist(old.content, talk.kinds)}</blockquote>`;
}

function body(item: Item, around: Around): unknown {
  const { content } = item;
  const { talk } = around;
  const about = part(content);
  switch (content.type) {
    case "text":
      return said(text(about["body"]));
    case "button":
      return said(text(about["text"]));
    case "interactive":
      return interactive(item, around);
    case "template":
      return template(content, around);
    case "image":
    case "sticker":
    case "video":
    case "audio":
    case "document":
      return html`${file(content, around)}${said(text(about["caption"]))}`;
    case "location": {
      const where = `${Number(about["latitude"]).toFixed(4)}, ${Number(about["longitude"]).toFixed(4)}`;
      return html`<p class="thing">${pinIcon} ${text(about["name"]) || talk.kinds["location"]}<small>${[text(about["address"]), where].filter(Boolean).join(" · ")}</small></p>`;
    }
    case "contacts": {
      const cards = content["contacts"] as { name?: { formatted_name?: string }; phones?: { phone?: string }[] }[];
      return cards.map((one) => html`<p class="thing">${personIcon} ${one.name?.formatted_name}<small>${one.phones?.[0]?.phone}</small></p>`);
    }
    default:
      return html`<p class="gone">${talk.kinds[content.type] ?? content.type}</p>`;
  }
}

const said = (words: string): unknown => (words ? html`<p class="text" dir="auto">${formatted(words)}</p>` : nothing);

interface Choice {
  id: string;
  title: string;
  description?: string;
}

function interactive(item: Item, around: Around): unknown {
  const about = part(item.content) as { type?: string; body?: { text?: string }; action?: Record<string, unknown> };
  if (item.mine) return said(text(part(about as Content)["title"]));
  const told = said(text(about.body?.text));
  if (about.type === "button") {
    const buttons = (about.action?.["buttons"] ?? []) as { reply: Choice }[];
    return html`${told}<div class="choices">${buttons.map(({ reply }) => html`<button type="button" @click=${() =>
      around.choose(item, { type: "button_reply", button_reply: { id: reply.id, title: reply.title } })}>${reply.title}</button>`)}</div>`;
  }
  const sections = (about.action?.["sections"] ?? []) as { rows: Choice[] }[];
  return html`${told}<details class="choices"><summary>${text(about.action?.["button"]) || around.talk.options}</summary>
    ${sections.flatMap((one) => one.rows).map(({ id, title, description }) => html`<button type="button" @click=${(event: Event) => {
      (event.currentTarget as Element).closest("details")?.removeAttribute("open");
      around.choose(item, { type: "list_reply", list_reply: { id, title, ...(description ? { description } : {}) } });
    }}>${title}${description ? html`<small>${description}</small>` : nothing}</button>`)}</details>`;
}

function template(content: Content, { talk }: Around): unknown {
  const about = part(content) as { name?: string; language?: { code?: string }; components?: { parameters?: { parameter_name?: string; text?: string }[] }[] };
  const values = (about.components ?? []).flatMap((one) => one.parameters ?? []);
  return html`<div class="template"><b>${fill(talk.template, `${about.name} (${about.language?.code})`)}</b>
    ${values.map((one, n) => html`<p class="text" dir="auto"><small>${one.parameter_name ?? `{{${n + 1}}}`}</small> ${one.text}</p>`)}</div>`;
}

function file(content: Content, around: Around): unknown {
  const { talk } = around;
  const about = part(content);
  const name = text(about["filename"]) || talk.kinds[content.type] || content.type;
  const link = text(about["link"]);
  const url = link || around.file(text(about["id"]), text(about["filename"]));
  const near = !link || new URL(url, location.href).origin === location.origin;
  if (near && content.type === "audio") return html`<audio controls preload="metadata" src=${url} aria-label=${name}></audio>`;
  if (near && content.type === "video") return html`<video controls preload="metadata" src=${url} aria-label=${name}></video>`;
  if (near && (content.type === "image" || content.type === "sticker"))
    return html`<a href=${url} target="_blank" rel="noopener"><img class=${content.type} src=${url} alt=${name} loading="lazy" /></a>`;
  return html`<p class="thing">${paperIcon} <a href=${url} target="_blank" rel="noopener noreferrer" aria-label=${fill(talk.openFile, name)}>${name}</a>${near ? nothing : html`<small>${new URL(url).host}</small>`}</p>`;
}

function menuOf(item: Item, around: Around): unknown {
  const { talk } = around;
  const { row } = item;
  if (item.deleted || row.state === "sending" || row.state === "unsent") return nothing;
  const open = around.menu === row.id;
  const entry = (label: string, act: () => void) => html`<button type="button" @click=${act}>${label}</button>`;
  const acts = item.mine
    ? [
        ...(item.content.type === "text" ? [entry(talk.edit, () => around.act("edit", item))] : []),
        entry(talk.erase, () => around.act("erase", item)),
      ]
    : [
        entry(talk.reply, () => around.act("reply", item)),
        ...EMOJI.map((one) => entry(fill(talk.react, one), () => around.react(item, one))),
        entry(talk.reportDelivered, () => around.act("delivered", item)),
        entry(talk.reportRead, () => around.act("read", item)),
        entry(talk.reportFailed, () => around.act("failed", item)),
      ];
  return html`<button class="more" type="button" aria-expanded=${open} aria-label=${talk.more} @click=${() => around.open(open ? "" : row.id)}>⋯</button>
    ${open ? html`<div class="menu" role="group" aria-label=${talk.more}>${acts}</div>` : nothing}`;
}
