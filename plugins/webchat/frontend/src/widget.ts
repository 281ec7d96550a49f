import { html, nothing, type TemplateResult } from "lit/html.js";
import tokens from "../../../../web/tokens.css?inline";
import { ChatView } from "./chat-view.js";
import { wear } from "../../../../web/colour.js";
import { bubbleIcon } from "./icons.js";
import { PageElement, sheet } from "../../../../web/page-element.js";
import { baseOf } from "./protocol.js";
import { Store, localArea } from "./storage.js";
import { choose, direction, fill, words } from "./strings.js";
import css from "./widget.css?inline";

const PHONE = "(max-width: 520px)";

/** The launcher in the page's corner and the panel that it opens. */
class Widget extends PageElement {
  static override sheets = [sheet(tokens), sheet(css)];
  static override watched = ["open", "mounted", "unread"];

  base = "";
  heading = "";
  accent = "";
  language = "";
  declare open: boolean;
  /** The chat is in the page: nothing is asked of the server before somebody wants to talk, or has talked. */
  private declare mounted: boolean;
  private declare unread: number;
  #seen = -1;
  #pageOverflow: string | null = null;

  constructor() {
    super();
    this.open = this.mounted = false;
    this.unread = 0;
    // The page's own shortcuts must not see what is typed here.
    for (const kind of ["keydown", "keyup", "keypress"]) this.addEventListener(kind, (event) => event.stopPropagation());
  }

  override connectedCallback(): void {
    super.connectedCallback();
    const store = new Store(this.base, localArea());
    this.mounted = this.open || store.get("token") !== "";
    const accent = wear(this, this.accent || store.get("accent"));
    if (this.accent && (!accent || accent.corrected)) {
      console.warn(
        accent
          ? `Hookline: white text can't be read on the accent ${this.accent} (contrast below 4.5:1); black is used.`
          : `Hookline: data-accent="${this.accent}" is no colour like #1f5fd0; the default is used.`,
      );
    }
    window.visualViewport?.addEventListener("resize", this.#fit);
  }

  disconnectedCallback(): void {
    window.visualViewport?.removeEventListener("resize", this.#fit);
    this.#lock(false);
  }

  protected override template(): TemplateResult {
    const language = choose([this.language, ...navigator.languages].filter(Boolean), []);
    const talk = words(language);
    const label = this.unread ? `${talk.open}, ${fill(talk.unread, this.unread)}` : talk.open;
    return html`<div dir=${direction(this.language || language)}>
      ${this.mounted
        ? html`<div class="panel" role="dialog" aria-modal=${matchMedia(PHONE).matches} aria-label=${this.heading || talk.messages}
            ?hidden=${!this.open}>
            <hookline-chat .closable=${true} .base=${this.base} .heading=${this.heading} .accent=${this.accent}
              .language=${this.language} @hookline-close=${this.#hide} @hookline-change=${this.#onChange}></hookline-chat>
          </div>`
        : nothing}
      <button class="launcher" type="button" aria-haspopup="dialog" aria-label=${label} title=${label}
        ?hidden=${this.open} @click=${this.#show}>
        ${bubbleIcon}${this.unread ? html`<span class="badge">${this.unread > 99 ? "99+" : this.unread}</span>` : nothing}
      </button>
    </div>`;
  }

  protected override afterDraw(): void {
    this.#lock(this.open && matchMedia(PHONE).matches);
  }

  get #chat(): ChatView | null {
    return this.find<ChatView>("hookline-chat");
  }

  readonly #show = async () => {
    this.open = this.mounted = true;
    this.unread = 0;
    this.#fit();
    await this.drawn;
    await this.#chat?.drawn;
    this.#chat?.focus();
  };

  readonly #hide = async () => {
    this.open = false;
    this.#seen = this.#chat?.received ?? 0;
    await this.drawn;
    this.find(".launcher")?.focus();
  };

  readonly #onChange = () => {
    const chat = this.#chat;
    if (!chat?.loaded) return;
    wear(this, this.accent || (chat.session?.config.accent ?? ""));
    if (this.#seen < 0 || this.open || chat.received < this.#seen) this.#seen = chat.received;
    this.unread = chat.received - this.#seen;
  };

  /** Above the phone's keyboard, where that does not shrink the page itself. */
  readonly #fit = () => {
    const view = window.visualViewport;
    if (view) this.style.setProperty("--seen-height", `${Math.round(view.height)}px`);
  };

  /** The page behind a full-screen panel stays where it is. */
  #lock(on: boolean): void {
    const { style } = document.documentElement;
    if (on && this.#pageOverflow === null) {
      this.#pageOverflow = style.overflow;
      style.overflow = "hidden";
    } else if (!on && this.#pageOverflow !== null) {
      style.overflow = this.#pageOverflow;
      this.#pageOverflow = null;
    }
  }
}

/** Put the widget of `script` into the page, once. */
function mount(script: HTMLScriptElement): void {
  if (document.querySelector("hookline-widget")) return;
  if (!customElements.get("hookline-widget")) customElements.define("hookline-widget", Widget);
  const { title = "", accent = "", lang = "", open, theme } = script.dataset;
  const widget = document.createElement("hookline-widget") as Widget;
  widget.base = baseOf(script.src);
  widget.heading = title;
  widget.accent = accent;
  widget.language = lang || document.documentElement.lang;
  widget.open = open !== undefined && open !== "false";
  if (theme === "light" || theme === "dark") widget.dataset["theme"] = theme;
  document.body.append(widget);
}

const script =
  document.currentScript instanceof HTMLScriptElement
    ? document.currentScript
    : document.querySelector<HTMLScriptElement>('script[src*="/webchat/widget.js"]');
if (script?.src) {
  if (document.body) mount(script);
  else document.addEventListener("DOMContentLoaded", () => mount(script));
}
