import { html, nothing, type TemplateResult } from "lit/html.js";
import { repeat } from "lit/directives/repeat.js";
import tokens from "../../../../web/tokens.css?inline";
import { wear } from "../../../../web/colour.js";
import { Refused } from "../../../../web/request.js";
import { binIcon, closeIcon } from "./icons.js";
import { Library, type Entry } from "./library.js";
import css from "./library-view.css?inline";
import { PageElement, sheet } from "../../../../web/page-element.js";
import { pageWords, type PageWords } from "./page-strings.js";
import { direction, fill } from "./strings.js";
import { exact, relative } from "../../../../web/time.js";

const POLL_MS = 1_500;
const KEY = "hookline:admin-key";

interface Upload {
  name: string;
  part: number;
  error: string;
}

type Door = "loading" | "open" | "locked" | "refused" | "absent" | "unreachable";

/** The admin's corner of the chat page: what the assistant knows, and how to add to it. */
export class LibraryView extends PageElement {
  static override sheets = [sheet(tokens), sheet(css)];
  static override watched = ["door", "entries", "uploads", "leaving", "over", "notice", "language", "accent"];

  base = "";
  declare language: string;
  declare accent: string;
  /** The server lets this page in without a key. */
  free = false;

  private declare door: Door;
  private declare entries: readonly Entry[];
  private declare uploads: readonly Upload[];
  /** Asked whether to delete it. */
  private declare leaving: Entry | null;
  private declare over: boolean;
  private declare notice: string;
  #timer: number | undefined;
  #library!: Library;

  constructor() {
    super();
    this.language = "en";
    this.accent = this.notice = "";
    this.door = "loading";
    this.entries = this.uploads = [];
    this.leaving = null;
    this.over = false;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#enter(sessionStorage.getItem(KEY) ?? "");
  }

  disconnectedCallback(): void {
    window.clearTimeout(this.#timer);
  }

  #enter(key: string): void {
    this.#library = new Library(this.base, key);
    if (!key && !this.free) {
      this.door = "locked";
      return;
    }
    this.door = "loading";
    void this.#refresh();
  }

  async #refresh(): Promise<void> {
    window.clearTimeout(this.#timer);
    const library = this.#library;
    try {
      const entries = await library.list();
      if (library !== this.#library || !entries) return;
      this.entries = entries;
      this.door = "open";
    } catch (error) {
      if (library !== this.#library) return;
      const status = error instanceof Refused ? error.status : 0;
      if (status === 401 || status === 403) {
        this.door = sessionStorage.getItem(KEY) ? "refused" : "locked";
        sessionStorage.removeItem(KEY);
      } else if (this.door !== "open") {
        this.door = status === 404 ? "absent" : "unreachable";
      }
    }
    const busy = this.entries.some((e) => e.status === "queued" || e.status === "embedding");
    if (this.door === "open" && busy) this.#timer = window.setTimeout(() => void this.#refresh(), POLL_MS);
  }

  async #add(files: Iterable<File>): Promise<void> {
    // One after the other: a refused file says so and stops none of the others.
    const fresh = [...files].map((file) => ({ file, upload: { name: file.name, part: 0, error: "" } as Upload }));
    this.uploads = [...this.uploads, ...fresh.map((f) => f.upload)];
    for (const { file, upload } of fresh) {
      try {
        await this.#library.upload(file, (part) => {
          upload.part = part;
          this.draw();
        });
        this.uploads = this.uploads.filter((u) => u !== upload);
        await this.#refresh();
      } catch (error) {
        upload.error = error instanceof Error ? error.message : String(error);
        this.draw();
      }
    }
  }

  async #remove(entry: Entry): Promise<void> {
    this.leaving = null;
    try {
      await this.#library.remove(entry.id);
      this.notice = "";
    } catch (error) {
      this.notice = `${entry.title}: ${error instanceof Error ? error.message : String(error)}`;
    }
    await this.#refresh();
  }

  protected override template(): TemplateResult {
    const talk = pageWords(this.language);
    return html`<div class="head" lang=${this.language} dir=${direction(this.language)}>
        <h2>${talk.documents}</h2>
        <button class="icon" type="button" aria-label=${talk.closeDocuments} title=${talk.closeDocuments}
          @click=${() => this.dispatchEvent(new CustomEvent("hookline-close"))}>${closeIcon}</button>
      </div>
      <div class="body" lang=${this.language} dir=${direction(this.language)}>${this.#content(talk)}</div>
      <dialog aria-labelledby="ask" @close=${() => (this.leaving = null)}>
        ${this.leaving
          ? html`<p id="ask">${fill(talk.removeAsk, this.leaving.title)}</p>
              <div class="choices">
                <button class="button" type="button" @click=${() => this.find<HTMLDialogElement>("dialog")?.close()}>
                  ${talk.cancel}
                </button>
                <button class="button danger" type="button" @click=${() => this.leaving && void this.#remove(this.leaving)}>
                  ${talk.remove}
                </button>
              </div>`
          : nothing}
      </dialog>`;
  }

  protected override afterDraw(): void {
    wear(this, this.accent);
    const dialog = this.find<HTMLDialogElement>("dialog");
    if (this.leaving && !dialog?.open) dialog?.showModal();
    else if (!this.leaving && dialog?.open) dialog.close();
  }

  #content(talk: PageWords): TemplateResult {
    switch (this.door) {
      case "loading":
        return html`<div class="skeleton" aria-label=${talk.loading}><i></i><i></i><i></i></div>`;
      case "absent":
        return html`<p class="empty">${talk.absent}</p>`;
      case "unreachable":
        return html`<div class="empty" role="alert">
          <p>${talk.unreachable}</p>
          <button class="button" type="button" @click=${() => void this.#refresh()}>${talk.retry}</button>
        </div>`;
      case "locked":
      case "refused":
        return this.#lock(talk);
      case "open":
        return this.#shelf(talk);
    }
  }

  #lock(talk: PageWords): TemplateResult {
    return html`<form @submit=${this.#onKey}>
      <label for="key">${talk.key}</label>
      <input id="key" type="password" autocomplete="off" required aria-describedby="why" />
      <div id="why" class="small">${talk.keyWhy}</div>
      ${this.door === "refused" ? html`<div class="notice" role="alert">${talk.keyRefused}</div>` : nothing}
      <button class="button primary" type="submit">${talk.useKey}</button>
    </form>`;
  }

  #shelf(talk: PageWords): TemplateResult {
    return html`<div
        class="drop ${this.over ? "over" : ""}"
        @dragover=${this.#onDrag}
        @dragleave=${() => (this.over = false)}
        @drop=${this.#onDrop}
      >
        <p>${talk.drop} <button class="link" type="button" @click=${() => this.find("input")?.click()}>${talk.chooseFiles}</button></p>
        <p class="kinds">${talk.kinds}</p>
        <input type="file" multiple aria-label=${talk.chooseFiles} @change=${this.#onFiles} />
      </div>
      ${this.notice ? html`<div class="notice" role="alert">${this.notice}</div>` : nothing}
      ${this.entries.length || this.uploads.length
        ? html`<ul aria-label=${talk.documents}>
            ${this.uploads.map((upload) => this.#uploadRow(upload, talk))}
            ${repeat(
              this.entries,
              (entry) => entry.id,
              (entry) => this.#row(entry, talk),
            )}
          </ul>`
        : html`<p class="empty">${talk.empty}</p>`}
      ${sessionStorage.getItem(KEY)
        ? html`<p class="foot"><button class="link small" type="button" @click=${this.#forget}>${talk.forgetKey}</button></p>`
        : nothing}`;
  }

  #uploadRow(upload: Upload, talk: PageWords): TemplateResult {
    return html`<li>
      <span class="title">${upload.name}</span>
      ${upload.error
        ? html`<span class="error" role="alert">${talk.failed}: ${upload.error}</span>
            <button class="icon" type="button" aria-label=${talk.dismiss} title=${talk.dismiss}
              @click=${() => (this.uploads = this.uploads.filter((u) => u !== upload))}>${closeIcon}</button>`
        : html`<span class="state">${talk.uploading}</span><progress .value=${upload.part} max="1"></progress>`}
    </li>`;
  }

  #row(entry: Entry, talk: PageWords): TemplateResult {
    const busy = entry.status === "queued" || entry.status === "embedding";
    const now = Date.now() / 1000;
    return html`<li>
      <span class="title">${entry.title}</span>
      <span class="state" role="status">
        <span class=${entry.status}>${talk[entry.status]}</span>
        ${entry.chunks ? html`<span>${fill(talk.passages, entry.chunks)}</span>` : nothing}
        ${entry.updated_at
          ? html`<time title=${exact(entry.updated_at, this.language)}>${relative(entry.updated_at, now, this.language)}</time>`
          : nothing}
      </span>
      ${busy ? html`<progress aria-label=${talk[entry.status]}></progress>` : nothing}
      ${entry.error ? html`<span class="error">${entry.error}</span>` : nothing}
      <button class="icon" type="button" aria-label=${fill(talk.removeNamed, entry.title)} title=${talk.remove}
        @click=${() => (this.leaving = entry)}>${binIcon}</button>
    </li>`;
  }

  readonly #onKey = (event: Event) => {
    event.preventDefault();
    const key = this.find<HTMLInputElement>("#key")?.value.trim() ?? "";
    if (!key) return;
    sessionStorage.setItem(KEY, key);
    this.#enter(key);
  };

  readonly #forget = () => {
    sessionStorage.removeItem(KEY);
    this.entries = [];
    this.#enter("");
  };

  readonly #onFiles = (event: Event) => {
    const input = event.target as HTMLInputElement;
    void this.#add([...(input.files ?? [])]);
    input.value = "";
  };

  readonly #onDrag = (event: DragEvent) => {
    event.preventDefault();
    this.over = true;
  };

  readonly #onDrop = (event: DragEvent) => {
    event.preventDefault();
    this.over = false;
    void this.#add([...(event.dataTransfer?.files ?? [])]);
  };
}

if (!customElements.get("hookline-library")) customElements.define("hookline-library", LibraryView);
