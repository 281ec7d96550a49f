import { html, LitElement, nothing, unsafeCSS, type TemplateResult } from "lit";
import { fill } from "../../../web/fill.js";
import forms from "../../../web/forms.css?inline";
import tokens from "../../../web/tokens.css?inline";
import look from "./look.css?inline";
import { said, type Api, type Kind, type Mistake, type Report } from "./recordapi.js";
import recordlook from "./recordlook.css?inline";
import { wordsOf, type Words } from "./recordwords.js";

/** A CSV file is looked at first, whole; then its lines are taken in, or those without mistakes. */
export class RecordImport extends LitElement {
  static override styles = [unsafeCSS(tokens), unsafeCSS(forms), unsafeCSS(look), unsafeCSS(recordlook)];
  static override properties = {
    language: {},
    kind: { attribute: false },
    file: { state: true },
    report: { state: true },
    notice: { state: true },
    busy: { state: true },
  };

  declare api: Api;
  declare language: string;
  declare kind: Kind;
  declare file: File | null;
  declare report: Report | null;
  declare notice: string;
  declare busy: "" | "checking" | "storing";

  constructor() {
    super();
    this.language = "en";
    this.file = null;
    this.report = null;
    this.notice = this.busy = "";
  }

  get talk(): Words {
    return wordsOf(this.language);
  }

  async show(): Promise<void> {
    this.file = null;
    this.report = null;
    this.notice = "";
    await this.updateComplete;
    this.renderRoot.querySelector("form")?.reset();
    this.renderRoot.querySelector("dialog")?.showModal();
  }

  shut(): void {
    this.renderRoot.querySelector("dialog")?.close();
  }

  override render(): TemplateResult {
    const talk = this.talk;
    const key = this.kind.fields.find((field) => field.name === this.kind.key);
    return html`<dialog class="wide" aria-labelledby="import-title" @close=${() => this.dispatchEvent(new Event("shut"))}>
      <form class="fields" @submit=${(event: Event) => event.preventDefault()}>
        <h2 id="import-title">${fill(talk.takeTitle, said(this.kind.title, this.language))}</h2>
        <p>${fill(talk.takeHint, key ? said(key.label, this.language) : "")}</p>
        <label for="file">${talk.file}</label>
        <input id="file" type="file" accept=".csv,text/csv,text/plain" @change=${this.#onFile} />
        <div role="status">${this.busy ? html`<p class="soft">${talk[this.busy]}</p>` : nothing}${this.report ? this.#told(this.report) : nothing}</div>
        ${this.notice ? html`<p class="notice" role="alert">${this.notice}</p>` : nothing}
        <div class="row end">
          <button class="button" type="button" @click=${() => this.shut()}>${talk.cancel}</button>
          ${this.#go()}
        </div>
      </form>
    </dialog>`;
  }

  #go(): TemplateResult | typeof nothing {
    const talk = this.talk;
    const report = this.report;
    if (!report || this.busy || !(report.created + report.changed)) return nothing;
    return html`<button class="button primary" type="button" @click=${() => void this.#store(report.wrong > 0)}>
      ${report.wrong ? talk.storeRest : talk.store}</button>`;
  }

  #told(report: Report): TemplateResult {
    const talk = this.talk;
    if (!report.lines) return html`<p>${talk.nothingToDo}</p>`;
    return html`<p>${fill(talk.counts, report.created, report.changed, report.unchanged)}</p>
      ${report.wrong
        ? html`<p class="fault">${fill(talk.mistakes, report.wrong)}</p>
            <ul class="mistakes" tabindex="0" aria-label=${fill(talk.mistakes, report.wrong)}>${report.mistakes.map((one) => html`<li>${this.#place(one)}${one.detail}</li>`)}</ul>
            ${report.mistakes.length < report.wrong ? html`<p class="soft">${talk.moreMistakes}</p>` : nothing}
            <p class="soft">${talk.fixFirst}</p>`
        : nothing}`;
  }

  #place(one: Mistake): string {
    const field = this.kind.fields.find((other) => other.name === one.field);
    return one.column && field
      ? fill(this.talk.mistakeAt, one.line, said(field.label, this.language))
      : fill(this.talk.mistakeLine, one.line);
  }

  readonly #onFile = (event: Event) => {
    this.file = (event.target as HTMLInputElement).files?.[0] ?? null;
    this.report = null;
    if (this.file) void this.#ask("checking", this.file, { dry_run: true });
  };

  async #store(skip: boolean): Promise<void> {
    if (!this.file) return;
    const report = await this.#ask("storing", this.file, { skip });
    if (!report?.stored) return;
    this.shut();
    this.dispatchEvent(new CustomEvent("done", { detail: fill(this.talk.stored, report.created, report.changed) }));
  }

  async #ask(busy: "checking" | "storing", file: File, options: object): Promise<Report | null> {
    this.busy = busy;
    this.notice = "";
    try {
      return (this.report = await this.api.take(this.kind, file, options));
    } catch (error) {
      this.notice = error instanceof TypeError ? this.talk.unreachable : error instanceof Error ? error.message : String(error);
      this.dispatchEvent(new CustomEvent("records-failed", { detail: error, bubbles: true, composed: true }));
      return null;
    } finally {
      this.busy = "";
    }
  }
}

if (!customElements.get("hookline-record-import")) customElements.define("hookline-record-import", RecordImport);
