import { html, nothing, type TemplateResult } from "lit/html.js";
import { closeIcon, freshIcon } from "./icons.js";
import { nameOf, type Words } from "./strings.js";

/** What is over the conversation, and what can be done there. */
export interface Head {
  talk: Words;
  title: string;
  online: boolean;
  languages: readonly string[];
  tongue: string;
  /** There is something that a new conversation would leave behind. */
  begun: boolean;
  closable: boolean;
  inert: boolean;
  choose(event: Event): void;
  fresh(): void;
  leave(): void;
}

export function head(h: Head): TemplateResult {
  const { talk, title, languages } = h;
  return html`<div class="head" ?inert=${h.inert}>
    <span class="dot ${h.online ? "online" : ""}"></span>
    <h2 aria-level=${h.closable ? 2 : 1} title=${title}>${title}</h2>
    ${languages.length > 1
      ? html`<select aria-label=${talk.language} @change=${h.choose}>
          ${languages.map((tag) => html`<option value=${tag} lang=${tag} ?selected=${tag === h.tongue}>${nameOf(tag)}</option>`)}
        </select>`
      : nothing}
    <slot name="actions"></slot>
    ${h.begun
      ? html`<button class="icon flip fresh" type="button" aria-label=${talk.newConversation} title=${talk.newConversation}
          @click=${h.fresh}>${freshIcon}</button>`
      : nothing}
    ${h.closable
      ? html`<button class="icon close" type="button" aria-label=${talk.close} title=${talk.close} @click=${h.leave}>${closeIcon}</button>`
      : nothing}
  </div>`;
}
