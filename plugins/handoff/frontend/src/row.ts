import { html, nothing, type TemplateResult } from "lit";
import { classMap } from "lit/directives/class-map.js";
import { exact, relative } from "../../../../web/time.js";
import { nameOf } from "./names.js";
import type { Item } from "./protocol.js";
import { noteIcon, warnIcon } from "./signs.js";
import { brief } from "./spans.js";
import type { Words } from "./words.js";

/** How high a row is, in pixels; look/list.css says the same. */
export const ROW = 68;

/** One conversation in the list. */
export function row(item: Item, at: number, of: number, selected: boolean, drafted: boolean, talk: Words, language: string, me: string): TemplateResult {
  const { conversation, contact, handoff, last } = item;
  const name = nameOf(contact, conversation, talk);
  const time = last?.created_at ?? conversation.updated_at;
  const by = last && last.author !== "contact" ? (last.author === "bot" ? talk.bot : last.author === "agent" ? (last.agent === me ? talk.you : last.agent_name || talk.agent) : "") : "";
  // Whoever chooses from the queue wants to know what it is about, not that the bot said to wait.
  const gist = handoff && !handoff.agent && last?.author !== "contact" ? handoff.summary : "";
  const late = handoff && handoff.priority > 0 ? talk.priority(handoff.priority) : "";
  return html`<div role="option" id="row-${at}" data-id=${conversation.id} aria-selected=${selected} aria-setsize=${of} aria-posinset=${at + 1}
    class=${classMap({ item: true, unread: item.unread > 0 })} .style=${`transform:translateY(${at * ROW}px)`}>
    <div class="line">
      <span class="who cut" dir="auto">${name}</span>
      ${sla(item, talk)}
      <time datetime=${new Date(time * 1000).toISOString()} title=${exact(time, language)}>${brief(Date.now() / 1000 - time, talk) || relative(time, Date.now() / 1000, language)}</time>
    </div>
    <div class="line">
      <span class="said cut" dir="auto">${gist ? gist : html`${by ? html`<span class="by">${by}: </span>` : nothing}${last?.text || (last?.attachments.length ? talk.attachment : "")}`}</span>
      ${item.unread ? html`<span class="unseen num" aria-label=${talk.unread(item.unread)}>${item.unread > 99 ? "99+" : item.unread}</span>` : nothing}
    </div>
    <div class="line marks">
      <span class="channel">${talk.channel(conversation.channel)}</span>
      ${drafted ? html`<span class="draft">${noteIcon}${talk.draft}</span>` : nothing}
      ${late ? html`<span class="badge ${handoff!.priority > 1 ? "danger" : "warning"}">${late}</span>` : nothing}
      ${handoff?.score != null ? html`<span class="num">${talk.lead} ${Math.round(handoff.score)}</span>` : nothing}
      <span class="cut">${handoff?.agent && handoff.agent !== me ? handoff.agent_name : handoff && !handoff.agent ? talk.reason(handoff.reason) : item.tags.join(", ")}</span>
    </div>
  </div>`;
}

/** How much time is left for what was promised; nothing where nothing runs. */
export function sla(item: Pick<Item, "sla">, talk: Words): TemplateResult | typeof nothing {
  const promise = item.sla;
  if (!promise || promise.due_at === null || ["met", "paused"].includes(promise.state)) return nothing;
  const left = promise.due_at - Date.now() / 1000;
  const late = left < 0 || promise.state === "breached";
  const kind = late ? "danger" : promise.state === "warned" ? "warning" : "";
  const text = late ? talk.late(brief(Math.abs(left), talk)) : talk.left(brief(left, talk));
  return html`<span class="badge num ${kind}" title=${talk.slaDue}>${kind ? warnIcon : nothing}${text}</span>`;
}
