import { html, nothing, type TemplateResult } from "lit/html.js";
import { repeat } from "lit/directives/repeat.js";
import tokens from "../../../../web/tokens.css?inline";
import css from "./chat-view.css?inline";
import { ChatClient } from "./client.js";
import { wear } from "./colour.js";
import { checkIcon, clockIcon, closeIcon, freshIcon, sendIcon } from "./icons.js";
import { items, offered, type Item } from "./items.js";
import { safeLink } from "./markdown.js";
import { PageElement, sheet } from "./page-element.js";
import type { Attachment, Citation, Problem, Session } from "./protocol.js";
import { rich } from "./rich.js";
import { Store, localArea } from "./storage.js";
import { choose, direction, fill, nameOf, words, type Words } from "./strings.js";
import { exact, relative } from "./time.js";

const AT_BOTTOM = 48;
const NEAR_TOP = 240;
const WINDOW = 100;
const MORE = 50;
const TYPING_EVERY_MS = 3_000;
const MAX_LENGTH = 10_000;
const FOCUSABLE = "a[href], button:not([disabled]), select, textarea, [tabindex='0']";

/** The conversation with its header and composer; fills the box it is put in. */
export class ChatView extends PageElement {
  static override sheets = [sheet(tokens), sheet(css)];
  static override watched = ["tip", "asking", "draft", "below"];

  /** The tenant's base address, without a trailing slash. */
  base = "";
  /** Over the tenant's own title, accent and language. */
  heading = "";
  accent = "";
  language = "";
  /** Inside a panel: has a close button, keeps the focus, closes on Escape. */
  closable = false;

  private declare tip: { citation: Citation; left: number; top: number; above: boolean } | null;
  private declare asking: boolean;
  private declare draft: string;
  /** Something new came while the view was scrolled up. */
  private declare below: boolean;

  #store!: Store;
  #client!: ChatClient;
  #list: Item[] = [];
  #size = WINDOW;
  #stick = true;
  #anchor: { row: Element; top: number } | null = null;
  readonly #keys = new Set<string>();
  readonly #born = new Set<string>();
  #clock: number | undefined;
  #typingTimer: number | undefined;
  #typedAt = 0;
  #asked = "";
  #resized: ResizeObserver | undefined;
  #watching = false;
  readonly #wake = () => {
    if (document.visibilityState === "visible") this.#client.wake();
    this.draw();
  };
  readonly #otherTab = (event: StorageEvent) => {
    if (this.#store.changedBy(event) && event.newValue !== this.#client.session?.conversation) void this.#client.start();
  };

  constructor() {
    super();
    this.draft = "";
    this.asking = this.below = false;
    this.tip = null;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#store = new Store(this.base, localArea());
    this.draft = this.#store.get("draft");
    this.#client = new ChatClient(
      this.base,
      this.#store,
      {
        fetch: (...args) => fetch(...args),
        WebSocket,
        EventSource,
        setTimeout: (run, ms) => window.setTimeout(run, ms),
        clearTimeout: (timer) => window.clearTimeout(timer),
        random: Math.random,
        now: Date.now,
      },
      () => this.#changed(),
    );
    this.#asked = (this.#wanted()[0] ?? "en").split("-")[0] ?? "en";
    void this.#client.start({ language: this.#asked });
    this.#clock = window.setInterval(() => this.draw(), 30_000);
    window.addEventListener("online", this.#wake);
    window.addEventListener("offline", this.#wake);
    window.addEventListener("storage", this.#otherTab);
    document.addEventListener("visibilitychange", this.#wake);
    // Images, fonts and the phone's keyboard change heights without an update of ours.
    this.#resized = new ResizeObserver(() => this.#toBottom());
  }

  disconnectedCallback(): void {
    this.#client.close();
    window.clearInterval(this.#clock);
    window.clearTimeout(this.#typingTimer);
    window.removeEventListener("online", this.#wake);
    window.removeEventListener("offline", this.#wake);
    window.removeEventListener("storage", this.#otherTab);
    document.removeEventListener("visibilitychange", this.#wake);
    this.#resized?.disconnect();
    this.#watching = false;
  }

  /** Put the cursor into the message box. */
  override focus(): void {
    this.find("textarea")?.focus();
  }

  get #scroller(): HTMLElement | null {
    return this.find(".scroll");
  }

  /** The languages the person would like, dearest first. */
  #wanted(): string[] {
    return [this.#store.get("language"), this.language, ...navigator.languages].filter(Boolean);
  }

  /** The language in use. */
  get tongue(): string {
    return choose(this.#wanted(), this.session?.config.languages ?? []);
  }

  #changed(): void {
    const config = this.#client.session?.config;
    if (config?.accent && config.accent !== this.#store.get("accent")) this.#store.set("accent", config.accent);
    if (config && config.languages.length && this.tongue.split("-")[0] !== this.#asked) {
      this.#asked = this.tongue.split("-")[0] ?? "";
      void this.#client.start({ language: this.tongue });
    }
    this.dispatchEvent(new CustomEvent("hookline-change"));
    this.draw();
  }

  /** How many messages of others are here, for the launcher's badge. */
  get received(): number {
    return this.#client.thread.messages.filter((m) => m.direction === "outbound").length;
  }

  get session(): Session | null {
    return this.#client.session;
  }

  get loaded(): boolean {
    return this.#client.loaded;
  }

  protected override beforeDraw(): void {
    const { thread, loaded, session } = this.#client;
    const talk = words(this.tongue, session?.config.strings);
    const empty = !thread.messages.length && !thread.pending.length;
    const greeting = loaded ? session?.config.greeting || (empty ? talk.hello : "") : "";
    const list = items(thread, greeting, session?.config.quick_replies ?? []);
    const known = this.#keys.size > 0;
    let after = false;
    for (const { key } of list) {
      if (this.#keys.has(key)) after = true;
      else if (known && after) this.#born.add(key);
      this.#keys.add(key);
    }
    const grew = list.at(-1)?.key !== this.#list.at(-1)?.key && this.#list.length > 0;
    if (grew && !this.#stick && list.at(-1)?.author !== "contact") this.below = true;
    this.#list = list;
    this.#scheduleTypingEnd();
    const scroller = this.#scroller;
    this.#anchor = null;
    if (!scroller || this.#stick) return;
    const top = scroller.getBoundingClientRect().top;
    for (const row of this.root.querySelectorAll(".row")) {
      const box = row.getBoundingClientRect();
      if (box.bottom <= top) continue;
      this.#anchor = { row, top: box.top };
      break;
    }
  }

  protected override afterDraw(): void {
    if (!this.#watching) for (const part of this.root.querySelectorAll(".scroll, .log")) this.#resized?.observe(part);
    this.#watching = true;
    wear(this, this.accent || this.session?.config.accent || this.#store.get("accent"));
    if (this.#anchor?.row.isConnected && this.#scroller) {
      this.#scroller.scrollTop += this.#anchor.row.getBoundingClientRect().top - this.#anchor.top;
    } else {
      this.#toBottom();
    }
  }

  #toBottom(): void {
    if (this.#stick && this.#scroller) this.#scroller.scrollTop = this.#scroller.scrollHeight;
  }

  #scheduleTypingEnd(): void {
    window.clearTimeout(this.#typingTimer);
    const left = this.#client.thread.typingUntil - Date.now();
    if (left > 0) this.#typingTimer = window.setTimeout(() => this.draw(), left + 20);
  }

  protected override template(): TemplateResult {
    const { session, loaded, failure } = this.#client;
    const talk = words(this.tongue, session?.config.strings);
    const blocked = failure && !failure.retrying;
    return html`<div class="chat" dir=${direction(this.tongue)} lang=${this.tongue} @keydown=${this.#onKey}>
      ${this.#header(talk)} ${this.#banner(talk)}
      <div class="scroll" tabindex="0" role="region" aria-label=${talk.messages} ?inert=${this.asking} @scroll=${this.#onScroll}>
        <div
          class="log"
          role="log"
          aria-live=${loaded && !this.#client.loadingOlder ? "polite" : "off"}
          aria-label=${talk.messages}
          aria-busy=${!loaded && !blocked}
          @click=${this.#onClick}
          @pointerover=${this.#onPoint}
          @pointerout=${this.#hideTip}
          @focusin=${this.#onPoint}
          @focusout=${this.#hideTip}
        >
          ${blocked ? this.#refusal(talk) : loaded || this.#list.length ? this.#rows(talk) : this.#skeleton(talk)}
        </div>
      </div>
      ${this.#composer(talk)} ${this.#bubbleTip()} ${this.asking ? this.#question(talk) : nothing}
    </div>`;
  }

  #header(talk: Words): TemplateResult {
    const { session, status, thread } = this.#client;
    const languages = session?.config.languages ?? [];
    const title = this.heading || session?.config.title || "";
    return html`<header ?inert=${this.asking}>
      <span class="dot ${status === "online" ? "online" : ""}"></span>
      <h2 title=${title}>${title}</h2>
      ${languages.length > 1
        ? html`<select aria-label=${talk.language} @change=${this.#onLanguage}>
            ${languages.map(
              (tag) => html`<option value=${tag} lang=${tag} ?selected=${tag === this.tongue}>${nameOf(tag)}</option>`,
            )}
          </select>`
        : nothing}
      <slot name="actions"></slot>
      ${thread.messages.length
        ? html`<button class="icon flip fresh" type="button" aria-label=${talk.newConversation} title=${talk.newConversation}
            @click=${this.#ask}>${freshIcon}</button>`
        : nothing}
      ${this.closable
        ? html`<button class="icon close" type="button" aria-label=${talk.close} title=${talk.close} @click=${this.#leave}>
            ${closeIcon}
          </button>`
        : nothing}
    </header>`;
  }

  #banner(talk: Words): unknown {
    const { failure, status, loaded, thread } = this.#client;
    if (failure && !failure.retrying) return nothing;
    if (!navigator.onLine) return html`<div class="banner" role="status">${talk.offline}</div>`;
    if (failure) {
      return html`<div class="banner" role="status">
        ${talk.unreachable} <button class="link" type="button" @click=${this.#wake}>${talk.retry}</button>
      </div>`;
    }
    if (loaded && status !== "online") return html`<div class="banner late" role="status">${talk.reconnecting}</div>`;
    const held = thread.pending.find((p) => p.state === "sending" && p.problem);
    return held ? html`<div class="banner" role="status">${talk.waiting}</div>` : nothing;
  }

  #refusal(talk: Words): TemplateResult {
    const problem: Problem = this.#client.failure?.problem ?? { title: "" };
    return html`<div class="box" role="alert">
      <p>${talk.refused}</p>
      <p class="detail">${problem.detail || problem.title}</p>
      <button type="button" @click=${() => void this.#client.start({ language: this.tongue })}>${talk.retry}</button>
    </div>`;
  }

  #skeleton(talk: Words): TemplateResult {
    return html`<div class="skeleton"><span class="hidden">${talk.loading}</span><i></i><i></i><i></i></div>`;
  }

  #rows(talk: Words): TemplateResult {
    const { thread } = this.#client;
    const shown = this.#list.slice(-this.#size);
    const replies = offered(this.#list);
    const typing = thread.typingUntil > Date.now() && !thread.streams.length;
    return html`${shown.length < this.#list.length || thread.older
      ? html`<button class="link early" type="button" ?disabled=${this.#client.loadingOlder} @click=${this.#more}>
          ${this.#client.loadingOlder ? talk.loading : talk.older}
        </button>`
      : nothing}
    ${repeat(
      shown,
      (item) => item.key,
      (item) => this.#row(item, talk),
    )}
    ${typing ? html`<div class="row first"><div class="bubble">${this.#dots(talk)}</div></div>` : nothing}
    ${replies.length
      ? html`<div class="replies">
          ${replies.map((text) => html`<button type="button" @click=${() => this.#say(text)}>${text}</button>`)}
        </div>`
      : nothing}`;
  }

  #row(item: Item, talk: Words): TemplateResult {
    const own = item.author === "contact";
    const who = { contact: talk.you, bot: talk.bot, agent: talk.agent, system: talk.system }[item.author];
    const classes = [
      "row",
      own ? "own" : item.author,
      item.first ? "first" : "",
      this.#born.has(item.key) ? "new" : "",
    ].join(" ");
    const named = item.author === "agent" && item.first;
    return html`<div class=${classes}>
      ${named ? html`<div class="name" aria-hidden="true">${who}</div>` : nothing}
      <div class="bubble ${item.state === "failed" ? "failed" : ""}" dir="auto"><span class="hidden">${who}: </span>${
        item.state === "waiting" ? this.#dots(talk) : own ? item.text : this.#body(item, talk)
      }${item.attachments.map((a) => this.#attachment(a))}</div>
      ${this.#meta(item, talk)}
    </div>`;
  }

  #body(item: Item, talk: Words): TemplateResult {
    const { citations } = item;
    const sources = {
      list: citations,
      href: (c: Citation) => this.#address(c.url),
      label: (n: number) => fill(talk.source, n),
      words: talk,
    };
    return html`${rich(item.text, sources)}
    ${citations.length
      ? html`<ol class="sources" aria-label=${talk.sources}>
          ${citations.map((c, i) => {
            const href = this.#address(c.url);
            const title = c.title || c.source || c.document;
            return html`<li>
              <span class="n">[${i + 1}]</span>
              ${href
                ? html`<a href=${href} data-cite=${i + 1} target="_blank" rel="noopener">${title}</a>`
                : html`<span>${title}</span>`}
            </li>`;
          })}
        </ol>`
      : nothing}`;
  }

  #attachment(a: Attachment): unknown {
    const href = this.#address(a.url);
    if (!href) return nothing;
    return a.media_type.startsWith("image/")
      ? html`<a href=${href} target="_blank" rel="noopener noreferrer"><img src=${href} alt=${a.name} loading="lazy" /></a>`
      : html`<p><a href=${href} target="_blank" rel="noopener noreferrer">${a.name || href}</a></p>`;
  }

  #meta(item: Item, talk: Words): unknown {
    if (item.state === "failed") {
      return html`<div class="meta">
        <span class="error">${talk.failed} ${item.problem?.detail || item.problem?.title || ""}</span>
        <button class="link" type="button" @click=${() => this.#client.retry(item.pending)}>${talk.retry}</button>
        <button class="link" type="button" @click=${() => this.#client.discard(item.pending)}>${talk.discard}</button>
      </div>`;
    }
    if (!item.last || item.author === "system" || !item.at) return nothing;
    const state = item.state === "sending" ? talk.sending : item.state === "sent" ? talk.sent : "";
    return html`<div class="meta">
      <time datetime=${new Date(item.at * 1000).toISOString()} title=${exact(item.at, this.tongue)}
        >${relative(item.at, Date.now() / 1000, this.tongue)}</time
      >${state
        ? html`<span title=${state}>${item.state === "sending" ? clockIcon : checkIcon}<span class="hidden">${state}</span></span>`
        : nothing}
    </div>`;
  }

  #dots(talk: Words): TemplateResult {
    return html`<span class="dots"><i></i><i></i><i></i><span class="hidden">${talk.typing}</span></span>`;
  }

  #composer(talk: Words): TemplateResult {
    const over = [...this.draft].length - (this.#client.session?.config.max_length ?? MAX_LENGTH);
    const blocked = !!this.#client.failure && !this.#client.failure.retrying;
    return html`<div class="below" ?inert=${this.asking}>
      ${this.below
        ? html`<button class="jump" type="button" @click=${this.#jump}>${talk.latest} ↓</button>`
        : nothing}
      <form @submit=${this.#onSubmit}>
        <textarea
          rows="1"
          dir="auto"
          enterkeyhint="send"
          autocomplete="off"
          aria-label=${talk.write}
          aria-invalid=${over > 0}
          placeholder=${this.#client.session?.config.placeholder || talk.placeholder}
          .value=${this.draft}
          @input=${this.#onInput}
        ></textarea>
        <button class="send" type="submit" aria-label=${talk.send} title=${talk.send}
          ?disabled=${!this.draft.trim() || over > 0 || blocked}>${sendIcon}</button>
      </form>
      ${over > 0 ? html`<div class="note" role="alert">${fill(talk.tooLong, over)}</div>` : nothing}
    </div>`;
  }

  #bubbleTip(): unknown {
    if (!this.tip) return nothing;
    const { citation, left, top, above } = this.tip;
    return html`<div class="tip ${above ? "above" : ""}" id="tip" role="tooltip" dir="auto" .style=${`left:${left}px;top:${top}px`}>
      <b>${citation.title}</b>${citation.text}
    </div>`;
  }

  #question(talk: Words): TemplateResult {
    return html`<div class="ask" role="alertdialog" aria-modal="true" aria-labelledby="ask">
      <div class="box">
        <p id="ask">${talk.newConversationAsk}</p>
        <div class="choices">
          <button class="primary" type="button" @click=${this.#restart}>${talk.newConversation}</button>
          <button type="button" @click=${this.#unask}>${talk.cancel}</button>
        </div>
      </div>
    </div>`;
  }

  /** `url` of the server against the tenant's address; "" where it can't be opened. */
  #address(url: string): string {
    if (!url) return "";
    try {
      return safeLink(new URL(url, `${this.base}/`).href)?.href ?? "";
    } catch {
      return "";
    }
  }

  #write(draft: string): void {
    this.draft = draft;
    this.#store.set("draft", draft);
  }

  #say(text: string): void {
    this.#stick = true;
    this.below = false;
    this.#client.send(text);
  }

  readonly #onSubmit = (event: Event) => {
    event.preventDefault();
    const text = this.draft.trim();
    const send = this.find<HTMLButtonElement>(".send");
    if (!text || send?.disabled) return;
    this.#write("");
    this.#say(text);
    this.focus();
  };

  readonly #onInput = (event: Event) => {
    this.#write((event.target as HTMLTextAreaElement).value);
    if (Date.now() - this.#typedAt < TYPING_EVERY_MS || !this.draft) return;
    this.#typedAt = Date.now();
    this.#client.typing();
  };

  readonly #onKey = (event: KeyboardEvent) => {
    if (event.key === "Enter" && event.target instanceof HTMLTextAreaElement) {
      // While an input method composes, Enter picks a word.
      if (event.shiftKey || event.isComposing || event.keyCode === 229) return;
      this.#onSubmit(event);
    } else if (event.key === "Escape") {
      if (this.tip) this.#hideTip();
      else if (this.asking) this.#unask();
      else if (this.closable) this.#leave();
      else return;
      event.preventDefault();
      event.stopPropagation();
    } else if (event.key === "Tab" && this.closable) {
      this.#keepFocus(event);
    }
  };

  #keepFocus(event: KeyboardEvent): void {
    const all = [...this.root.querySelectorAll<HTMLElement>(FOCUSABLE)].filter(
      (el) => !el.closest("[inert]") && el.offsetParent !== null,
    );
    const from = this.root.activeElement;
    const edge = event.shiftKey ? all[0] : all.at(-1);
    if (from !== edge) return;
    event.preventDefault();
    (event.shiftKey ? all.at(-1) : all[0])?.focus();
  }

  readonly #onScroll = () => {
    const el = this.#scroller;
    if (!el) return;
    this.#hideTip();
    this.#stick = el.scrollHeight - el.scrollTop - el.clientHeight < AT_BOTTOM;
    if (this.#stick) {
      this.below = false;
      if (this.#size > WINDOW) {
        this.#size = WINDOW;
        this.draw();
      }
    } else if (el.scrollTop < NEAR_TOP) {
      this.#more();
    }
  };

  readonly #more = () => {
    if (this.#list.length > this.#size) {
      this.#size += MORE;
      this.draw();
    } else if (this.#client.thread.older) {
      this.#size += MORE;
      void this.#client.older();
    }
  };

  readonly #jump = () => {
    this.#stick = true;
    this.below = false;
    this.draw();
    this.focus();
  };

  readonly #onLanguage = (event: Event) => {
    const language = (event.target as HTMLSelectElement).value;
    this.#store.set("language", language);
    this.#asked = language.split("-")[0] ?? "";
    void this.#client.start({ language });
    this.draw();
  };

  readonly #leave = () => {
    this.dispatchEvent(new CustomEvent("hookline-close"));
  };

  readonly #ask = () => {
    this.asking = true;
    void this.drawn.then(() => this.find(".ask .primary")?.focus());
  };

  readonly #unask = () => {
    this.asking = false;
    void this.drawn.then(() => this.find(".fresh")?.focus());
  };

  readonly #restart = () => {
    this.asking = false;
    this.#stick = true;
    this.#keys.clear();
    this.#born.clear();
    void this.#client.start({ language: this.tongue, fresh: true }).then(() => this.focus());
  };

  #cited(event: Event): { mark: HTMLElement; citation: Citation } | null {
    const mark = (event.target as Element).closest<HTMLElement>("[data-cite]");
    const row = mark?.closest(".row");
    if (!mark || !row) return null;
    const rows = [...this.root.querySelectorAll(".row")];
    const item = this.#list.slice(-this.#size)[rows.indexOf(row)];
    const citation = item?.citations[Number(mark.dataset["cite"]) - 1];
    return citation ? { mark, citation } : null;
  }

  readonly #onClick = (event: Event) => {
    const hit = this.#cited(event);
    if (!hit) return;
    const opened = new CustomEvent("hookline-citation", { detail: hit.citation, bubbles: true, composed: true, cancelable: true });
    if (!this.dispatchEvent(opened)) event.preventDefault();
  };

  readonly #onPoint = (event: Event) => {
    const hit = this.#cited(event);
    if (!hit || !hit.mark.classList.contains("cite") || !hit.citation.text) return;
    const frame = this.find(".chat")?.getBoundingClientRect();
    if (!frame) return;
    const box = hit.mark.getBoundingClientRect();
    const width = Math.min(320, frame.width - 24);
    const left = Math.max(12, Math.min(box.left - frame.left - 16, frame.width - width - 12));
    const above = box.top - frame.top > frame.height / 2;
    this.tip = { citation: hit.citation, left, top: (above ? box.top - 6 : box.bottom + 6) - frame.top, above };
    hit.mark.setAttribute("aria-describedby", "tip");
  };

  readonly #hideTip = () => {
    if (this.tip) this.tip = null;
  };
}

if (!customElements.get("hookline-chat")) customElements.define("hookline-chat", ChatView);
