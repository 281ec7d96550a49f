import { html, nothing, type PropertyValues, type TemplateResult } from "lit";
import { Sheet } from "./sheet.js";
import type { Canned, CannedDraft, Filled } from "./tools.js";
import { fill, LANGUAGES } from "./words.js";

const WAIT_MS = 200;
const BLANK: CannedDraft = { shortcut: "", title: "", text: "", language: "", shared: false };

/** Canned replies: find one, make one, change one, with what the customer of the open conversation would read. */
export class CannedSheet extends Sheet {
  static override properties = {
    ...Sheet.properties,
    found: { attribute: false },
    making: { attribute: false },
    preview: { attribute: false },
    sure: { attribute: false },
  };
  declare found: readonly Canned[] | null;
  /** The one that is written: its id, "" for a new one, null for none. */
  declare making: string | null;
  declare preview: Filled | null;
  /** Asked whether to remove it: its id. */
  declare sure: string;

  #variables: readonly string[] = [];
  #draft: CannedDraft = BLANK;
  #typed = "";
  #timer: number | undefined;

  constructor() {
    super();
    this.found = this.making = this.preview = null;
    this.sure = "";
  }

  protected heading = () => (this.making === null ? this.talk.cannedReplies : this.making ? this.talk.changeCanned : this.talk.newCanned);

  override firstUpdated(): void {
    super.firstUpdated();
    void this.#seek();
  }

  override updated(changed: PropertyValues): void {
    if (changed.has("making")) this.find<HTMLElement>(this.making === null ? "input[type=search]" : "[name=shortcut]")?.focus();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    window.clearTimeout(this.#timer);
  }

  protected body(): TemplateResult {
    return this.making === null ? this.#list() : this.#form();
  }

  #list(): TemplateResult {
    const { talk, found } = this;
    return html`<div class="stack">
      <input class="field" type="search" placeholder=${talk.search} aria-label=${talk.search} .value=${this.#typed} @input=${this.#onSeek} />
      ${found === null
        ? this.problem
          ? nothing
          : html`<div class="skeleton" role="status" aria-label=${talk.loading}><i></i><i></i></div>`
        : found.length
          ? html`<ul class="choices">${found.map((one) => this.#line(one))}</ul>`
          : html`<p class="soft">${this.#typed ? fill(talk.noCanned, this.#typed) : talk.noCannedYet}</p>`}
      <div class="end"><button class="button primary" type="button" @click=${() => this.#write(null)}>${talk.newCanned}</button></div>
    </div>`;
  }

  #line(one: Canned): TemplateResult {
    const { talk } = this;
    const may = !one.shared || this.desk.can.supervise;
    const about = html`<span class="about"><span><strong>/${one.shortcut}</strong> ${one.title} ${one.language ? html`<span class="badge">${one.language}</span>` : nothing} ${one.shared ? html`<span class="badge">${talk.forAll}</span>` : nothing}</span>
      <span class="soft cut" dir="auto">${one.text}</span></span>`;
    return html`<li class="row">
      ${may ? html`<button class="option" type="button" @click=${() => this.#write(one)}>${about}</button>` : html`<div class="option still">${about}</div>`}
      ${may
        ? this.sure === one.id
          ? html`<button class="button danger" type="button" ?disabled=${this.busy} @click=${() => this.#remove(one)}>${fill(talk.removeSure, `/${one.shortcut}`)}</button>`
          : html`<button class="link" type="button" aria-label="${talk.remove}: /${one.shortcut}" @click=${() => (this.sure = one.id)}>${talk.remove}</button>`
        : nothing}
    </li>`;
  }

  #form(): TemplateResult {
    const { talk, preview } = this;
    const draft = this.#draft;
    return html`<form @submit=${this.#onSave} @input=${this.#onWrite}>
      <div class="pair">
        <label>${talk.shortcut}<input class="field" name="shortcut" required maxlength="40" pattern="[^\\s\\/\\{\\}]+" autocomplete="off" placeholder="refund" .value=${draft.shortcut} /></label>
        <label>${talk.language}<select class="field" name="language">
          <option value="">${talk.anyLanguage}</option>
          ${this.#languages().map(([tag, name]) => html`<option value=${tag} ?selected=${tag === draft.language}>${name}</option>`)}
        </select></label>
      </div>
      <label>${talk.cannedTitle}<input class="field" name="title" maxlength="80" dir="auto" .value=${draft.title} /></label>
      <label>${talk.cannedText}<textarea class="field" name="text" rows="5" required maxlength="4000" dir="auto" .value=${draft.text}></textarea></label>
      <div class="row wrap" role="group" aria-label=${talk.putIn}>
        ${this.#variables.map((one) => html`<button class="button small" type="button" title=${talk.putIn} @click=${() => this.#put(one)}>{{${one}}}</button>`)}
      </div>
      <div><h3>${talk.preview}</h3>
        <p class="preview" dir="auto" role="status">${preview?.text || html`<span class="soft">–</span>`}</p>
        ${preview?.problem ? html`<p class="soft bad">${preview.problem}</p>` : preview?.missing.length ? html`<p class="soft">${fill(talk.missing, preview.missing.join(", "))}</p>` : nothing}</div>
      ${this.desk.can.supervise ? html`<label class="check"><input type="checkbox" name="shared" .checked=${draft.shared} /><span>${talk.forAll}</span></label>` : nothing}
      <div class="end"><button class="button" type="button" @click=${() => (this.making = null)}>${talk.cancel}</button>
        <button class="button primary" ?disabled=${this.busy}>${talk.save}</button></div>
    </form>`;
  }

  #languages(): readonly (readonly [string, string])[] {
    const own = this.desk.me?.languages ?? [];
    const names = new Intl.DisplayNames([this.language], { type: "language" });
    const tags = own.length ? own : LANGUAGES.map(([tag]) => tag);
    const { language } = this.#draft;
    return (language && !tags.includes(language) ? [...tags, language] : tags).map((tag) => [tag, names.of(tag) ?? tag]);
  }

  async #seek(): Promise<void> {
    const typed = this.#typed;
    try {
      const page = await this.desk.api.cannedPage(typed, this.of);
      if (typed !== this.#typed) return;
      this.found = page.canned;
      this.#variables = page.variables;
      this.problem = "";
    } catch (error) {
      this.problem = error instanceof Error ? error.message : String(error);
    }
  }

  readonly #onSeek = (event: Event) => {
    this.#typed = (event.target as HTMLInputElement).value.trim();
    window.clearTimeout(this.#timer);
    this.#timer = window.setTimeout(() => void this.#seek(), WAIT_MS);
  };

  #write(one: Canned | null): void {
    this.#draft = one ? { shortcut: one.shortcut, title: one.title, text: one.text, language: one.language, shared: one.shared } : BLANK;
    this.sure = this.problem = "";
    this.preview = null;
    this.making = one?.id ?? "";
    void this.#look();
  }

  #put(variable: string): void {
    const box = this.find<HTMLTextAreaElement>("textarea")!;
    box.setRangeText(`{{${variable}}}`, box.selectionStart, box.selectionEnd, "end");
    box.focus();
    box.dispatchEvent(new Event("input", { bubbles: true }));
  }

  readonly #onWrite = () => {
    const form = new FormData(this.find<HTMLFormElement>("form")!);
    const get = (name: string) => String(form.get(name) ?? "");
    const shared = this.desk.can.supervise ? form.has("shared") : this.#draft.shared;
    this.#draft = { shortcut: get("shortcut").trim(), title: get("title").trim(), text: get("text"), language: get("language"), shared };
    window.clearTimeout(this.#timer);
    this.#timer = window.setTimeout(() => void this.#look(), WAIT_MS);
  };

  /** What it reads as for the customer of the open conversation. */
  async #look(): Promise<void> {
    const { text } = this.#draft;
    if (!text.trim()) return void (this.preview = null);
    try {
      const told = await this.desk.api.fillIn(text, this.of);
      if (text === this.#draft.text) this.preview = told;
    } catch (error) {
      if (text === this.#draft.text) this.preview = { text, missing: [], problem: error instanceof Error ? error.message : String(error) };
    }
  }

  readonly #onSave = (event: Event) => {
    event.preventDefault();
    this.#onWrite();
    const id = this.making ?? "";
    void this.try(async () => {
      await this.desk.api.saveCanned(this.#draft, id);
      this.making = null;
      await this.#seek();
    }, true);
  };

  #remove(one: Canned): void {
    void this.try(async () => {
      await this.desk.api.forgetCanned(one.id);
      this.sure = "";
      await this.#seek();
    }, true);
  }
}

customElements.define("hookline-console-canned", CannedSheet);
