import { html, LitElement, nothing, unsafeCSS, type TemplateResult } from "lit";
import { fill } from "../../../web/fill.js";
import forms from "../../../web/forms.css?inline";
import { Refused } from "../../../web/request.js";
import tokens from "../../../web/tokens.css?inline";
import look from "./look.css?inline";
import { said, shown, type Api, type Fault, type Field, type Kind, type Row, type Value } from "./recordapi.js";
import recordlook from "./recordlook.css?inline";
import { wordsOf, type Words } from "./recordwords.js";

/** The form of one record, in a dialog: nothing typed is lost, whatever somebody else does meanwhile. */
export class RecordForm extends LitElement {
  static override styles = [unsafeCSS(tokens), unsafeCSS(forms), unsafeCSS(look), unsafeCSS(recordlook)];
  static override properties = {
    language: {},
    kind: { attribute: false },
    row: { state: true },
    theirs: { state: true },
    faults: { state: true },
    notice: { state: true },
    asking: { state: true },
    busy: { state: true },
  };

  declare api: Api;
  declare language: string;
  declare kind: Kind;
  declare row: Row | null;
  declare theirs: Row | null;
  declare faults: Record<string, string>;
  declare notice: string;
  declare asking: boolean;
  declare busy: boolean;

  constructor() {
    super();
    this.language = "en";
    this.row = this.theirs = null;
    this.faults = {};
    this.notice = "";
    this.asking = this.busy = false;
  }

  get talk(): Words {
    return wordsOf(this.language);
  }

  get #dialog(): HTMLDialogElement | null {
    return this.renderRoot.querySelector("dialog");
  }

  /** Show the record, or an empty form for a new one. */
  async show(row: Row | null): Promise<void> {
    this.row = row;
    this.theirs = null;
    this.faults = {};
    this.notice = "";
    this.asking = false;
    await this.updateComplete;
    this.renderRoot.querySelector("form")?.reset();
    this.#fill(row);
    this.#dialog?.showModal();
  }

  shut(): void {
    this.#dialog?.close();
  }

  #may(field: Field): boolean {
    return this.row ? this.kind.may.includes("edit") && field.editable : this.kind.may.includes("create");
  }

  override render(): TemplateResult {
    const talk = this.talk;
    const title = said(this.kind.title, this.language);
    const heading = this.row ? fill(talk.oneOf, title, this.#called(this.row)) : fill(talk.newOne, title);
    const writes = this.kind.fields.some((field) => this.#may(field));
    return html`<dialog class="wide" aria-labelledby="form-title" @close=${() => this.dispatchEvent(new Event("shut"))}>
      <form class="fields" novalidate @submit=${this.#onSubmit}>
        <h2 id="form-title">${heading}</h2>
        ${this.notice ? html`<p class="notice" role="alert">${this.notice}</p>` : nothing}
        ${this.kind.fields.map((field) => this.#field(field))}
        ${this.row
          ? html`<p class="hint">${talk.created} ${this.#time(this.row.created_at)} · ${talk.changed} ${this.#time(this.row.updated_at)}</p>`
          : nothing}
        ${this.asking ? this.#doubt() : this.#buttons(writes)}
      </form>
    </dialog>`;
  }

  #buttons(writes: boolean): TemplateResult {
    const talk = this.talk;
    return html`<div class="row end">
      ${this.row && this.kind.may.includes("remove")
        ? html`<button class="button danger" type="button" @click=${() => (this.asking = true)}>${talk.remove}</button><span class="grow"></span>`
        : nothing}
      <button class="button" type="button" @click=${() => this.shut()}>${writes ? talk.cancel : talk.close}</button>
      ${this.theirs
        ? html`<button class="button" type="button" @click=${this.#onTheirs}>${talk.useTheirs}</button>
            <button class="button primary" type="submit" ?disabled=${this.busy}>${talk.overwrite}</button>`
        : writes
          ? html`<button class="button primary" type="submit" ?disabled=${this.busy}>${talk.save}</button>`
          : nothing}
    </div>`;
  }

  #doubt(): TemplateResult {
    const talk = this.talk;
    return html`<div role="alertdialog" aria-label=${talk.remove}>
      <p>${fill(talk.removeAsk, this.row ? this.#called(this.row) : "")}</p>
      <div class="row end">
        <button class="button" type="button" @click=${() => (this.asking = false)}>${talk.cancel}</button>
        <button class="button danger" type="button" ?disabled=${this.busy} @click=${this.#onRemove}>${talk.remove}</button>
      </div>
    </div>`;
  }

  #field(field: Field): TemplateResult {
    const talk = this.talk;
    const fault = this.faults[field.name];
    const hint = this.#hint(field);
    const theirs = this.theirs && !same(this.theirs[field.name], this.row?.[field.name]) ? this.theirs[field.name] : undefined;
    const label = said(field.label, this.language);
    const about = [hint && `${field.name}-hint`, fault && `${field.name}-fault`].filter(Boolean).join(" ");
    const input = this.#input(field, about, Boolean(fault));
    return html`${field.kind === "flag"
        ? html`<label class="check">${input}${label}</label>`
        : html`<label for="field-${field.name}">${label}${field.required ? html` <span class="soft">(${talk.required})</span>` : nothing}</label>${input}`}
      ${hint ? html`<p class="hint" id="${field.name}-hint">${hint}</p>` : nothing}
      ${theirs === undefined
        ? nothing
        : html`<p class="theirs">${fill(talk.theirs, shown(field, theirs, this.language, talk.yes, talk.no) || talk.notSet)}</p>`}
      ${fault ? html`<p class="fault" id="${field.name}-fault">${fault}</p>` : nothing}`;
  }

  #input(field: Field, about: string, bad: boolean): TemplateResult {
    const fixed = !this.#may(field);
    const id = `field-${field.name}`;
    switch (field.kind) {
      case "flag":
        return html`<input type="checkbox" id=${id} name=${field.name} ?disabled=${fixed} aria-describedby=${about || nothing} />`;
      case "choice":
        return html`<select id=${id} name=${field.name} ?disabled=${fixed} aria-invalid=${bad} aria-describedby=${about || nothing}>
          ${field.required ? nothing : html`<option value=""></option>`}
          ${(field.choices ?? []).map((one) => html`<option value=${one.value}>${said(one.label, this.language)}</option>`)}
        </select>`;
      case "texts":
      case "data":
        return html`<textarea class=${field.kind === "data" ? "code" : ""} id=${id} name=${field.name} ?readonly=${fixed}
          aria-invalid=${bad} aria-describedby=${about || nothing}></textarea>`;
      default:
        if (field.kind === "text" && field.lines)
          return html`<textarea id=${id} name=${field.name} ?readonly=${fixed} aria-invalid=${bad} aria-describedby=${about || nothing}></textarea>`;
        return html`<input id=${id} name=${field.name} type=${TYPES[field.kind] ?? "text"} step=${field.kind === "moment" ? "1" : nothing}
          inputmode=${["money", "number", "integer"].includes(field.kind) ? "decimal" : nothing} autocomplete="off"
          ?readonly=${fixed} aria-invalid=${bad} aria-describedby=${about || nothing} />`;
    }
  }

  #hint(field: Field): string {
    const talk = this.talk;
    const told = [said(field.help, this.language) || field.hint || ""];
    if (field.kind === "texts") told.push(talk.listHint);
    if (field.kind === "data") told.push(talk.dataHint);
    if (field.kind === "money" || field.unit) told.push(field.currency ?? field.unit ?? "");
    if (field.least != null && field.most != null && field.kind !== "text") told.push(fill(talk.fromTo, String(field.least), String(field.most)));
    return told.filter(Boolean).join(" ");
  }

  /** Put the values into the form. */
  #fill(row: Row | null): void {
    for (const field of this.kind.fields) {
      const input = this.renderRoot.querySelector<HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement>(`#field-${field.name}`);
      const value = row ? row[field.name] : field.default;
      if (!input) continue;
      if (input instanceof HTMLInputElement && field.kind === "flag") input.checked = Boolean(value);
      else input.value = written(field, value);
    }
  }

  /** What the form holds now, as the API takes it. */
  #values(): Record<string, Value> {
    const given: Record<string, Value> = {};
    for (const field of this.kind.fields) {
      if (!this.#may(field)) continue;
      const input = this.renderRoot.querySelector<HTMLInputElement>(`#field-${field.name}`);
      if (!input) continue;
      if (field.kind === "flag") given[field.name] = input.checked;
      else if (field.kind === "moment") given[field.name] = input.value ? new Date(input.value).toISOString() : "";
      else given[field.name] = input.value;
    }
    return given;
  }

  readonly #onSubmit = (event: SubmitEvent) => {
    event.preventDefault();
    const row = this.theirs ?? this.row;
    const given = this.#values();
    const before = this.row;
    if (before) for (const field of this.kind.fields) if (given[field.name] === written(field, before[field.name])) delete given[field.name];
    void this.#try(() => (row ? this.api.change(this.kind, row, given) : this.api.create(this.kind, given)), this.talk.saved);
  };

  readonly #onRemove = () => {
    const row = this.theirs ?? this.row;
    if (row) void this.#try(() => this.api.remove(this.kind, row), this.talk.removed);
  };

  readonly #onTheirs = () => {
    const row = this.theirs;
    this.theirs = null;
    this.notice = "";
    this.row = row;
    void this.updateComplete.then(() => this.#fill(row));
  };

  async #try(work: () => Promise<unknown>, done: string): Promise<void> {
    this.faults = {};
    this.notice = "";
    this.busy = true;
    try {
      await work();
      this.shut();
      this.dispatchEvent(new CustomEvent("done", { detail: done }));
    } catch (error) {
      this.asking = false;
      this.#explain(error);
    } finally {
      this.busy = false;
    }
  }

  #explain(error: unknown): void {
    const talk = this.talk;
    const fault = error instanceof Refused ? (error.problem as Fault) : null;
    if (fault?.current) {
      this.theirs = fault.current;
      this.notice = talk.conflict;
    } else if (fault?.errors) {
      this.faults = Object.fromEntries(fault.errors.map((one) => [one.field, one.detail]));
      this.notice = talk.wrong;
      const first = this.kind.fields.find((field) => this.faults[field.name]);
      if (first) void this.updateComplete.then(() => this.renderRoot.querySelector<HTMLElement>(`#field-${first.name}`)?.focus());
    } else {
      this.notice = error instanceof TypeError ? talk.unreachable : error instanceof Error ? error.message : String(error);
      this.dispatchEvent(new CustomEvent("records-failed", { detail: error, bubbles: true, composed: true }));
    }
  }

  #called(row: Row): string {
    const first = this.kind.key || this.kind.fields[0]?.name || "id";
    return String(row[first] ?? row.id);
  }

  #time(at: string): string {
    return new Intl.DateTimeFormat(this.language, { dateStyle: "medium", timeStyle: "short" }).format(new Date(at));
  }
}

const TYPES: Partial<Record<Field["kind"], string>> = { day: "date", moment: "datetime-local", phone: "tel", email: "email" };

/** A value as its input holds it. */
function written(field: Field, value: Value | undefined): string {
  if (value === null || value === undefined) return "";
  if (field.kind === "texts") return (value as string[]).join("\n");
  if (field.kind === "data") return JSON.stringify(value, null, 2);
  if (field.kind !== "moment") return String(value);
  const at = new Date(String(value));
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 19);
}

function same(one: Value | undefined, other: Value | undefined): boolean {
  return JSON.stringify(one ?? null) === JSON.stringify(other ?? null);
}

if (!customElements.get("hookline-record-form")) customElements.define("hookline-record-form", RecordForm);
