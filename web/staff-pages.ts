/** The small navigation of the pages of staff: where one is, and what else there is for one's role. */
import { html, nothing, type TemplateResult } from "lit/html.js";

import { PageElement, sheet } from "./page-element.js";
import { ask } from "./session.js";
import look from "./staff-pages.css?inline";

interface Page {
  path: string;
  title: Record<string, string>;
}

const NAME: Record<string, string> = { en: "Pages", fr: "Pages", hi: "पन्ने" };

/** `base` is where the tenant's paths begin, `language` the reader's; it is nothing where there is no other page. */
export class StaffPages extends PageElement {
  static override sheets = [sheet(look)];
  static override watched = ["base", "language"];

  declare base: string;
  declare language: string;

  #pages: readonly Page[] = [];
  #open = false;

  override connectedCallback(): void {
    super.connectedCallback();
    this.addEventListener("focusout", this.#onLeave);
    document.addEventListener("pointerdown", this.#onElsewhere);
    void this.#load();
  }

  disconnectedCallback(): void {
    this.removeEventListener("focusout", this.#onLeave);
    document.removeEventListener("pointerdown", this.#onElsewhere);
  }

  /** A page without its navigation is still the page: what goes wrong here is not said. */
  async #load(): Promise<void> {
    await Promise.resolve(); // the properties are set after the element is there
    try {
      this.#pages = (await ask<{ pages: Page[] }>(this.base ?? "", "GET", "/api/v1/pages")).pages;
    } catch {
      this.#pages = [];
    }
    this.draw();
  }

  protected template(): TemplateResult {
    const here = this.#pages.find((one) => this.#isHere(one));
    if (!this.#pages.some((one) => one !== here)) return html``;
    const name = NAME[primary(this.language)] ?? "Pages";
    return html`<div class="pages" role="navigation" aria-label=${name}>
      <button type="button" aria-expanded=${this.#open} aria-controls="pages" aria-label=${name} title=${name} @click=${this.#onToggle} @keydown=${this.#onKey}>
        <svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true"><path d="M2 2h5v5H2zM9 2h5v5H9zM2 9h5v5H2zM9 9h5v5H9z" fill="none" stroke="currentColor" stroke-width="1.4" stroke-linejoin="round" /></svg>
      </button>
      <ul id="pages" ?hidden=${!this.#open} @keydown=${this.#onKey}>
        ${this.#pages.map(
          (one) => html`<li><a href=${(this.base ?? "") + one.path} aria-current=${one === here ? "page" : nothing}>${titleOf(one, this.language)}</a></li>`,
        )}
      </ul>
    </div>`;
  }

  #isHere(page: Page): boolean {
    const plain = (path: string) => path.replace(/\/+$/, "");
    return plain(location.pathname) === plain((this.base ?? "") + page.path);
  }

  #show(open: boolean): void {
    if (open === this.#open) return;
    this.#open = open;
    this.draw();
  }

  readonly #onToggle = () => this.#show(!this.#open);

  /** Down opens it and goes on, up goes back, Escape closes this layer and no other. */
  readonly #onKey = (event: KeyboardEvent) => {
    if (event.key === "Escape" && this.#open) {
      event.preventDefault();
      event.stopPropagation();
      this.#show(false);
      this.find("button")?.focus();
      return;
    }
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    event.stopPropagation();
    this.#show(true);
    void this.drawn.then(() => {
      const links = [...this.root.querySelectorAll("a")];
      const at = links.indexOf(this.root.activeElement as HTMLAnchorElement);
      links[at < 0 ? (step > 0 ? 0 : links.length - 1) : (at + step + links.length) % links.length]?.focus();
    });
  };

  readonly #onLeave = (event: FocusEvent) => {
    if (event.relatedTarget && !this.root.contains(event.relatedTarget as Node)) this.#show(false);
  };

  readonly #onElsewhere = (event: Event) => {
    if (!event.composedPath().includes(this)) this.#show(false);
  };
}

function primary(tag: string | undefined): string {
  return (tag ?? "").toLowerCase().split("-")[0] ?? "";
}

function titleOf(page: Page, language: string): string {
  return page.title[language] ?? page.title[primary(language)] ?? page.title["en"] ?? page.path;
}

if (!customElements.get("hookline-pages")) customElements.define("hookline-pages", StaffPages);
