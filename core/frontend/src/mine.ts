import { html, nothing, type TemplateResult } from "lit";
import { Part, values } from "./part.js";

/** One's own account: name, language, password. */
export class MineView extends Part {
  override render(): TemplateResult {
    const talk = this.talk;
    return html`${this.notice ? html`<p class="notice" role=${this.bad ? "alert" : "status"}>${this.notice}</p>` : nothing}
      <form class="fields narrow" @submit=${this.#onSave}>
        <h2>${this.me.email}</h2>
        <p class="soft">${talk[this.me.role]}</p>
        <label for="name">${talk.name}</label>
        <input id="name" name="name" autocomplete="name" .value=${this.me.name} />
        <label for="phone">${talk.phone}</label>
        <input id="phone" name="phone" type="tel" autocomplete="tel" .value=${this.me.phone} />
        <label for="language">${talk.language}</label>
        <input id="language" name="language" autocomplete="off" .value=${this.me.language} aria-describedby="language-hint" />
        <p class="soft" id="language-hint">${talk.languageHint}</p>
        <div class="row"><button class="button primary" type="submit">${talk.save}</button></div>
      </form>
      <form class="fields narrow" @submit=${this.#onPassword}>
        <h2>${talk.change}</h2>
        <input type="email" name="username" autocomplete="username" .value=${this.me.email} hidden />
        <label for="old">${talk.oldPassword}</label>
        <input id="old" name="old_password" type="password" required autocomplete="current-password" />
        <label for="password">${talk.password}</label>
        <input id="password" name="password" type="password" required minlength="12" autocomplete="new-password" aria-describedby="password-hint" />
        <p class="soft" id="password-hint">${talk.passwordHint}</p>
        <div class="row"><button class="button primary" type="submit">${talk.change}</button></div>
      </form>`;
  }

  readonly #onSave = async (event: SubmitEvent) => {
    event.preventDefault();
    const given = values(event.target);
    if (await this.try(() => this.api.changeMe(given), this.talk.saved)) this.me = { ...this.me, ...given };
  };

  readonly #onPassword = async (event: SubmitEvent) => {
    event.preventDefault();
    const form = event.target as HTMLFormElement;
    const { password, old_password } = values(form) as { password: string; old_password: string };
    if (await this.try(() => this.api.changeMe({ password, old_password }), this.talk.changed)) form.reset();
  };
}

if (!customElements.get("hookline-admin-mine")) customElements.define("hookline-admin-mine", MineView);
