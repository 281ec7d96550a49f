/** As whom the customer of a conversation is proved, since when, by what, until when; the staff may end it. */
import { html, nothing, type TemplateResult } from "lit/html.js";

import { PageElement, sheet } from "../../../../web/page-element.js";
import { Refused, request } from "../../../../web/request.js";
import { format } from "../../../../web/time.js";
import tokens from "../../../../web/tokens.css?inline";
import look from "./look.css?inline";
import { filled, methodOf, wordsOf, type Words } from "./words.js";

export interface Code {
  state: "queued" | "open" | "used" | "locked" | "void" | "expired";
  reason: string;
  way: string;
  address: string;
  tries_left: number;
  at: string;
}

export interface Merge {
  id: string;
  source_name: string;
  conversations: number;
  at: number;
}

export interface Data {
  conversation: string;
  verified: boolean;
  account: string;
  method: string;
  proved_at: string | null;
  until: string | null;
  code: Code | null;
  merges: Merge[];
}

/** Where the tenant's paths begin: this script is served at `identity/static/` below it. */
const BASE = new URL(/* @vite-ignore */ "../../", import.meta.url);
const HEADERS = { "Content-Type": "application/json", "X-Hookline-CSRF": "1" };
const LONGEST_TIMER = 2 ** 31 - 1;

export class IdentityPanel extends PageElement {
  static override sheets = [sheet(tokens.replaceAll(":root,", "")), sheet(look)];

  #data: Data | null = null;
  #language = "";
  #error = "";
  /** What is asked once more before it is done: "end", or the id of a merge. */
  #sure = "";
  #busy = false;
  #over: ReturnType<typeof setTimeout> | undefined;

  /** What the console says; it may have said it before this script was there. */
  override connectedCallback(): void {
    for (const name of ["data", "language"] as const) {
      const early = Object.getOwnPropertyDescriptor(this, name);
      if (!early) continue;
      delete (this as Partial<IdentityPanel>)[name];
      if (name === "data") this.data = early.value as Data;
      else this.language = early.value as string;
    }
    super.connectedCallback();
  }

  disconnectedCallback(): void {
    clearTimeout(this.#over);
  }

  get data(): Data | null {
    return this.#data;
  }

  set data(data: Data | null) {
    if (data?.conversation !== this.#data?.conversation) this.#sure = this.#error = "";
    this.#data = data;
    clearTimeout(this.#over);
    const left = data?.verified && data.until ? Date.parse(data.until) - Date.now() : -1;
    if (left > 0 && left < LONGEST_TIMER) this.#over = setTimeout(() => this.draw(), left + 50);
    this.draw();
  }

  get language(): string {
    return this.#language;
  }

  set language(tag: string) {
    this.#language = tag;
    this.draw();
  }

  /** What the console writes above the panel. */
  get heading(): string {
    return wordsOf(this.#tag).heading;
  }

  get #tag(): string {
    return this.#language || document.documentElement.lang || navigator.language;
  }

  get #proved(): boolean {
    const data = this.#data;
    return !!data?.verified && (!data.until || Date.parse(data.until) > Date.now());
  }

  protected template(): TemplateResult {
    const words = wordsOf(this.#tag);
    const data = this.#data;
    if (!data) return html`<p class="soft">${words.nobody}</p>`;
    return html`
      ${this.#proved ? this.#who(data, words) : html`<p tabindex="-1" data-left><span class="chip">${words.unproved}</span></p><p class="soft">${words.nobody}</p>`}
      ${data.code ? this.#code(data.code, words) : nothing}
      ${data.merges.length
        ? html`<h4>${words.merges}</h4>
            <ul>
              ${data.merges.map((one) => this.#merge(one, words))}
            </ul>`
        : nothing}
      <p class="error" role="status">${this.#error}</p>
    `;
  }

  #who(data: Data, words: Words): TemplateResult {
    return html`
      <p class="head"><span class="account">${data.account}</span> <span class="chip good">${words.proved}</span></p>
      <dl>
        <dt>${words.by}</dt><dd>${methodOf(data.method, words)}</dd>
        ${data.proved_at ? html`<dt>${words.since}</dt><dd>${this.#time(data.proved_at)}</dd>` : nothing}
        ${data.until ? html`<dt>${words.until}</dt><dd>${this.#time(data.until)}</dd>` : nothing}
      </dl>
      ${this.#asked("end", words.end, words.endSure, () => this.#end(data.conversation, words), words)}
    `;
  }

  #code(code: Code, words: Words): TemplateResult {
    const state = code.state === "void" && code.reason ? (words[code.reason as keyof Words] ?? words.void) : words[code.state];
    return html`<h4>${words.code}</h4>
      <p>
        ${state}${code.way ? html` · ${words[code.way as keyof Words] ?? code.way} ${code.address}` : nothing} · ${this.#time(code.at)}
        ${code.state === "open" ? html`<br />${filled(words.tries, code.tries_left)}` : nothing}
      </p>`;
  }

  #merge(one: Merge, words: Words): TemplateResult {
    const name = one.source_name || words.unnamed;
    return html`<li>
      ${filled(words.merged, name, one.conversations)}
      ${this.#asked(one.id, words.undo, words.undoSure, () => this.#undo(one.id, words), words)}
    </li>`;
  }

  /** A button, which asks once more. */
  #asked(what: string, label: string, question: string, done: () => Promise<void>, words: Words): TemplateResult {
    if (this.#sure !== what)
      return html`<button type="button" data-ask=${what} ?disabled=${this.#busy} @click=${() => this.#ask(what)}>${label}</button>`;
    return html`<p class="sure" @keydown=${(event: KeyboardEvent) => this.#escape(event)}>
      ${question}
      <button type="button" class="danger" data-sure=${what} ?disabled=${this.#busy} @click=${done}>${label}</button>
      <button type="button" ?disabled=${this.#busy} @click=${() => this.#ask("")}>${words.keep}</button>
    </p>`;
  }

  #ask(what: string): void {
    const before = this.#sure;
    this.#sure = what;
    this.#error = "";
    this.draw();
    void this.drawn.then(() => this.find(what ? `[data-sure="${what}"]` : `[data-ask="${before}"]`)?.focus());
  }

  /** Escape keeps things as they are. */
  #escape(event: KeyboardEvent): void {
    if (event.key !== "Escape") return;
    event.preventDefault();
    event.stopPropagation();
    this.#ask("");
  }

  #time(iso: string): string {
    return format(Date.parse(iso) / 1000, this.#tag, { dateStyle: "medium", timeStyle: "short" });
  }

  /** Whoever works with the keyboard stays here: on the button where nothing was done, else on what is left. */
  #stay(asked: string): void {
    void this.drawn.then(() => (this.find(`[data-ask="${asked}"]`) ?? this.find("[data-ask]") ?? this.find("[data-left]"))?.focus());
  }

  async #end(conversation: string, words: Words): Promise<void> {
    const done = await this.#post(`identity/conversations/${encodeURIComponent(conversation)}/end`, words);
    if (done && this.#data?.conversation === conversation) this.data = { ...this.#data, verified: false };
    this.#stay("end");
    if (done) this.dispatchEvent(new CustomEvent("identity-ended", { bubbles: true, composed: true, detail: { conversation } }));
  }

  async #undo(id: string, words: Words): Promise<void> {
    const done = await this.#post(`identity/merges/${encodeURIComponent(id)}/undo`, words);
    if (done && this.#data) this.data = { ...this.#data, merges: this.#data.merges.filter((one) => one.id !== id) };
    this.#stay(id);
  }

  async #post(path: string, words: Words): Promise<boolean> {
    this.#busy = true;
    this.draw();
    let done = false;
    try {
      await request(window, new URL(path, BASE).href, { method: "POST", headers: HEADERS });
      done = true;
      this.#error = "";
    } catch (error) {
      this.#error = error instanceof Refused ? filled(words.refused, error.message) : words.unreachable;
    }
    this.#busy = false;
    this.#sure = "";
    this.draw();
    return done;
  }
}

if (!customElements.get("hookline-identity-panel")) customElements.define("hookline-identity-panel", IdentityPanel);
