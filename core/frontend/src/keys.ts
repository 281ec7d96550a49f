import { html, nothing, type TemplateResult } from "lit";
import { repeat } from "lit/directives/repeat.js";
import { ROLES, type Key } from "./api.js";
import { Part, values } from "./part.js";
import { fill, when } from "./words.js";

/** The API keys: made, shown once, revoked. */
export class KeysView extends Part {
  static override properties = {
    ...Part.properties,
    keys: { state: true },
    text: { state: true },
    chosen: { state: true },
  };

  declare keys: readonly Key[] | null;
  declare text: string;
  declare chosen: Key | null;

  constructor() {
    super();
    this.keys = null;
    this.text = "";
    this.chosen = null;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    void this.#load();
  }

  async #load(): Promise<void> {
    await this.try(async () => (this.keys = [...(await this.api.keys())].reverse()));
  }

  override render(): TemplateResult {
    const talk = this.talk;
    return html`<div class="row end"><button class="button primary" type="button" @click=${() => this.open("make")}>${talk.makeKey}</button></div>
      ${this.notice ? html`<p class="notice" role=${this.bad ? "alert" : "status"}>${this.notice}</p>` : nothing}
      ${this.keys === null
        ? html`<div class="skeleton" role="status" aria-label=${talk.loading}><i></i><i></i><i></i></div>`
        : this.keys.length
          ? html`<ul class="list" aria-label=${talk.keys}>${repeat(this.keys, (one) => one.id, (one) => this.#row(one))}</ul>`
          : html`<p class="empty">${talk.noKeys}</p>`}
      <dialog id="make" aria-labelledby="make-title">
        <form class="fields" @submit=${this.#onMake}>
          <h2 id="make-title">${talk.makeKey}</h2>
          <label for="name">${talk.keyName}</label>
          <input id="name" name="name" required autocomplete="off" />
          <label for="role">${talk.role}</label>
          <select id="role" name="role">${ROLES.map((role) => html`<option value=${role}>${talk[role]}</option>`)}</select>
          <label for="scopes">${talk.scopes}</label>
          <input id="scopes" name="scopes" autocomplete="off" aria-describedby="scopes-hint" />
          <p class="soft" id="scopes-hint">${talk.scopesHint}</p>
          <label for="expires">${talk.expires}</label>
          <input id="expires" name="expires" type="date" aria-describedby="expires-hint" />
          <p class="soft" id="expires-hint">${talk.expiresHint}</p>
          <div class="row end">
            <button class="button" type="button" @click=${() => this.shut("make")}>${talk.cancel}</button>
            <button class="button primary" type="submit">${talk.make}</button>
          </div>
        </form>
      </dialog>
      <dialog id="shown" aria-labelledby="shown-text" @close=${() => (this.text = "")}>
        <div class="fields">
          <p id="shown-text">${talk.shownOnce}</p>
          <input readonly class="mono" aria-label=${talk.keys} .value=${this.text} @focus=${(event: Event) => (event.target as HTMLInputElement).select()} />
          <div class="row end">
            <button class="button" type="button" @click=${() => void this.try(() => navigator.clipboard.writeText(this.text), talk.copied)}>${talk.copy}</button>
            <button class="button primary" type="button" autofocus @click=${() => this.shut("shown")}>${talk.close}</button>
          </div>
        </div>
      </dialog>
      <dialog id="doubt" aria-labelledby="doubt-text">
        <p id="doubt-text">${fill(talk.revokeAsk, this.chosen?.name ?? "")}</p>
        <div class="row end">
          <button class="button" type="button" autofocus @click=${() => this.shut("doubt")}>${talk.cancel}</button>
          <button class="button danger" type="button" @click=${this.#onRevoke}>${talk.revoke}</button>
        </div>
      </dialog>`;
  }

  #row(one: Key): TemplateResult {
    const talk = this.talk;
    const on = (text: string, at: string) => html`<span>${fill(text, when(at, this.language))}</span>`;
    const over = one.expires_at !== null && Date.parse(one.expires_at) <= Date.now();
    return html`<li class=${one.revoked_at || over ? "past" : ""}>
      <div class="who">
        <span class="name">${one.name}</span>
        <span class="about">
          <span class="mono">${one.id}</span><span>${talk[one.role]}</span>
          ${one.scopes.map((scope) => html`<span class="tag">${scope}</span>`)}
          ${one.revoked_at ? on(talk.revoked, one.revoked_at) : one.used_at ? on(talk.used, one.used_at) : html`<span>${talk.unused}</span>`}
          ${one.expires_at && !one.revoked_at ? on(over ? talk.ended : talk.ends, one.expires_at) : nothing}
        </span>
      </div>
      <div class="acts">
        ${one.revoked_at ? nothing : html`<button class="link bad" type="button" aria-label="${talk.revoke}: ${one.name}" @click=${() => this.#doubt(one)}>${talk.revoke}</button>`}
      </div>
    </li>`;
  }

  #doubt(one: Key): void {
    this.chosen = one;
    this.open("doubt");
  }

  readonly #onMake = async (event: SubmitEvent) => {
    event.preventDefault();
    const form = event.target as HTMLFormElement;
    const given = values(form);
    const body = { ...given, scopes: (given["scopes"] ?? "").split(/[\s,]+/).filter(Boolean) };
    const done = await this.try(async () => {
      const { key, ...made } = await this.api.makeKey(body);
      this.keys = [made, ...(this.keys ?? [])];
      this.text = key;
      form.reset();
    });
    this.shut("make");
    await this.updateComplete;
    this.open(done ? "shown" : "make");
  };

  readonly #onRevoke = async () => {
    this.shut("doubt");
    const chosen = this.chosen;
    if (chosen && (await this.try(() => this.api.revoke(chosen.id), this.talk.saved))) await this.#load();
  };
}

if (!customElements.get("hookline-admin-keys")) customElements.define("hookline-admin-keys", KeysView);
