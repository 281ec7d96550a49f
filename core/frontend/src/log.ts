import { html, nothing, type TemplateResult } from "lit";
import { repeat } from "lit/directives/repeat.js";
import type { Account, Entry, Verified } from "./api.js";
import { Part } from "./part.js";
import { fill, when } from "./words.js";

/** The audit log, newest first, and whether its chain holds. */
export class LogView extends Part {
  static override properties = {
    ...Part.properties,
    entries: { state: true },
    next: { state: true },
    verified: { state: true },
  };

  declare entries: readonly Entry[] | null;
  declare next: number | null;
  declare verified: Verified | null;
  #names = new Map<string, string>();

  constructor() {
    super();
    this.entries = null;
    this.next = null;
    this.verified = null;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    void this.try(async () => {
      const [staff] = await Promise.all([this.api.staff(), this.#more()]);
      this.#names = new Map(staff.map((one: Account) => [one.id, one.name || one.email]));
      this.requestUpdate();
    });
  }

  async #more(): Promise<void> {
    const page = await this.api.audit(this.next ?? 0);
    this.entries = [...(this.entries ?? []), ...page.entries];
    this.next = page.next;
  }

  override render(): TemplateResult {
    const talk = this.talk;
    const found = this.verified;
    return html`<div class="row end">
        <button class="button" type="button" @click=${() => void this.try(async () => (this.verified = await this.api.verify()))}>${talk.verify}</button>
      </div>
      ${this.notice ? html`<p class="notice" role=${this.bad ? "alert" : "status"}>${this.notice}</p>` : nothing}
      ${found
        ? html`<p class="notice ${found.ok ? "good" : ""}" role=${found.ok ? "status" : "alert"}>
            ${found.ok ? fill(talk.whole, found.count, found.head || "–") : fill(talk.broken, found.reason)}</p>`
        : nothing}
      ${this.entries === null
        ? html`<div class="skeleton" role="status" aria-label=${talk.loading}><i></i><i></i><i></i></div>`
        : this.entries.length
          ? this.#table(this.entries)
          : html`<p class="empty">${talk.noLog}</p>`}
      ${this.next ? html`<p class="row"><button class="button" type="button" @click=${() => void this.try(() => this.#more())}>${talk.older}</button></p>` : nothing}`;
  }

  #table(entries: readonly Entry[]): TemplateResult {
    const talk = this.talk;
    return html`<div class="scroll" tabindex="0" role="region" aria-label=${talk.log}><table>
      <thead><tr><th scope="col">#</th><th scope="col">${talk.when}</th><th scope="col">${talk.who}</th><th scope="col">${talk.what}</th><th scope="col">${talk.about}</th><th scope="col">${talk.detail}</th></tr></thead>
      <tbody>${repeat(entries, (one) => one.n, (one) => html`<tr>
        <td class="soft">${one.n}</td><td><time datetime=${one.at}>${when(one.at, this.language)}</time></td>
        <td>${this.#called(one.who)}</td><td class="mono">${one.what}</td><td>${this.#called(one.subject)}</td>
        <td class="soft">${Object.entries(one.detail).map(([key, value]) => html`<span>${key}: ${typeof value === "string" ? value : JSON.stringify(value)}</span> `)}</td>
      </tr>`)}</tbody></table></div>`;
  }

  /** Whom an id means, where it is that of an account. */
  #called(who: string): string {
    return this.#names.get(who.replace(/^staff:/, "")) ?? who;
  }
}

if (!customElements.get("hookline-admin-log")) customElements.define("hookline-admin-log", LogView);
