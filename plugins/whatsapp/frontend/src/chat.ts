import { html, nothing, type TemplateResult } from "lit";
import { repeat } from "lit/directives/repeat.js";
import type { Phone, Row, Screen } from "./api.js";
import { bubble, type Around } from "./bubble.js";
import { composerOf, type ComposerEar, type Writing } from "./composer.js";
import { greetings } from "./greetings.js";
import { turnIcon } from "./signs.js";
import type { Device } from "./store.js";
import { thread } from "./thread.js";
import { remaining } from "./window.js";
import { fill } from "./words.js";

/** One phone, as the page knows it. */
export interface Chat {
  phone: Phone;
  screen: Screen | null;
  pending: readonly Row[];
  typing: boolean;
  /** Whether the last turn is shown. */
  side: boolean;
  device: Device;
  /** The server's time, in seconds. */
  now: number;
  writing: Writing;
  /** The tenant's. */
  languages: readonly string[];
}

export interface ChatEar extends ComposerEar {
  earlier(): void;
  pass(hours: number): void;
  side(): void;
  device(device: Device): void;
  /** Say hello. */
  greet(text: string): void;
}

export function chatOf(chat: Chat, around: Around, ear: ChatEar): TemplateResult {
  const { phone, screen, side, typing } = chat;
  const { talk, business } = around;
  const name = phone.name || phone.address;
  const items = thread(screen?.messages ?? [], chat.pending);
  const turn = side ? talk.hide : talk.show;
  return html`<section class="chat" aria-label=${fill(talk.conversation, name)}>
    <div class="head">
      <a class="back" href="#" aria-label=${talk.back}>‹</a>
      <div class="who"><h2 dir="auto">${business}</h2>
        <small>${typing ? talk.typing : html`<span dir="auto">${name}</span>`}${screen?.opted_out ? html` · <span class="bad">${talk.opted}</span>` : nothing}</small></div>
      <button class="icon" type="button" aria-pressed=${side} title=${turn} aria-label=${turn} @click=${ear.side}>${turnIcon}</button>
    </div>
    ${bar(chat, around, ear)}
    <div class="log" role="log" aria-live="polite" aria-label=${fill(talk.conversation, name)} tabindex="0">
      ${screen?.more ? html`<button class="button earlier" type="button" @click=${ear.earlier}>${talk.earlier}</button>` : nothing}
      ${screen && !items.length ? hello(chat, around, ear) : nothing}
      ${repeat(items, (item) => item.row.id, (item) => bubble(item, around))}
      ${typing ? html`<div class="row theirs" aria-hidden="true"><div class="bubble typing"><i></i><i></i><i></i></div></div>` : nothing}
    </div>
    ${composerOf(chat.writing, name, talk, ear)}
  </section>`;
}

/** Nothing is said yet: a word of how to begin, and a greeting in each of the tenant's languages. */
function hello({ languages }: Chat, { talk, business, language }: Around, ear: ChatEar): TemplateResult {
  return html`<div class="empty"><p>${fill(talk.empty, business)}</p>
    <p class="hello">${greetings(languages, language).map(
      (one) => html`<button class="button" type="button" lang=${one.language} dir="auto" title=${one.name} @click=${() => ear.greet(one.text)}>${one.text}</button>`,
    )}</p></div>`;
}

/** The window with its clock, and how the phone behaves. */
function bar({ screen, now, device }: Chat, { talk, language }: Around, ear: ChatEar): TemplateResult {
  const left = (screen?.window.until ?? 0) - now;
  const said = !screen ? "" : left > 0 ? fill(talk.open, remaining(left, language)) : screen.window.until ? talk.shut : talk.unopened;
  const pass = (hours: number) =>
    html`<button class="button" type="button" ?disabled=${left <= 0} aria-label=${fill(talk.wait, hours)} title=${fill(talk.wait, hours)}
      @click=${() => ear.pass(hours)}>+${hours} h</button>`;
  return html`<div class="bar">
    <span class=${screen && left <= 0 ? "shut" : ""}>${said}</span>
    ${pass(1)}${pass(24)}
    <span class="grow"></span>
    <label>${talk.device}
      <select @change=${(event: Event) => ear.device((event.target as HTMLSelectElement).value as Device)}>
        ${(["reads", "receives", "off"] as const).map((one) => html`<option value=${one} ?selected=${one === device}>${talk.devices[one]}</option>`)}
      </select></label>
  </div>`;
}
