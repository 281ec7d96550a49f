import { html, nothing, type TemplateResult } from "lit";
import { repeat } from "lit/directives/repeat.js";
import { ROLES, type Account, type Link, type Role } from "./api.js";
import { Part, values } from "./part.js";
import { fill, when } from "./words.js";

/** The accounts: made, given roles, deactivated, helped to a password. */
export class AccountsView extends Part {
  static override properties = {
    ...Part.properties,
    accounts: { state: true },
    filter: { state: true },
    chosen: { state: true },
    link: { state: true },
  };

  declare accounts: readonly Account[] | null;
  declare filter: string;
  declare chosen: Account | null;
  declare link: (Link & { of: Account }) | null;

  constructor() {
    super();
    this.accounts = null;
    this.filter = "";
    this.chosen = this.link = null;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    void this.#load();
  }

  async #load(): Promise<void> {
    await this.try(async () => (this.accounts = await this.api.staff()));
  }

  override render(): TemplateResult {
    const talk = this.talk;
    const wanted = this.filter.toLowerCase();
    const shown = (this.accounts ?? []).filter((one) => `${one.name} ${one.email}`.toLowerCase().includes(wanted));
    return html`<div class="row">
        <input class="grow" type="search" placeholder=${talk.find} aria-label=${talk.find}
          @input=${(event: InputEvent) => (this.filter = (event.target as HTMLInputElement).value)} />
        <button class="button primary" type="button" @click=${() => this.open("hire")}>${talk.hire}</button>
      </div>
      ${this.notice ? html`<p class="notice" role=${this.bad ? "alert" : "status"}>${this.notice}</p>` : nothing}
      ${this.accounts === null
        ? html`<div class="skeleton" role="status" aria-label=${talk.loading}><i></i><i></i><i></i></div>`
        : shown.length
          ? html`<ul class="list" aria-label=${talk.accounts}>${repeat(shown, (one) => one.id, (one) => this.#row(one))}</ul>`
          : html`<p class="empty">${talk.none}</p>`}
      ${this.#form()} ${this.#ask()} ${this.#linkShown()}`;
  }

  #row(one: Account): TemplateResult {
    const talk = this.talk;
    const called = one.name || one.email;
    return html`<li>
      <div class="who">
        <span class="name">${called}</span>
        <span class="about">
          ${one.name ? html`<span>${one.email}</span>` : nothing}
          ${one.active ? nothing : html`<span class="badge off">${talk.inactive}</span>`}
          ${one.active && one.invited ? html`<span class="badge waiting">${talk.invited}</span>` : nothing}
          <span>${one.seen_at ? fill(talk.seen, when(one.seen_at, this.language)) : talk.never}</span>
        </span>
      </div>
      <div class="acts">
        <select aria-label=${fill(talk.roleOf, called)} .value=${one.role} ?disabled=${!one.active}
          @change=${(event: Event) => void this.#change(one, event.target as HTMLSelectElement)}>
          ${ROLES.map((role) => html`<option value=${role} ?selected=${role === one.role}>${talk[role]}</option>`)}
        </select>
        ${one.active
          ? html`<button class="link" type="button" @click=${() => void this.#offer(one)}>${talk.link}</button>
              <button class="link" type="button" @click=${() => void this.#everywhere(one)}>${talk.everywhere}</button>
              ${one.id === this.me.id ? nothing : html`<button class="link bad" type="button" @click=${() => this.#doubt(one)}>${talk.deactivate}</button>`}`
          : html`<button class="link" type="button" @click=${() => void this.#set(one, { active: true })}>${talk.activate}</button>`}
      </div>
    </li>`;
  }

  #form(): TemplateResult {
    const talk = this.talk;
    const may: Record<Role, string> = {
      viewer: talk.viewerMay,
      agent: talk.agentMay,
      supervisor: talk.supervisorMay,
      admin: talk.adminMay,
    };
    return html`<dialog id="hire" aria-labelledby="hire-title">
      <form class="fields" @submit=${this.#onHire}>
        <h2 id="hire-title">${talk.hire}</h2>
        <label for="email">${talk.email}</label>
        <input id="email" name="email" type="email" required autocomplete="off" />
        <label for="name">${talk.name}</label>
        <input id="name" name="name" autocomplete="off" />
        <label for="phone">${talk.phone}</label>
        <input id="phone" name="phone" type="tel" autocomplete="off" />
        <label for="role">${talk.role}</label>
        <select id="role" name="role">
          ${ROLES.map((role) => html`<option value=${role} ?selected=${role === "agent"}>${talk[role]} – ${may[role]}</option>`)}
        </select>
        <div class="row end">
          <button class="button" type="button" @click=${() => this.shut("hire")}>${talk.cancel}</button>
          <button class="button primary" type="submit">${talk.make}</button>
        </div>
      </form>
    </dialog>`;
  }

  #ask(): TemplateResult {
    const talk = this.talk;
    const called = this.chosen?.name || this.chosen?.email || "";
    return html`<dialog id="doubt" aria-labelledby="doubt-text">
      <p id="doubt-text">${fill(talk.deactivateAsk, called)}</p>
      <div class="row end">
        <button class="button" type="button" autofocus @click=${() => this.shut("doubt")}>${talk.cancel}</button>
        <button class="button danger" type="button" @click=${this.#onDeactivate}>${talk.deactivate}</button>
      </div>
    </dialog>`;
  }

  #linkShown(): TemplateResult {
    const talk = this.talk;
    const link = this.link;
    return html`<dialog id="link" aria-labelledby="link-text">
      <div class="fields">
        <p id="link-text">${link ? fill(talk.linkFor, link.of.name || link.of.email, when(link.reset_until, this.language)) : ""}</p>
        <input readonly aria-label=${talk.link} .value=${link?.reset_url ?? ""} @focus=${(event: Event) => (event.target as HTMLInputElement).select()} />
        <div class="row end">
          <button class="button" type="button" @click=${() => void this.try(() => navigator.clipboard.writeText(link?.reset_url ?? ""), talk.copied)}>${talk.copy}</button>
          <button class="button primary" type="button" autofocus @click=${() => this.shut("link")}>${talk.close}</button>
        </div>
      </div>
    </dialog>`;
  }

  readonly #onHire = async (event: SubmitEvent) => {
    event.preventDefault();
    const form = event.target as HTMLFormElement;
    const given = values(form);
    const done = await this.try(async () => {
      const made = await this.api.hire(given);
      this.accounts = [...(this.accounts ?? []), made];
      form.reset();
      if (made.reset_url && made.reset_until) this.link = { reset_url: made.reset_url, reset_until: made.reset_until, of: made };
    });
    this.shut("hire");
    if (done && this.link) this.#showLink();
    if (!done) this.open("hire");
  };

  readonly #onDeactivate = () => {
    this.shut("doubt");
    if (this.chosen) void this.#set(this.chosen, { active: false });
  };

  #doubt(one: Account): void {
    this.chosen = one;
    this.open("doubt");
  }

  #showLink(): void {
    void this.updateComplete.then(() => this.open("link"));
  }

  async #offer(one: Account): Promise<void> {
    if (await this.try(async () => (this.link = { ...(await this.api.link(one.id)), of: one }))) this.#showLink();
  }

  async #everywhere(one: Account): Promise<void> {
    await this.try(() => this.api.signOut(one.id), fill(this.talk.signedOut, one.name || one.email));
  }

  async #change(one: Account, select: HTMLSelectElement): Promise<void> {
    if (!(await this.#set(one, { role: select.value }))) select.value = one.role;
  }

  #set(one: Account, body: object): Promise<boolean> {
    return this.try(async () => {
      const changed = await this.api.change(one.id, body);
      this.accounts = (this.accounts ?? []).map((other) => (other.id === changed.id ? changed : other));
    }, this.talk.saved);
  }
}

if (!customElements.get("hookline-admin-accounts")) customElements.define("hookline-admin-accounts", AccountsView);
