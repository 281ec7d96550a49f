import { html, nothing, type TemplateResult } from "lit";
import { cut } from "../../../../web/span.js";
import { exact, relative } from "../../../../web/time.js";
import { Sheet } from "./sheet.js";
import type { ContactHit, Hit } from "./tools.js";
import { fill } from "./words.js";

const WAIT_MS = 180;

/** A field whose answers come from the server while one types. */
abstract class Finder<T> extends Sheet {
  static override properties = { ...Sheet.properties, found: { attribute: false }, typed: { attribute: false } };
  declare found: readonly T[] | null;
  declare typed: string;
  #timer: number | undefined;

  constructor() {
    super();
    this.found = null;
    this.typed = "";
  }

  protected abstract seek(typed: string): Promise<readonly T[]>;

  protected field(label: string): TemplateResult {
    return html`<input class="field" type="search" autocomplete="off" autofocus aria-label=${label} placeholder=${label} .value=${this.typed} @input=${this.#onInput} />`;
  }

  protected answers(none: string, row: (one: T) => TemplateResult): TemplateResult | typeof nothing {
    if (!this.typed.trim()) return nothing;
    if (!this.found) return html`<p class="soft" role="status">${this.talk.loading}</p>`;
    return this.found.length ? html`<div class="choices" role="list">${this.found.map(row)}</div>` : html`<p class="soft" role="status">${fill(none, this.typed)}</p>`;
  }

  readonly #onInput = (event: Event) => {
    const typed = (event.target as HTMLInputElement).value;
    this.typed = typed;
    window.clearTimeout(this.#timer);
    if (!typed.trim()) return void (this.found = null);
    this.#timer = window.setTimeout(
      () =>
        void this.try(async () => {
          const found = await this.seek(typed.trim());
          if (typed === this.typed) this.found = found;
        }, true),
      WAIT_MS,
    );
  };
}

/** Search over all conversations: what was said, notes, contacts. */
export class SearchSheet extends Finder<Hit> {
  /** The rest of the hits, and what they are of. */
  #next = { typed: "", cursor: "" };
  protected heading = () => this.talk.search;

  protected async seek(typed: string): Promise<readonly Hit[]> {
    const page = await this.desk.api.search(typed, "");
    if (typed === this.typed.trim()) this.#next = { typed, cursor: page.next };
    return page.hits;
  }

  protected body(): TemplateResult {
    const { talk } = this;
    return html`<div class="stack">
      ${this.field(talk.searchIn)}
      ${this.answers(talk.nothingFound, (hit) => {
        const [first] = hit.marks;
        const [before, inside, after] = cut(hit.snippet, first?.[0] ?? 0, first?.[1] ?? 0);
        return html`<div role="listitem"><button class="option hit" type="button" @click=${() => this.#open(hit.conversation)}>
          <span class="about"><span class="row"><b class="cut" dir="auto">${hit.name || talk.nobody}</b><span class="soft">${talk.channel(hit.channel)}${hit.where === "note" ? ` · ${talk.note}` : ""}</span></span>
            <span class="soft" dir="auto">${before}<mark>${inside}</mark>${after}</span></span>
          <time class="soft" title=${exact(hit.at, this.language)}>${relative(hit.at, Date.now() / 1000, this.language)}</time></button></div>`;
      })}
      ${this.#next.cursor && this.#next.typed === this.typed.trim() && this.found?.length ? html`<button class="button" type="button" ?disabled=${this.busy} @click=${this.#more}>${talk.more}</button>` : nothing}
    </div>`;
  }

  readonly #more = () =>
    void this.try(async () => {
      const asked = this.#next;
      const page = await this.desk.api.search(asked.typed, asked.cursor);
      if (asked !== this.#next) return; // something else was looked for meanwhile
      this.#next = { ...asked, cursor: page.next };
      this.found = [...(this.found ?? []), ...page.hits];
    }, true);

  #open(id: string): void {
    this.close();
    this.tell("open-conversation", { id, focus: true });
  }
}

/** Two contacts that are one person. */
export class MergeSheet extends Finder<ContactHit> {
  static override properties = { ...Finder.properties, contact: { attribute: false }, chosen: { attribute: false } };
  declare contact: { id: string; name: string };
  declare chosen: ContactHit | null;

  constructor() {
    super();
    this.chosen = null;
  }

  protected heading = () => fill(this.talk.mergeInto, this.contact.name);

  protected async seek(typed: string): Promise<readonly ContactHit[]> {
    return (await this.desk.api.contacts(typed)).filter((one) => one.id !== this.contact.id);
  }

  protected body(): TemplateResult {
    const { talk, chosen } = this;
    if (chosen) {
      return html`<div class="stack"><p>${fill(talk.mergeSure, label(chosen), this.contact.name, chosen.conversations)}</p>
        <div class="end"><button class="button" type="button" @click=${() => (this.chosen = null)}>${talk.cancel}</button>
          <button class="button primary" type="button" autofocus ?disabled=${this.busy} @click=${this.#merge}>${talk.merge}</button></div></div>`;
    }
    return html`<div class="stack"><p class="soft">${talk.mergeWhy}</p>
      ${this.field(talk.searchContacts)}
      ${this.answers(talk.nothingFound, (one) => html`<div role="listitem"><button class="option hit" type="button" @click=${() => (this.chosen = one)}>
          <span class="about"><b class="cut" dir="auto">${label(one)}</b><span class="soft">${[one.email, one.phone, ...one.identities.map(([channel, address]) => `${talk.channel(channel)} ${address}`)].filter(Boolean).join(" · ")}</span></span>
          <span class="soft num">${one.conversations}</span></button></div>`)}</div>`;
  }

  readonly #merge = () =>
    void this.try(async () => {
      const made = await this.desk.api.merge(this.contact.id, this.chosen!.id);
      void this.desk.current?.load().catch(() => undefined);
      const undo = () => void this.desk.api.unmerge(made.id).then(() => this.desk.current?.load()).catch((error: Error) => this.desk.notify(error.message, { bad: true }));
      this.desk.notify(fill(this.talk.merged, made.source_name || label(this.chosen!)), this.desk.can.supervise ? { undo } : {});
    });
}

const label = (one: ContactHit) => one.name || one.identities[0]?.[1] || one.id;

customElements.define("hookline-console-search", SearchSheet);
customElements.define("hookline-console-merge", MergeSheet);
