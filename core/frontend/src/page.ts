import { html, LitElement, nothing, unsafeCSS, type TemplateResult } from "lit";
import { signInPage, SignedOut } from "../../../web/session.js";
import forms from "../../../web/forms.css?inline";
import tokens from "../../../web/tokens.css?inline";
import "./accounts.js";
import { Api, type Me } from "./api.js";
import "./keys.js";
import "./log.js";
import look from "./look.css?inline";
import "./mine.js";
import "../../../web/staff-pages.js";
import { tongue, wordsOf, type Words } from "./words.js";

const TABS = ["accounts", "keys", "log", "mine"] as const;
type Tab = (typeof TABS)[number];
type Door = "loading" | "open" | "unreachable";

/** The page where accounts, keys and the audit log are looked after; others than admins see their own account. */
export class AdminPage extends LitElement {
  static override styles = [unsafeCSS(tokens), unsafeCSS(forms), unsafeCSS(look)];
  static override properties = { door: { state: true }, tab: { state: true }, me: { state: true } };

  declare door: Door;
  declare tab: Tab;
  declare me: Me | null;

  readonly #language = tongue();
  readonly #base = new URL(import.meta.url).pathname.replace(/\/admin\/static\/.*$/, "");
  readonly #api = new Api(this.#base);

  constructor() {
    super();
    this.door = "loading";
    this.me = null;
    const named = location.hash.slice(1) as Tab;
    this.tab = TABS.includes(named) ? named : "accounts";
  }

  override connectedCallback(): void {
    super.connectedCallback();
    document.documentElement.lang = this.#language;
    document.title = wordsOf(this.#language).title;
    this.addEventListener("admin-failed", this.#onFailed as EventListener);
    void this.#enter();
  }

  async #enter(): Promise<void> {
    this.door = "loading";
    try {
      this.me = await this.#api.me();
      if (!this.tabs.includes(this.tab)) this.tab = "mine";
      this.door = "open";
    } catch (error) {
      if (error instanceof SignedOut) location.replace(signInPage(this.#base));
      else this.door = "unreachable";
    }
  }

  get tabs(): readonly Tab[] {
    return this.me?.role === "admin" ? TABS : ["mine"];
  }

  override render(): TemplateResult {
    const talk = wordsOf(this.#language);
    return html`<header>
        ${this.door === "open" ? html`<hookline-pages .base=${this.#base} .language=${this.#language}></hookline-pages>` : nothing}
        <h1>${talk.title}</h1>
        ${this.door === "open" && this.tabs.length > 1
          ? html`<div role="tablist" aria-label=${talk.title}>${this.tabs.map((one) => this.#tab(one, talk))}</div>`
          : nothing}
        <span class="grow"></span>
        ${this.me ? html`<button class="link" type="button" @click=${this.#leave}>${talk.leave}</button>` : nothing}
      </header>
      <main>${this.#content(talk)}</main>`;
  }

  #tab(name: Tab, talk: Words): TemplateResult {
    const on = this.tab === name;
    return html`<button role="tab" type="button" id="tab-${name}" aria-selected=${on} aria-controls="panel" tabindex=${on ? 0 : -1}
      @click=${() => this.#turn(name)} @keydown=${this.#onTabKey}>${talk[name]}</button>`;
  }

  #content(talk: Words): TemplateResult {
    if (this.door === "loading") return html`<div class="skeleton" role="status" aria-label=${talk.loading}><i></i><i></i><i></i></div>`;
    const me = this.me?.staff;
    if (this.door === "unreachable" || !me)
      return html`<div class="empty" role="alert"><p>${talk.unreachable}</p>
        <button class="button" type="button" @click=${() => void this.#enter()}>${talk.retry}</button></div>`;
    const shown = {
      accounts: () => html`<hookline-admin-accounts .api=${this.#api} .language=${this.#language} .me=${me}></hookline-admin-accounts>`,
      keys: () => html`<hookline-admin-keys .api=${this.#api} .language=${this.#language} .me=${me}></hookline-admin-keys>`,
      log: () => html`<hookline-admin-log .api=${this.#api} .language=${this.#language} .me=${me}></hookline-admin-log>`,
      mine: () => html`<hookline-admin-mine .api=${this.#api} .language=${this.#language} .me=${me}></hookline-admin-mine>`,
    }[this.tab]();
    return this.tabs.length > 1
      ? html`<div id="panel" role="tabpanel" aria-labelledby="tab-${this.tab}">${shown}</div>`
      : html`<p class="soft">${talk.forbidden}</p>${shown}`;
  }

  #turn(name: Tab): void {
    this.tab = name;
    history.replaceState(null, "", `#${name}`);
  }

  readonly #onTabKey = (event: KeyboardEvent) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const next = this.tabs[(this.tabs.indexOf(this.tab) + step + this.tabs.length) % this.tabs.length] ?? "accounts";
    this.#turn(next);
    void this.updateComplete.then(() => this.renderRoot.querySelector<HTMLElement>(`#tab-${next}`)?.focus());
  };

  readonly #onFailed = (event: CustomEvent<unknown>) => {
    if (event.detail instanceof SignedOut) location.replace(signInPage(this.#base));
  };

  readonly #leave = async () => {
    await this.#api.leave().catch(() => undefined);
    location.replace(signInPage(this.#base));
  };
}

if (!customElements.get("hookline-admin")) customElements.define("hookline-admin", AdminPage);
