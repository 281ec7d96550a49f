import { html, LitElement, nothing, unsafeCSS, type TemplateResult } from "lit";
import { repeat } from "lit/directives/repeat.js";
import { signInPage } from "../../../../web/session.js";
import "../../../../web/staff-pages.js";
import forms from "../../../../web/forms.css?inline";
import tokens from "../../../../web/tokens.css?inline";
import { Api, Refused, type Entry, type Run } from "./api.js";
import { AskView } from "./ask.js";
import { DocumentView } from "./document.js";
import look from "./look.css?inline";
import { firstPages } from "./pages.js";
import { fill, tongue, when, wordsOf, type Words } from "./words.js";

const KEY = "hookline:admin-key";
const AGAIN_MS = 3_000;
const SETTLE_MS = 250;

interface Upload {
  name: string;
  part: number;
  error: string;
}

type Door = "loading" | "open" | "locked" | "refused" | "absent" | "unreachable";

/** The page where documents are managed. */
export class KnowledgePage extends LitElement {
  static override styles = [unsafeCSS(tokens), unsafeCSS(forms), unsafeCSS(look)];
  static override properties = Object.fromEntries(
    ["door", "entries", "following", "runs", "uploads", "filter", "tab", "opened", "over", "notice", "stamp", "tagged"].map(
      (name) => [name, { state: true }],
    ),
  );

  declare door: Door;
  declare entries: readonly Entry[];
  declare following: string | null;
  declare runs: readonly Run[];
  declare uploads: readonly Upload[];
  declare filter: { text: string; status: string; tag: string };
  declare tab: "documents" | "ask";
  declare opened: string;
  declare over: boolean;
  declare notice: string;
  declare stamp: number;
  declare tagged: readonly string[];

  readonly #language = tongue();
  readonly #base = new URL(import.meta.url).pathname.replace(/\/rag\/static\/.*$/, "");
  #api = new Api(this.#base, sessionStorage.getItem(KEY) ?? "");
  #stop = new AbortController();
  #settle: number | undefined;
  #asked = 0;
  #pages = 1; // that are shown
  #before: HTMLElement | null = null;

  constructor() {
    super();
    this.door = "loading";
    this.entries = this.runs = this.uploads = [];
    this.tagged = [];
    this.following = null;
    this.filter = { text: "", status: "", tag: "" };
    this.tab = "documents";
    this.opened = this.notice = "";
    this.over = false;
    this.stamp = 0;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    document.documentElement.lang = this.#language;
    document.title = wordsOf(this.#language).title;
    document.addEventListener("keydown", this.#onKey);
    this.#enter();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    document.removeEventListener("keydown", this.#onKey);
    this.#stop.abort();
  }

  #enter(): void {
    this.#stop.abort();
    this.#stop = new AbortController();
    this.door = "loading";
    void this.#load().then(() => this.door === "open" && void this.#follow(this.#stop.signal));
  }

  async #load(): Promise<void> {
    const asked = ++this.#asked;
    try {
      const filter = Object.fromEntries(Object.entries(this.filter).filter(([, value]) => value));
      const list = firstPages(this.#pages, (after) => this.#api.list(filter, after));
      const [page, runs] = await Promise.all([list, this.#api.runs()]);
      if (asked !== this.#asked) return;
      this.entries = page.documents;
      this.following = page.next;
      this.runs = runs.filter((run) => run.state === "running");
      this.tagged = [...new Set([...this.tagged, ...page.documents.flatMap((one) => one.tags)])].sort();
      this.door = "open";
      this.stamp += 1;
    } catch (error) {
      if (asked !== this.#asked) return;
      const status = error instanceof Refused ? error.status : 0;
      if (status === 401 || status === 403) {
        this.door = this.#api.key ? "refused" : "locked";
        sessionStorage.removeItem(KEY);
      } else if (this.door !== "open") this.door = status === 404 ? "absent" : "unreachable";
    }
  }

  async #more(): Promise<void> {
    this.#pages += 1;
    await this.#load();
  }

  #narrow(by: Partial<KnowledgePage["filter"]>): void {
    this.filter = { ...this.filter, ...by };
    this.#pages = 1;
    this.#soon();
  }

  /** Listen to what happens, and look again after a while whenever the connection ends. */
  async #follow(stop: AbortSignal): Promise<void> {
    while (!stop.aborted) {
      try {
        // What happened since the list was read was told to nobody.
        await this.#api.follow(stop, () => this.#soon(), (kind, data) => this.#happened(kind, data));
      } catch {
        // The server is away, or the page goes: looked at below.
      }
      if (stop.aborted) return;
      await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
      await this.#load();
    }
  }

  #happened(kind: string, data: Record<string, unknown>): void {
    const { id, done, total } = data as { id?: string; done?: number; total?: number };
    if (kind === "document" && data["status"] === "embedding" && total) {
      const progress = { done: done ?? 0, total };
      this.entries = this.entries.map((one) => (one.id === id ? { ...one, status: "embedding", progress } : one));
    }
    if (kind === "run" && data["state"] === "running" && total)
      this.runs = this.runs.map((one) => (one.id === id ? { ...one, done: done ?? 0, total } : one));
    this.#soon();
  }

  /** Look at the server once after a burst of events. */
  #soon(): void {
    this.#settle ??= window.setTimeout(() => {
      this.#settle = undefined;
      void this.#load();
    }, SETTLE_MS);
  }

  async #add(files: Iterable<File>): Promise<void> {
    // One after the other: a refused file says so and stops none of the others.
    const tags = this.renderRoot.querySelector<HTMLInputElement>("#new-tags")?.value ?? "";
    const fresh = [...files].map((file) => ({ file, upload: { name: file.name, part: 0, error: "" } }));
    this.uploads = [...this.uploads, ...fresh.map((one) => one.upload)];
    for (const { file, upload } of fresh) {
      try {
        await this.#api.upload(file, tags, (part) => {
          upload.part = part;
          this.requestUpdate();
        });
        this.uploads = this.uploads.filter((one) => one !== upload);
        this.#soon();
      } catch (error) {
        upload.error = error instanceof Error ? error.message : String(error);
        this.requestUpdate();
      }
    }
  }

  async #try(work: () => Promise<unknown>): Promise<void> {
    this.notice = "";
    try {
      await work();
      await this.#load();
    } catch (error) {
      this.notice = error instanceof Error ? error.message : String(error);
    }
  }

  override render(): TemplateResult {
    const talk = wordsOf(this.#language);
    return html`<header>
        ${this.door === "open" ? html`<hookline-pages .base=${this.#base} .language=${this.#language}></hookline-pages>` : nothing}
        <h1>${talk.title}</h1>
        ${this.door === "open"
          ? html`<div role="tablist" aria-label=${talk.title}>${this.#tab("documents", talk)}${this.#tab("ask", talk)}</div>`
          : nothing}
      </header>
      <main>${this.#content(talk)}</main>
      ${this.opened
        ? html`<dialog class="detail" aria-label=${this.entries.find((one) => one.id === this.opened)?.title ?? talk.documents}
            @close=${this.#closed}>
            <hookline-knowledge-document .api=${this.#api} .ident=${this.opened} .language=${this.#language} .stamp=${this.stamp}
              @knowledge-close=${this.#close} @knowledge-gone=${() => { this.#close(); void this.#load(); }}
              @knowledge-changed=${() => void this.#load()}></hookline-knowledge-document>
          </dialog>`
        : nothing}`;
  }

  override updated(): void {
    const dialog = this.renderRoot.querySelector<HTMLDialogElement>("dialog.detail");
    if (dialog && !dialog.open) dialog.showModal();
  }

  #tab(name: "documents" | "ask", talk: Words): TemplateResult {
    const on = this.tab === name;
    return html`<button role="tab" type="button" id="tab-${name}" aria-selected=${on} aria-controls="panel" tabindex=${on ? 0 : -1}
      @click=${() => (this.tab = name)} @keydown=${this.#onTabKey}>${talk[name]}</button>`;
  }

  #content(talk: Words): TemplateResult {
    switch (this.door) {
      case "loading":
        return html`<div class="skeleton" role="status" aria-label=${talk.loading}><i></i><i></i><i></i><i></i></div>`;
      case "absent":
        return html`<p class="empty">${talk.absent}</p>`;
      case "unreachable":
        return html`<div class="empty" role="alert"><p>${talk.unreachable}</p>
          <button class="button" type="button" @click=${() => this.#enter()}>${talk.retry}</button></div>`;
      case "locked":
      case "refused":
        return html`<form class="key" @submit=${this.#onUseKey}>
          <a class="button primary" href=${signInPage(this.#base)}>${talk.signIn}</a>
          <label for="key">${talk.key}</label>
          <input id="key" type="password" autocomplete="off" required aria-describedby="why" />
          <p id="why" class="soft">${talk.keyWhy}</p>
          ${this.door === "refused" ? html`<p class="notice" role="alert">${talk.keyRefused}</p>` : nothing}
          <button class="button" type="submit">${talk.useKey}</button>
        </form>`;
      case "open":
        return html`<div id="panel" role="tabpanel" aria-labelledby="tab-${this.tab}">
          ${this.tab === "ask"
            ? html`<hookline-knowledge-ask .api=${this.#api} .language=${this.#language}
                @knowledge-open=${(event: CustomEvent<string>) => this.#show(event.detail)}></hookline-knowledge-ask>`
            : this.#documents(talk)}
        </div>`;
    }
  }

  #documents(talk: Words): TemplateResult {
    const filtered = !!(this.filter.text || this.filter.status || this.filter.tag);
    const known = this.entries.length || this.uploads.length;
    return html`<section class="drop ${this.over ? "over" : ""}" @dragover=${this.#onDrag} @dragleave=${() => (this.over = false)} @drop=${this.#onDrop}>
        <p>${talk.drop} <button class="link" type="button" @click=${() => this.renderRoot.querySelector<HTMLInputElement>("#files")?.click()}>${talk.choose}</button></p>
        <p class="soft">${talk.kinds}</p>
        <input id="files" type="file" multiple hidden aria-label=${talk.choose} @change=${this.#onFiles} />
        <form class="row" @submit=${this.#onUrl}>
          <input name="url" type="url" required placeholder=${talk.url} aria-label=${talk.url} />
          <button class="button" type="submit">${talk.add}</button>
        </form>
        <input id="new-tags" placeholder=${talk.newTags} aria-label=${talk.newTags} />
      </section>
      ${this.notice ? html`<p class="notice" role="status">${this.notice}</p>` : nothing}
      ${this.runs.map((run) => this.#run(run, talk))}
      <form class="filter row" role="search" @submit=${(event: Event) => event.preventDefault()}>
        <input id="search" type="search" placeholder=${talk.search} aria-label=${talk.search} @input=${this.#onSearch} />
        <select aria-label=${talk.anyStatus} @change=${this.#onStatus}>
          <option value="">${talk.anyStatus}</option>
          ${(["live", "embedding", "queued", "failed", "stale"] as const).map((one) => html`<option value=${one}>${talk[one]}</option>`)}
        </select>
        ${this.tagged.length
          ? html`<select aria-label=${talk.anyTag} @change=${this.#onTag}>
              <option value="">${talk.anyTag}</option>${this.tagged.map((one) => html`<option value=${one}>${one}</option>`)}
            </select>`
          : nothing}
      </form>
      ${known
        ? html`<ul class="list" aria-label=${talk.documents}>
            ${this.uploads.map((upload) => this.#upload(upload, talk))}
            ${repeat(this.entries, (one) => one.id, (one) => this.#row(one, talk))}
          </ul>`
        : html`<p class="empty">${filtered ? talk.none : talk.empty}</p>`}
      <p class="row foot">
        ${this.following ? html`<button class="button" type="button" @click=${() => void this.#more()}>${talk.more}</button>` : nothing}
        <button class="link" type="button" @click=${() => void this.#refresh(talk)}>${talk.refresh}</button>
        <span class="grow"></span>
        ${this.#api.key ? html`<button class="link" type="button" @click=${this.#forget}>${talk.forgetKey}</button>` : nothing}
      </p>`;
  }

  #run(run: Run, talk: Words): TemplateResult {
    const name = fill(talk.running, run.done, run.total || "?");
    return html`<div class="run row" role="status"><span>${name}</span>
      <progress .value=${run.done} max=${run.total || 1} aria-label=${name}></progress>
      <button class="button" type="button" @click=${() => void this.#try(() => this.#api.stop(run.id))}>${talk.stop}</button></div>`;
  }

  #upload(upload: Upload, talk: Words): TemplateResult {
    return html`<li>
      <span class="name">${upload.name}</span>
      ${upload.error
        ? html`<span class="error" role="alert">${upload.error}</span>
            <button class="icon" type="button" aria-label="${talk.dismiss}: ${upload.name}" title=${talk.dismiss}
              @click=${() => (this.uploads = this.uploads.filter((one) => one !== upload))}>✕</button>`
        : html`<span class="soft">${talk.uploading}</span><progress .value=${upload.part} max="1" aria-label="${talk.uploading}: ${upload.name}"></progress>`}
    </li>`;
  }

  #row(one: Entry, talk: Words): TemplateResult {
    const busy = one.status === "queued" || one.status === "embedding";
    const { done, total } = one.progress;
    return html`<li>
      <button class="name" type="button" aria-label=${fill(talk.open, one.title)} @click=${() => this.#show(one.id)}>${one.title}</button>
      <span class="state">
        <span class="badge ${one.status}">${talk[one.status]}${busy && total ? ` ${Math.floor((100 * done) / total)} %` : ""}</span>
        ${one.valid ? nothing : html`<span class="badge expired">${talk.expired}</span>`}
        ${one.tags.map((tag) => html`<span class="tag">${tag}</span>`)}
        ${one.chunks ? html`<span>${fill(talk.passages, one.chunks)}</span>` : nothing}
        <span>${fill(talk.version, one.newest)}</span>
        <time>${when(one.updated_at, this.#language)}</time>
      </span>
      ${busy ? html`<progress .value=${done} max=${total || 1} aria-label="${talk[one.status]}: ${one.title}"></progress>` : nothing}
      ${one.error ? html`<span class="error">${one.error}</span>` : nothing}
    </li>`;
  }

  #show(ident: string): void {
    this.#before = this.shadowRoot?.activeElement as HTMLElement | null;
    this.opened = ident;
  }

  readonly #close = () => {
    this.renderRoot.querySelector<HTMLDialogElement>("dialog.detail")?.close();
  };

  readonly #closed = () => {
    this.opened = "";
    this.#before?.focus();
  };

  async #refresh(talk: Words): Promise<void> {
    await this.#try(async () => {
      const told = await this.#api.refresh();
      this.notice = fill(talk.refreshed, told.refreshed);
    });
  }

  readonly #onKey = (event: KeyboardEvent) => {
    const inside = event.composedPath()[0];
    const writing = inside instanceof HTMLInputElement || inside instanceof HTMLSelectElement || inside instanceof HTMLTextAreaElement;
    if (writing || event.ctrlKey || event.metaKey || event.altKey || this.opened || event.key !== "/") return;
    const search = this.renderRoot.querySelector<HTMLInputElement>("#search");
    if (search) {
      event.preventDefault();
      search.focus();
    }
  };

  readonly #onTabKey = async (event: KeyboardEvent) => {
    if (event.key !== "ArrowLeft" && event.key !== "ArrowRight") return;
    this.tab = this.tab === "ask" ? "documents" : "ask";
    await this.updateComplete;
    this.renderRoot.querySelector<HTMLElement>(`#tab-${this.tab}`)?.focus();
  };

  readonly #onUseKey = (event: Event) => {
    event.preventDefault();
    const key = this.renderRoot.querySelector<HTMLInputElement>("#key")?.value.trim() ?? "";
    if (!key) return;
    sessionStorage.setItem(KEY, key);
    this.#api = new Api(this.#base, key);
    this.#enter();
  };

  readonly #forget = () => {
    sessionStorage.removeItem(KEY);
    this.#api = new Api(this.#base, "");
    this.entries = [];
    this.#enter();
  };

  readonly #onSearch = (event: Event) => {
    this.#narrow({ text: (event.target as HTMLInputElement).value.trim() });
  };

  readonly #onStatus = (event: Event) => {
    this.#narrow({ status: (event.target as HTMLSelectElement).value });
  };

  readonly #onTag = (event: Event) => {
    this.#narrow({ tag: (event.target as HTMLSelectElement).value });
  };

  readonly #onUrl = (event: Event) => {
    event.preventDefault();
    const form = event.target as HTMLFormElement;
    const url = String(new FormData(form).get("url") ?? "");
    void this.#try(async () => {
      await this.#api.page(url);
      form.reset();
    });
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

// Named here so that they are not dropped from the bundle.
export const parts = [AskView, DocumentView];

if (!customElements.get("hookline-knowledge")) customElements.define("hookline-knowledge", KnowledgePage);
