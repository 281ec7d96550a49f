import { html, LitElement, nothing, unsafeCSS, type TemplateResult } from "lit";
import { repeat } from "lit/directives/repeat.js";
import { fill } from "../../../web/fill.js";
import forms from "../../../web/forms.css?inline";
import { OWN, signInPage, SignedOut } from "../../../web/session.js";
import "../../../web/staff-pages.js";
import tokens from "../../../web/tokens.css?inline";
import look from "./look.css?inline";
import { Api, said, shown, type Field, type Kind, type Row } from "./recordapi.js";
import { RecordForm } from "./recordform.js";
import { RecordImport } from "./recordimport.js";
import recordlook from "./recordlook.css?inline";
import { wordsOf, type Words } from "./recordwords.js";
import { tongue } from "./words.js";

const PART = 100;
type Door = "loading" | "open" | "unreachable";

/** The page where staff look after a tenant's records: one tab a kind, a list, a form, CSV in and out. */
export class RecordPage extends LitElement {
  static override styles = [unsafeCSS(tokens), unsafeCSS(forms), unsafeCSS(look), unsafeCSS(recordlook)];
  static override properties = {
    door: { state: true },
    kinds: { state: true },
    kind: { state: true },
    rows: { state: true },
    total: { state: true },
    text: { state: true },
    sort: { state: true },
    chosen: { state: true },
    notice: { state: true },
    toast: { state: true },
  };

  declare door: Door;
  declare kinds: readonly Kind[];
  declare kind: Kind | null;
  declare rows: readonly Row[] | null;
  declare total: number;
  declare text: string;
  declare sort: string;
  declare chosen: Readonly<Record<string, string>>;
  declare notice: string;
  declare toast: string;

  readonly #language = tongue();
  readonly #base = new URL(import.meta.url).pathname.replace(/\/records\/static\/.*$/, "");
  readonly #api = new Api(this.#base);
  #asked = 0;
  #typing: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    super();
    this.door = "loading";
    this.kinds = [];
    this.kind = null;
    this.rows = null;
    this.total = 0;
    this.text = this.sort = this.notice = this.toast = "";
    this.chosen = {};
  }

  get talk(): Words {
    return wordsOf(this.#language);
  }

  override connectedCallback(): void {
    super.connectedCallback();
    document.documentElement.lang = this.#language;
    document.title = this.talk.title;
    this.addEventListener("records-failed", this.#onFailed as EventListener);
    window.addEventListener("hashchange", this.#onHash);
    void this.#enter();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    window.removeEventListener("hashchange", this.#onHash);
  }

  async #enter(): Promise<void> {
    this.door = "loading";
    try {
      this.kinds = (await this.#api.kinds()).types;
      this.door = "open";
      this.#onHash();
    } catch (error) {
      if (error instanceof SignedOut) location.replace(signInPage(this.#base));
      else this.door = "unreachable";
    }
  }

  /** The address names the kind, the search, the filters and the order: what is seen can be sent to somebody. */
  readonly #onHash = () => {
    const [name = "", query = ""] = location.hash.slice(1).split("?");
    const given = new URLSearchParams(query);
    this.kind = this.kinds.find((one) => `${one.plugin}/${one.name}` === name) ?? this.kinds[0] ?? null;
    this.text = given.get("q") ?? "";
    this.sort = given.get("sort") ?? "";
    this.chosen = Object.fromEntries([...given].filter(([field]) => this.kind?.fields.some((one) => one.name === field)));
    if (this.kind) void this.#load(false);
  };

  #query(): URLSearchParams {
    const query = new URLSearchParams(Object.entries(this.chosen).filter(([, value]) => value));
    if (this.text) query.set("q", this.text);
    if (this.sort) query.set("sort", this.sort);
    return query;
  }

  #look(): void {
    if (!this.kind) return;
    const query = this.#query().toString();
    history.replaceState(null, "", `#${this.kind.plugin}/${this.kind.name}${query ? `?${query}` : ""}`);
    void this.#load(false);
  }

  async #load(more: boolean): Promise<void> {
    const kind = this.kind;
    if (!kind) return;
    const asked = ++this.#asked;
    const before = more ? (this.rows ?? []) : [];
    if (!more && this.rows?.length === 0) this.rows = null;
    const query = this.#query();
    query.set("limit", String(PART));
    query.set("offset", String(before.length));
    try {
      const page = await this.#api.page(kind, query);
      if (asked !== this.#asked) return; // something else was asked meanwhile
      const known = new Set(before.map((row) => row.id));
      this.rows = [...before, ...page.records.filter((row) => !known.has(row.id))];
      this.total = page.total;
      this.notice = "";
    } catch (error) {
      if (asked !== this.#asked) return;
      this.rows ??= [];
      this.#fail(error);
    }
  }

  #fail(error: unknown): void {
    if (error instanceof SignedOut) location.replace(signInPage(this.#base));
    else this.notice = error instanceof TypeError ? this.talk.unreachable : error instanceof Error ? error.message : String(error);
  }

  override render(): TemplateResult {
    const talk = this.talk;
    return html`<header>
        ${this.door === "open" ? html`<hookline-pages .base=${this.#base} .language=${this.#language}></hookline-pages>` : nothing}
        <h1>${talk.title}</h1>
        ${this.door === "open" && this.kinds.length > 1
          ? html`<div role="tablist" aria-label=${talk.kinds}>${this.kinds.map((one) => this.#tab(one))}</div>`
          : nothing}
        <span class="grow"></span>
        ${this.door === "open" ? html`<button class="link" type="button" @click=${this.#leave}>${talk.leave}</button>` : nothing}
      </header>
      <main>${this.#content()}</main>
      <div role="status">${this.toast ? html`<p class="toast">${this.toast}</p>` : nothing}</div>`;
  }

  #tab(one: Kind): TemplateResult {
    const on = this.kind === one;
    return html`<button role="tab" type="button" id="tab-${one.plugin}-${one.name}" aria-selected=${on} aria-controls="panel" tabindex=${on ? 0 : -1}
      @click=${() => this.#turn(one)} @keydown=${this.#onTabKey}>${said(one.title, this.#language)}</button>`;
  }

  #content(): TemplateResult {
    const talk = this.talk;
    if (this.door === "loading") return this.#skeleton();
    if (this.door === "unreachable")
      return html`<div class="empty" role="alert"><p>${talk.unreachable}</p>
        <button class="button" type="button" @click=${() => void this.#enter()}>${talk.retry}</button></div>`;
    const kind = this.kind;
    if (!kind) return html`<p class="empty">${talk.nothing}</p>`;
    const tabs = this.kinds.length > 1;
    return html`<div id="panel" role=${tabs ? "tabpanel" : nothing} aria-labelledby=${tabs ? `tab-${kind.plugin}-${kind.name}` : nothing}>
      ${this.#tools(kind)}
      ${this.notice
        ? html`<p class="notice" role="alert">${this.notice} <button class="link" type="button" @click=${() => void this.#load(false)}>${talk.retry}</button></p>`
        : nothing}
      ${this.rows === null ? this.#skeleton() : this.rows.length ? this.#list(kind, this.rows) : this.notice ? nothing : this.#empty(kind)}
      <hookline-record-form .api=${this.#api} .language=${this.#language} .kind=${kind} @done=${this.#onDone} @shut=${this.#onShut}></hookline-record-form>
      <hookline-record-import .api=${this.#api} .language=${this.#language} .kind=${kind} @done=${this.#onDone} @shut=${this.#onShut}></hookline-record-import>
    </div>`;
  }

  #skeleton(): TemplateResult {
    return html`<div class="skeleton" role="status" aria-label=${this.talk.loading}><i></i><i></i><i></i></div>`;
  }

  #empty(kind: Kind): TemplateResult {
    const talk = this.talk;
    const narrowed = this.text || Object.values(this.chosen).some(Boolean);
    if (narrowed)
      return html`<div class="empty"><p>${talk.none}</p><button class="button" type="button" @click=${this.#onClear}>${talk.clear}</button></div>`;
    return html`<p class="empty">${talk.empty} ${kind.may.includes("create") ? talk.emptyMake : ""}</p>`;
  }

  #tools(kind: Kind): TemplateResult {
    const talk = this.talk;
    const filters = kind.fields.filter((field) => field.filter && (field.kind === "choice" || field.kind === "flag"));
    const takes = kind.key && (kind.may.includes("create") || kind.may.includes("edit"));
    return html`<div class="tools">
      <input type="search" placeholder=${talk.search} aria-label=${talk.search} .value=${this.text} @input=${this.#onSearch} />
      ${filters.map((field) => this.#filter(field))}
      ${kind.may.includes("create") ? html`<button class="button primary" type="button" id="new" @click=${() => void this.#form()?.show(null)}>${talk.make}</button>` : nothing}
      ${takes ? html`<button class="button" type="button" id="import" @click=${() => void this.#importer()?.show()}>${talk.take}</button>` : nothing}
      <a class="button" download href=${this.#api.exported(kind, this.#narrowed())}>${talk.give}</a>
    </div>`;
  }

  #narrowed(): URLSearchParams {
    const query = this.#query();
    query.delete("sort");
    return query;
  }

  #filter(field: Field): TemplateResult {
    const talk = this.talk;
    const label = said(field.label, this.#language);
    const choices =
      field.kind === "flag" ? [{ value: "true", label: talk.yes }, { value: "false", label: talk.no }] : (field.choices ?? []);
    const value = this.chosen[field.name] ?? "";
    return html`<select aria-label=${label} @change=${(event: Event) => this.#narrow(field.name, (event.target as HTMLSelectElement).value)}>
      <option value="" ?selected=${!value}>${fill(talk.all, label)}</option>
      ${choices.map((one) => html`<option value=${one.value} ?selected=${one.value === value}>${field.kind === "flag" ? `${label}: ` : ""}${said(one.label, this.#language)}</option>`)}
    </select>`;
  }

  #list(kind: Kind, rows: readonly Row[]): TemplateResult {
    const talk = this.talk;
    const fields = kind.fields.filter((field) => field.listed);
    const count = rows.length < this.total ? fill(talk.shownOf, rows.length, this.total) : this.total === 1 ? talk.single : fill(talk.total, this.total);
    return html`<p class="count soft" aria-live="polite">${count}</p>
      <div class="scroll" role="region" tabindex="0" aria-label=${said(kind.title, this.#language)}><table>
        <thead><tr>${fields.map((field) => this.#heading(field, kind))}</tr></thead>
        <tbody>${repeat(rows, (row) => row.id, (row) => html`<tr>${fields.map((field, n) => this.#cell(field, row, n === 0))}</tr>`)}</tbody>
      </table></div>
      ${rows.length < this.total
        ? html`<p class="row"><button class="button" type="button" @click=${() => void this.#load(true)}>${talk.more}</button></p>`
        : nothing}`;
  }

  #heading(field: Field, kind: Kind): TemplateResult {
    const sort = this.sort || kind.sort;
    const order = sort === field.name ? "ascending" : sort === `-${field.name}` ? "descending" : "none";
    const mark = { ascending: " ▲", descending: " ▼", none: "" }[order];
    const label = said(field.label, this.#language);
    const figure = FIGURES.has(field.kind) ? "figure" : "";
    if (!field.sorts) return html`<th scope="col">${label}</th>`;
    return html`<th scope="col" class=${figure} aria-sort=${order}>
      <button type="button" @click=${() => this.#order(order === "ascending" ? `-${field.name}` : field.name)}>${label}<span aria-hidden="true">${mark}</span></button></th>`;
  }

  #cell(field: Field, row: Row, first: boolean): TemplateResult {
    const talk = this.talk;
    const text = shown(field, row[field.name], this.#language, talk.yes, talk.no);
    const label = said(field.label, this.#language);
    const figure = FIGURES.has(field.kind) ? "figure" : "";
    if (first)
      return html`<td data-label=${label}><button class="link" type="button" aria-label=${fill(talk.openOne, text || row.id)}
        @click=${() => void this.#form()?.show(row)}>${text || "–"}</button></td>`;
    return html`<td class="${figure} ${text ? "" : "none"}" data-label=${label}>${figure ? text : html`<span class="clip">${text}</span>`}</td>`;
  }

  #form(): RecordForm | null {
    return this.renderRoot.querySelector<RecordForm>("hookline-record-form");
  }

  #importer(): RecordImport | null {
    return this.renderRoot.querySelector<RecordImport>("hookline-record-import");
  }

  #turn(one: Kind): void {
    location.hash = `${one.plugin}/${one.name}`;
    this.rows = null;
  }

  #order(sort: string): void {
    this.sort = sort;
    this.#look();
  }

  #narrow(field: string, value: string): void {
    this.chosen = { ...this.chosen, [field]: value };
    this.#look();
  }

  readonly #onSearch = (event: InputEvent) => {
    this.text = (event.target as HTMLInputElement).value;
    clearTimeout(this.#typing);
    this.#typing = setTimeout(() => this.#look(), 200);
  };

  readonly #onClear = () => {
    this.text = "";
    this.chosen = {};
    this.#look();
  };

  readonly #onTabKey = (event: KeyboardEvent) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step || !this.kind) return;
    event.preventDefault();
    const next = this.kinds[(this.kinds.indexOf(this.kind) + step + this.kinds.length) % this.kinds.length];
    if (!next) return;
    this.#turn(next);
    this.renderRoot.querySelector<HTMLElement>(`#tab-${next.plugin}-${next.name}`)?.focus();
  };

  readonly #onDone = (event: CustomEvent<string>) => {
    this.toast = event.detail;
    void this.#load(false);
    setTimeout(() => (this.toast = ""), 4000);
  };

  /** A dialog in another shadow root does not give the focus back by itself where the row was drawn anew. */
  readonly #onShut = () => {
    if (!this.shadowRoot?.activeElement) this.renderRoot.querySelector<HTMLElement>("input[type=search]")?.focus();
  };

  readonly #onFailed = (event: CustomEvent<unknown>) => {
    if (event.detail instanceof SignedOut) location.replace(signInPage(this.#base));
  };

  readonly #leave = async () => {
    await fetch(`${this.#base}/auth/logout`, { method: "POST", headers: OWN }).catch(() => undefined);
    location.replace(signInPage(this.#base));
  };
}

const FIGURES = new Set<Field["kind"]>(["integer", "number", "money"]);

if (!customElements.get("hookline-records")) customElements.define("hookline-records", RecordPage);
