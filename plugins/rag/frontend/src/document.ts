import { html, LitElement, nothing, unsafeCSS, type TemplateResult } from "lit";
import forms from "../../../../web/forms.css?inline";
import tokens from "../../../../web/tokens.css?inline";
import type { Api, Chunk, Shown } from "./api.js";
import { changedDays, days } from "./days.js";
import look from "./look.css?inline";
import { fill, when, wordsOf, type Words } from "./words.js";

/** One document: what is said about it, its versions, and its text with the chunks marked. */
export class DocumentView extends LitElement {
  static override styles = [unsafeCSS(tokens), unsafeCSS(forms), unsafeCSS(look)];
  static override properties = {
    ident: {}, language: {}, stamp: {}, shown: { state: true }, notice: { state: true }, good: { state: true },
    asking: { state: true },
  };

  declare api: Api;
  declare ident: string;
  declare language: string;
  /** Changes when the document has changed on the server. */
  declare stamp: number;
  declare shown: Shown | null;
  declare notice: string;
  declare good: string;
  declare asking: boolean;
  #version = 0;
  #asked = 0;
  /** Being deleted: nothing to look at any more. */
  #leaving = false;

  constructor() {
    super();
    this.ident = this.notice = this.good = "";
    this.language = "en";
    this.stamp = 0;
    this.shown = null;
    this.asking = false;
  }

  override willUpdate(changed: Map<string, unknown>): void {
    if (changed.has("ident")) {
      this.#version = 0;
      this.#leaving = false;
      this.shown = null;
      this.notice = this.good = "";
    }
    if (!this.#leaving && (changed.has("ident") || changed.has("stamp"))) void this.#load();
  }

  async #load(): Promise<void> {
    const asked = ++this.#asked;
    try {
      const shown = await this.api.show(this.ident, this.#version || undefined);
      if (asked === this.#asked) this.shown = shown;
    } catch (error) {
      if (asked === this.#asked) this.#fail(error);
    }
  }

  #fail(error: unknown): void {
    this.notice = error instanceof Error ? error.message : String(error);
  }

  async #do(work: () => Promise<unknown>, good = ""): Promise<void> {
    this.notice = this.good = "";
    try {
      await work();
      this.good = good;
      this.#version = 0;
      await this.#load();
      this.dispatchEvent(new CustomEvent("knowledge-changed"));
    } catch (error) {
      this.#fail(error);
    }
  }

  async #remove(): Promise<void> {
    this.#leaving = true;
    try {
      await this.api.remove(this.ident);
      this.dispatchEvent(new CustomEvent("knowledge-gone"));
    } catch (error) {
      this.#leaving = false;
      this.#fail(error);
    }
  }

  override render(): TemplateResult {
    const talk = wordsOf(this.language);
    const one = this.shown;
    return html`<div class="detail-head">
        <h2 id="name" tabindex="-1">${one?.title ?? (this.notice ? "" : talk.loading)}</h2>
        <button class="icon" type="button" aria-label=${talk.close} title=${talk.close}
          @click=${() => this.dispatchEvent(new CustomEvent("knowledge-close"))}>✕</button>
      </div>
      <div class="detail-body">
        ${this.notice ? html`<p class="notice" role="alert">${this.notice}</p>` : nothing}
        ${one ? this.#body(one, talk) : this.notice ? nothing : html`<div class="skeleton"><i></i><i></i><i></i></div>`}
      </div>`;
  }

  #body(one: Shown, talk: Words): TemplateResult {
    const busy = one.newest > one.version && one.status !== "failed";
    const valid = days(one);
    return html`<p class="about">
        <span class="badge ${one.status}">${talk[one.status]}</span>
        ${one.valid ? nothing : html`<span class="badge expired">${talk.expired}</span>`}
        <span>${one.namespace}</span>
        ${one.source && one.source !== one.title ? html`<span class="source">${one.source}</span>` : nothing}
      </p>
      ${one.error ? html`<p class="notice">${one.error}</p>` : nothing}
      ${busy
        ? html`<p class="row"><progress .value=${one.progress.done} max=${one.progress.total || 1} aria-label=${talk.embedding}></progress>
            <button class="button" type="button" @click=${() => void this.#cancel(one)}>${talk.cancelRead}</button></p>`
        : nothing}
      <form @submit=${this.#onSave} class="meta">
        <label>${talk.tags}<input name="tags" .value=${one.tags.join(", ")} /></label>
        <label>${talk.owner}<input name="owner" .value=${one.owner} maxlength="200" /></label>
        <label>${talk.validFrom}<input name="valid_from" type="date" .value=${valid.valid_from} /></label>
        <label>${talk.validUntil}<input name="valid_until" type="date" .value=${valid.valid_until} /></label>
        <div class="row">
          <button class="button primary" type="submit">${talk.save}</button>
          <span role="status" class="good">${this.good}</span>
          <span class="grow"></span>
          <button class="button danger" type="button" @click=${() => (this.asking = true)}>${talk.remove}</button>
        </div>
      </form>
      <h3>${talk.versions}</h3>
      <ul class="versions">
        ${one.versions.map(
          (version) => html`<li>
            <strong>${fill(talk.version, version.version)}</strong>
            ${version.live ? html`<span class="badge live">${talk.current}</span>` : nothing}
            <span class="soft">${when(version.created_at, this.language)}${version.made_by ? ` · ${version.made_by}` : ""}</span>
            ${version.restored_from ? html`<span class="soft">${fill(talk.restoredFrom, version.restored_from)}</span>` : nothing}
            <span class="grow"></span>
            <button class="link" type="button" aria-pressed=${version.version === one.shown}
              aria-label="${talk.view}: ${fill(talk.version, version.version)}" @click=${() => this.#view(version.version)}>${talk.view}</button>
            ${version.live || version.version === one.newest
              ? nothing
              : html`<button class="link" type="button" aria-label="${talk.restore}: ${fill(talk.version, version.version)}"
                  @click=${() => void this.#do(() => this.api.restore(one.id, version.version))}>${talk.restore}</button>`}
          </li>`,
        )}
      </ul>
      <h3>${talk.text}</h3>
      <p class="soft">${one.shown === one.version ? fill(talk.textHint, one.chunks.length) : fill(talk.oldText, one.shown)}</p>
      <div class="text" tabindex="0" role="region" aria-label=${talk.text}>${marked(one.text, one.chunks)}</div>
      ${this.asking ? this.#question(one, talk) : nothing}`;
  }

  #question(one: Shown, talk: Words): TemplateResult {
    return html`<dialog class="ask" aria-labelledby="sure" @close=${() => (this.asking = false)}>
      <p id="sure">${fill(talk.removeAsk, one.title, one.versions.length)}</p>
      <div class="row end">
        <button class="button" type="button" autofocus @click=${() => this.renderRoot.querySelector("dialog")?.close()}>${talk.cancel}</button>
        <button class="button danger" type="button" @click=${() => void this.#remove()}>${talk.remove}</button>
      </div>
    </dialog>`;
  }

  override updated(): void {
    const dialog = this.renderRoot.querySelector("dialog");
    if (dialog && !dialog.open) dialog.showModal();
  }

  override focus(): void {
    this.renderRoot.querySelector<HTMLElement>("#name")?.focus();
  }

  #view(version: number): void {
    this.#version = version;
    void this.#load();
  }

  async #cancel(one: Shown): Promise<void> {
    if (one.version) return this.#do(() => this.api.cancel(one.id));
    this.#leaving = true; // nothing of it is live: it goes
    try {
      await this.api.cancel(one.id);
      this.dispatchEvent(new CustomEvent("knowledge-gone"));
    } catch (error) {
      this.#leaving = false;
      this.#fail(error);
    }
  }

  readonly #onSave = (event: Event) => {
    event.preventDefault();
    if (!this.shown) return;
    const said = new FormData(event.target as HTMLFormElement);
    const text = (name: string) => String(said.get(name) ?? "").trim();
    const tags = text("tags").split(",").map((one) => one.trim()).filter(Boolean);
    const valid = changedDays(this.shown, { valid_from: text("valid_from"), valid_until: text("valid_until") });
    const about = { tags, owner: text("owner"), ...valid };
    void this.#do(() => this.api.change(this.ident, about), wordsOf(this.language).saved);
  };
}

/** The text with its chunks marked, one after the other in two shades; offsets count code points. */
function marked(text: string, chunks: readonly Chunk[]): (string | TemplateResult)[] {
  const points = Array.from(text);
  const parts: (string | TemplateResult)[] = [];
  let at = 0;
  chunks.forEach((chunk, index) => {
    const start = Math.max(at, chunk.start);
    if (chunk.end <= start) return;
    if (start > at) parts.push(points.slice(at, start).join(""));
    const inside = points.slice(start, chunk.end).join("");
    parts.push(html`<span class="chunk ${index % 2 ? "odd" : "even"}"><sup class="number">${index + 1}</sup>${inside}</span>`);
    at = chunk.end;
  });
  parts.push(points.slice(at).join(""));
  return parts;
}

if (!customElements.get("hookline-knowledge-document")) customElements.define("hookline-knowledge-document", DocumentView);
