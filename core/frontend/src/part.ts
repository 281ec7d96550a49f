import { LitElement, unsafeCSS } from "lit";
import forms from "../../../web/forms.css?inline";
import tokens from "../../../web/tokens.css?inline";
import type { Account, Api } from "./api.js";
import look from "./look.css?inline";
import { wordsOf, type Words } from "./words.js";

/** One tab of the page; what goes wrong is shown as `notice`. */
export abstract class Part extends LitElement {
  static override styles = [unsafeCSS(tokens), unsafeCSS(forms), unsafeCSS(look)];
  static override properties = { language: {}, me: { attribute: false }, notice: { state: true }, bad: { state: true } };

  declare api: Api;
  declare language: string;
  declare me: Account;
  declare notice: string;
  declare bad: boolean;

  constructor() {
    super();
    this.language = "en";
    this.notice = "";
    this.bad = false;
  }

  get talk(): Words {
    return wordsOf(this.language);
  }

  /** Do it; where it fails say why. A signed-out page is the shell's matter. */
  protected async try(work: () => Promise<unknown>, done = ""): Promise<boolean> {
    this.notice = "";
    this.bad = false;
    try {
      await work();
      this.notice = done;
      return true;
    } catch (error) {
      this.dispatchEvent(new CustomEvent("admin-failed", { detail: error, bubbles: true, composed: true }));
      this.bad = true;
      this.notice = error instanceof TypeError ? this.talk.unreachable : error instanceof Error ? error.message : String(error);
      return false;
    }
  }

  /** Open the dialog of that id, and put the focus where it was when it closes. */
  protected open(id: string): void {
    const before = this.shadowRoot?.activeElement as HTMLElement | null;
    const dialog = this.renderRoot.querySelector<HTMLDialogElement>(`#${id}`);
    dialog?.addEventListener("close", () => before?.focus(), { once: true });
    dialog?.showModal();
  }

  protected shut(id: string): void {
    this.renderRoot.querySelector<HTMLDialogElement>(`#${id}`)?.close();
  }
}

/** What a form's fields hold, by name. */
export function values(form: EventTarget | null): Record<string, string> {
  return Object.fromEntries([...new FormData(form as HTMLFormElement)].map(([name, value]) => [name, String(value)]));
}
