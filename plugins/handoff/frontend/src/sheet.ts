import { html, nothing, type TemplateResult } from "lit";
import look from "./look/sheet.css?inline";
import type { Topic } from "./news.js";
import { looks, Part, state } from "./part.js";
import { closeIcon } from "./signs.js";

/** A dialog over the page: Escape or a click beside it closes it, and the focus goes back where it was. */
export abstract class Sheet extends Part {
  static override styles = looks(look);
  static override properties = state("of", "problem", "busy");

  /** The conversation that it is about. */
  declare of: string;

  /** What the server said against it. */
  declare problem: string;
  declare busy: boolean;

  /** There is nothing in it but to read: the keyboard scrolls it. */
  protected readonly read: boolean = false;

  constructor() {
    super();
    this.problem = "";
    this.busy = false;
  }

  protected abstract heading(): string;
  protected abstract body(): TemplateResult;

  protected hears(topics: ReadonlySet<Topic>): boolean {
    return topics.has("desk");
  }

  override firstUpdated(): void {
    const dialog = this.find<HTMLDialogElement>("dialog");
    dialog?.showModal();
    // what is to be chosen comes before the way out
    dialog?.querySelector<HTMLElement>(".body .option:not([disabled])")?.focus();
  }

  override render(): TemplateResult {
    return html`<dialog aria-labelledby="heading" @close=${() => this.tell("close-sheet")} @click=${this.#onBeside}>
      <header class="row">
        <h2 id="heading" class="grow">${this.heading()}</h2>
        <button class="icon" type="button" aria-label=${this.talk.close} @click=${() => this.close()}>${closeIcon}</button>
      </header>
      <div class="body" tabindex=${this.read ? 0 : nothing}>${this.body()}${this.problem ? html`<p class="problem" role="alert">${this.problem}</p>` : ""}</div>
    </dialog>`;
  }

  close(): void {
    this.find<HTMLDialogElement>("dialog")?.close();
  }

  /** Do it, say what the server says against it, and close when it worked. */
  protected async try(work: () => Promise<unknown>, stay = false): Promise<void> {
    this.busy = true;
    this.problem = "";
    try {
      await work();
      if (!stay) this.close();
    } catch (error) {
      this.problem = error instanceof Error ? error.message : String(error);
    } finally {
      this.busy = false;
    }
  }

  readonly #onBeside = (event: MouseEvent) => {
    if (event.target === this.find("dialog")) this.close();
  };
}
