import { html, LitElement, nothing, unsafeCSS, type TemplateResult } from "lit";
import forms from "../../../../web/forms.css?inline";
import { Refused } from "../../../../web/request.js";
import { ask, signInPage, SignedOut } from "../../../../web/session.js";
import "../../../../web/staff-pages.js";
import tokens from "../../../../web/tokens.css?inline";
import look from "./calls.css?inline";
import { canListen, hush, listen, speak } from "./speech.js";
import { tongue, wordsOf } from "./callwords.js";

interface Choices {
  title: string;
  flows: string[];
  flow: string;
  languages: { tag: string; locale: string }[];
}

interface View {
  id: string;
  language: string;
  say: { text: string; language: string }[];
  step: string;
  options: string[];
  ended: boolean;
  outcome: string;
  transfer: string;
}

interface Line {
  who: "bot" | "caller";
  text: string;
  language: string;
}

type Door = "loading" | "open" | "unreachable" | "forbidden";
const KEYS = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "*", "0", "#"];
const API = "/voice/calls/rehearsals";

/** The page of test calls: a flow is walked as a caller does, by voice where the browser can, by typing and keys else. */
export class CallsPage extends LitElement {
  static override styles = [unsafeCSS(tokens), unsafeCSS(forms), unsafeCSS(look)];
  static override properties = Object.fromEntries(
    ["door", "choices", "call", "lines", "busy", "draft", "keys", "loud", "ears", "trouble"].map((name) => [name, { state: true }]),
  );

  declare door: Door;
  declare choices: Choices | null;
  declare call: View | null;
  declare lines: readonly Line[];
  declare busy: boolean;
  declare draft: string;
  declare keys: string;
  declare loud: boolean;
  declare ears: (() => void) | null;
  declare trouble: string;

  readonly #language = tongue();
  readonly #base = new URL(import.meta.url).pathname.replace(/\/voice\/static\/.*$/, "");

  constructor() {
    super();
    this.door = "loading";
    this.choices = this.call = this.ears = null;
    this.lines = [];
    this.busy = false;
    this.draft = this.keys = this.trouble = "";
    this.loud = true;
  }

  get #words() {
    return wordsOf(this.#language);
  }

  override connectedCallback(): void {
    super.connectedCallback();
    document.documentElement.lang = this.#language;
    document.title = this.#words.title;
    void this.#enter();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#quiet();
  }

  async #enter(): Promise<void> {
    try {
      this.choices = await ask<Choices>(this.#base, "GET", API);
      this.door = "open";
    } catch (error) {
      if (error instanceof SignedOut) location.replace(signInPage(this.#base));
      else this.door = error instanceof Refused && error.status === 403 ? "forbidden" : "unreachable";
    }
  }

  #quiet(): void {
    hush();
    this.ears?.();
    this.ears = null;
  }

  async #send(path: string, body: unknown, line?: Line): Promise<void> {
    this.#quiet();
    if (line) this.lines = [...this.lines, line];
    this.busy = true;
    this.trouble = "";
    try {
      const view = await ask<View>(this.#base, "POST", path, body);
      this.call = view;
      this.lines = [...this.lines, ...view.say.map((one) => ({ who: "bot" as const, ...one }))];
      if (this.loud) speak(view.say);
    } catch (error) {
      if (error instanceof SignedOut) location.replace(signInPage(this.#base));
      else this.trouble = error instanceof Refused ? error.message : this.#words.unreachable;
    } finally {
      this.busy = false;
    }
    await this.updateComplete;
    this.renderRoot.querySelector(".talk")?.lastElementChild?.scrollIntoView({ block: "nearest" });
    this.renderRoot.querySelector<HTMLInputElement>("#said")?.focus();
  }

  #begin(event: SubmitEvent): void {
    event.preventDefault();
    const told = new FormData(event.target as HTMLFormElement);
    this.lines = [];
    this.keys = this.draft = "";
    void this.#send(API, { flow: told.get("flow"), language: told.get("language"), customer: told.get("customer") });
  }

  #answer(keys: string, speech: string): void {
    if (!this.call || this.busy) return;
    const text = keys || speech || "…";
    this.keys = this.draft = "";
    void this.#send(`${API}/${this.call.id}`, { keys, speech }, { who: "caller", text, language: this.call.language });
  }

  #press(key: string): void {
    const count = this.call?.options.length ?? 0;
    if (key === "#") return this.#answer(this.keys, "");
    if (count > 0 && count < 10 && key !== "*") return this.#answer(key, "");
    this.keys += key;
  }

  #listen(): void {
    if (this.ears) return this.#quiet();
    hush();
    this.ears = listen(this.call?.language ?? "en-US", (text) => {
      this.ears = null;
      if (text) this.#answer("", text);
    });
  }

  override render(): TemplateResult {
    const words = this.#words;
    return html`${this.door === "open" ? html`<hookline-pages .base=${this.#base} .language=${this.#language}></hookline-pages>` : nothing}
      <main>
        <h1>${words.title}</h1>
        <p class="hint">${words.hint}</p>
        ${this.#body()}
      </main>`;
  }

  #body(): TemplateResult | typeof nothing {
    const words = this.#words;
    if (this.door === "loading") return nothing;
    if (this.door !== "open" || !this.choices) return html`<p role="alert">${this.door === "forbidden" ? words.refused : words.unreachable}</p>`;
    if (!this.choices.flows.length) return html`<p>${words.noFlows}</p>`;
    return html`${this.#form(this.choices)} ${this.trouble ? html`<p role="alert">${this.trouble}</p>` : nothing}
    ${this.lines.length ? this.#talk() : nothing} ${this.call && !this.call.ended ? this.#answers() : nothing}`;
  }

  #form(choices: Choices): TemplateResult {
    const words = this.#words;
    const names = new Intl.DisplayNames([this.#language], { type: "language" });
    return html`<form @submit=${(event: SubmitEvent) => this.#begin(event)}>
      <label>${words.flow}<select name="flow">
        ${choices.flows.map((flow) => html`<option ?selected=${flow === choices.flow}>${flow}</option>`)}
      </select></label>
      <label>${words.language}<select name="language">
        ${choices.languages.map(({ tag }) => html`<option value=${tag}>${names.of(tag)}</option>`)}
      </select></label>
      <label>${words.customer}<input name="customer" type="tel" placeholder=${words.withheld} autocomplete="off" /></label>
      <button class="primary" ?disabled=${this.busy}>${this.call ? words.again : words.call}</button>
      <label class="check"><input type="checkbox" .checked=${this.loud} @change=${(event: Event) => this.#loudly(event)} />${words.mute}</label>
    </form>`;
  }

  #loudly(event: Event): void {
    this.loud = (event.target as HTMLInputElement).checked;
    if (!this.loud) hush();
  }

  #talk(): TemplateResult {
    const words = this.#words;
    const end = this.call?.ended
      ? html`<li class="end">${words.ended} ${this.call.transfer ? `${words.transfer} ${this.call.transfer}` : this.call.outcome}</li>`
      : nothing;
    return html`<ol class="talk" aria-live="polite">
      ${this.lines.map((line) => html`<li class=${line.who} lang=${line.language} dir="auto">
        <span class="who">${line.who === "bot" ? words.bot : words.caller}</span> ${line.text}
      </li>`)}${end}
    </ol>`;
  }

  #answers(): TemplateResult {
    const words = this.#words;
    return html`<section>
      <form class="say" @submit=${(event: SubmitEvent) => (event.preventDefault(), this.#answer("", this.draft.trim()))}>
        <label for="said">${words.answer}</label>
        <input id="said" .value=${this.draft} @input=${(event: Event) => (this.draft = (event.target as HTMLInputElement).value)} autocomplete="off" />
        <button class="primary" ?disabled=${this.busy || !this.draft.trim()}>${words.send}</button>
        ${canListen()
          ? html`<button type="button" aria-pressed=${this.ears ? "true" : "false"} @click=${() => this.#listen()}>${this.ears ? words.stop : words.listen}</button>`
          : html`<p class="hint">${words.deaf}</p>`}
        <button type="button" ?disabled=${this.busy} @click=${() => this.#answer("", "")}>${words.silence}</button>
      </form>
      <div class="keys" role="group" aria-label=${words.keypad}>
        ${KEYS.map((key) => html`<button type="button" ?disabled=${this.busy} aria-label=${key === "#" ? words.hash : `${words.key} ${key}`} @click=${() => this.#press(key)}>${key}</button>`)}
        <output>${this.keys}</output>
      </div>
    </section>`;
  }
}

customElements.define("hookline-calls", CallsPage);
