import { html, nothing, type TemplateResult } from "lit/html.js";
import tokens from "./tokens.css?inline";
import css from "./document-view.css?inline";
import { direction } from "./direction.js";
import { fill } from "./fill.js";
import { closeIcon } from "./icons.js";
import { safeLink } from "./markdown.js";
import { PageElement, sheet } from "./page-element.js";
import { Refused, request } from "./request.js";
import { cut } from "./span.js";

/** The words that it needs, in `language`. */
export interface DocumentWords {
  close: string;
  newTab: string;
  documentGone: string;
  version: string;
  toMark: string;
  loading: string;
  retry: string;
}

interface Text {
  id: string;
  title: string;
  version: number;
  text: string;
  source: string;
}

/** Inside a dialog: one version of a document, with the quoted span marked and in view. Asks for `hookline-close`. */
export class DocumentView extends PageElement {
  static override sheets = [sheet(tokens), sheet(css)];
  static override watched = ["text", "problem"];

  /** The document's own address, good until its link expires. */
  url = "";
  /** What of the text is quoted, [start, end) in code points. */
  span: [number, number] = [0, 0];
  language = "en";
  talk!: DocumentWords;

  private declare text: Text | null;
  private declare problem: string | null;
  #shown = false;

  constructor() {
    super();
    this.text = this.problem = null;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    void this.#load();
  }

  async #load(): Promise<void> {
    this.problem = null;
    try {
      this.text = await request<Text>({ fetch: (...args) => fetch(...args) }, this.url, {
        headers: { Accept: "application/json" },
      });
    } catch (error) {
      this.problem = error instanceof Refused ? error.message : "";
    }
  }

  protected override template(): TemplateResult {
    const { talk, text } = this;
    const source = text?.source ? safeLink(text.source) : null;
    return html`<div class="head" dir=${direction(this.language)} lang=${this.language}>
        <h1 dir="auto">${text?.title ?? ""}</h1>
        <button type="button" autofocus aria-label=${talk.close} title=${talk.close}
          @click=${() => this.dispatchEvent(new CustomEvent("hookline-close"))}>${closeIcon}</button>
        <p class="meta">
          ${text ? html`<span>${fill(talk.version, text.version)}</span>` : nothing}
          ${source
            ? html`<a href=${source.href} target="_blank" rel="noopener noreferrer">${source.host}</a>`
            : text && text.source !== text.title
              ? html`<span>${text.source}</span>`
              : nothing}
          ${text && this.span[1] > this.span[0] ? html`<a href="#mark" @click=${this.#toMark}>${talk.toMark}</a>` : nothing}
          <a href=${this.url} target="_blank" rel="noopener">${talk.newTab}</a>
        </p>
      </div>
      <div class="scroll" tabindex="0" role="document">${this.#body()}</div>`;
  }

  #body(): TemplateResult {
    const { talk } = this;
    if (this.problem !== null) {
      return html`<div class="state" role="alert">
        <p>${talk.documentGone} ${this.problem}</p>
        <button type="button" @click=${() => void this.#load()}>${talk.retry}</button>
      </div>`;
    }
    if (!this.text) return html`<p class="state late">${talk.loading}…</p>`;
    const [before, inside, after] = cut(this.text.text, ...this.span);
    return html`<div class="text" dir="auto">${before}${inside ? html`<mark id="mark" tabindex="-1">${inside}</mark>` : nothing}${after}</div>`;
  }

  protected override afterDraw(): void {
    if (!this.text || this.#shown) return;
    this.#shown = true;
    this.find("mark")?.scrollIntoView({ block: "center" });
  }

  readonly #toMark = (event: Event) => {
    event.preventDefault();
    const mark = this.find("mark");
    mark?.scrollIntoView({ block: "center" });
    mark?.focus({ preventScroll: true });
  };
}

if (!customElements.get("hookline-document")) customElements.define("hookline-document", DocumentView);
