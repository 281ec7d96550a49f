import { html, nothing, type TemplateResult } from "lit";
import type { Desk } from "./desk.js";
import type { Words } from "./words.js";

interface Ways {
  enter(): void;
  logIn(event: Event): void;
  logOut(): void;
}

/** What stands in the page's place while nobody may work in it: one sentence and one way out. */
export function door(desk: Desk, talk: Words, refused: string, ways: Ways): TemplateResult {
  switch (desk.door) {
    case "login":
      return html`<main class="state door"><h1>${talk.console}</h1><p>${talk.loggedOut}</p>
        <form @submit=${ways.logIn}>
          <label>${talk.email}<input class="field" name="email" type="email" autocomplete="username" required autofocus /></label>
          <label>${talk.password}<input class="field" name="password" type="password" autocomplete="current-password" required /></label>
          ${refused ? html`<p class="problem" role="alert">${refused}</p>` : nothing}
          <button class="button primary">${talk.logIn}</button>
        </form></main>`;
    case "forbidden":
      return html`<main class="state door"><h1>${talk.console}</h1><p>${talk.forbidden} ${desk.problem}</p>
        <button class="button primary" type="button" @click=${ways.logOut}>${talk.logInOther}</button></main>`;
    case "unreachable":
      return html`<main class="state door" role="alert"><h1>${talk.console}</h1><p>${talk.unreachable} ${desk.problem}</p>
        <button class="button primary" type="button" @click=${ways.enter}>${talk.retry}</button></main>`;
    default:
      return html`<main class="skeleton door" role="status" aria-label=${talk.loading}><i></i><i></i><i></i><i></i></main>`;
  }
}
