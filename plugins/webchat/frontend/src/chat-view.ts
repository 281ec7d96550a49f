import { html, nothing, type TemplateResult } from "lit/html.js";
import { repeat } from "lit/directives/repeat.js";
import tokens from "../../../../web/tokens.css?inline";
import css from "./chat-view.css?inline";
import { place, tipOf, type Tip } from "../../../../web/tip.js";
import { bubble, dots, type Around } from "./bubble.js";
import { citedBy, type Cited } from "./cited.js";
import { ChatClient } from "./client.js";
import { wear } from "../../../../web/colour.js";
import { REAL } from "./connection.js";
import { keepFocus } from "../../../../web/focus.js";
import { composer } from "./composer.js";
import { head } from "./head.js";
import { items, offered, type Item } from "./items.js";
import { PageElement, sheet } from "../../../../web/page-element.js";
import type { Session } from "./protocol.js";
import { banner, question, refusal, skeleton } from "./states.js";
import { Store, localArea } from "./storage.js";
import { choose, direction, words, type Words } from "./strings.js";
import { Viewport } from "./viewport.js";
import { Voice } from "./voice-load.js";

const TYPING_EVERY_MS = 3_000;
const MAX_LENGTH = 10_000;

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

  private declare tip: Tip | null;
  private declare asking: boolean;
  private declare draft: string;
  /** Something new came while the view was scrolled up. */
  private declare below: boolean;

  #store!: Store;
  #client!: ChatClient;
  #list: Item[] = [];
  readonly #view = new Viewport();
  readonly #keys = new Set<string>();
  readonly #born = new Set<string>();
  #clock: number | undefined;
  #typingTimer: number | undefined;
  #typedAt = 0;
  #asked = "";
  #voice!: Voice;
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
    this.#client = new ChatClient(this.base, this.#store, REAL, () => this.#changed());
    this.#voice = new Voice(this, () => this.#client, () => this.#follow());
    this.#asked = this.#wanted()[0] ?? "en";
    void this.#client.start({ language: this.#asked });
    this.#clock = window.setInterval(() => this.draw(), 30_000);
    window.addEventListener("online", this.#wake);
    window.addEventListener("offline", this.#wake);
    window.addEventListener("storage", this.#otherTab);
    document.addEventListener("visibilitychange", this.#wake);
  }

  disconnectedCallback(): void {
    this.#client.close();
    this.#voice.speech?.close();
    window.clearInterval(this.#clock);
    window.clearTimeout(this.#typingTimer);
    window.removeEventListener("online", this.#wake);
    window.removeEventListener("offline", this.#wake);
    window.removeEventListener("storage", this.#otherTab);
    document.removeEventListener("visibilitychange", this.#wake);
    this.#view.close();
  }

  /** Put the cursor into the message box. */
  override focus(): void {
    this.find("textarea")?.focus();
    this.#look();
  }

  /** What is on the screen of somebody who looks is read. */
  #look(): void {
    if (document.visibilityState === "visible" && this.checkVisibility?.()) this.#client.looked();
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
    // The server took another of its languages than the person would: say which, once.
    if (config?.language && config.language !== this.tongue && this.#asked !== this.tongue) {
      this.#asked = this.tongue;
      void this.#client.start({ language: this.tongue });
    }
    if (config?.recorder) this.#voice.want(config.recorder.max_seconds, this.tongue, config.strings);
    this.dispatchEvent(new CustomEvent("hookline-change"));
    this.draw();
  }

  /** How many messages of others are here, for the launcher's badge. */
  get received(): number {
    return this.#client.thread.messages.filter((m) => m.direction === "outbound" && !m.data?.speaks_for).length;
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
    if (grew && !this.#view.stick && list.at(-1)?.author !== "contact") this.below = true;
    this.#list = list;
    this.#scheduleTypingEnd();
    this.#view.hold();
  }

  protected override afterDraw(): void {
    this.#look();
    this.#view.watch(this.find(".scroll"), this.find(".log"));
    wear(this, this.accent || this.session?.config.accent || this.#store.get("accent"));
    this.#view.settle();
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
      ${this.#header(talk)} ${banner(this.#client, talk, this.#wake)}
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
          ${blocked ? refusal(this.#client, talk, this.#again) : loaded || this.#list.length ? this.#rows(talk) : skeleton(talk)}
        </div>
      </div>
      ${this.#composer(talk)} ${this.tip ? tipOf(this.tip) : nothing} ${this.asking ? question(talk, this.#restart, this.#unask) : nothing}
    </div>`;
  }

  #header(talk: Words): TemplateResult {
    const { session, status, thread } = this.#client;
    return head({
      talk,
      title: this.heading || session?.config.title || "",
      online: status === "online",
      languages: session?.config.languages ?? [],
      tongue: this.tongue,
      begun: thread.messages.length > 0,
      closable: this.closable,
      inert: this.asking,
      choose: this.#onLanguage,
      fresh: this.#ask,
      leave: this.#leave,
    });
  }

  #rows(talk: Words): TemplateResult {
    const { thread } = this.#client;
    const shown = this.#list.slice(-this.#view.size);
    const replies = offered(this.#list);
    const typing = thread.typingUntil > Date.now() && !thread.streams.length;
    const around: Around = {
      talk,
      language: this.tongue,
      base: this.base,
      retry: (id) => this.#client.retry(id),
      discard: (id) => this.#client.discard(id),
      heard: this.#voice.speech?.words ?? { hearing: "…", notTaken: "" },
      play: (sound, own) => this.#voice.player(sound, own),
    };
    return html`${shown.length < this.#list.length || thread.older
      ? html`<button class="link early" type="button" ?disabled=${this.#client.loadingOlder} @click=${this.#more}>
          ${this.#client.loadingOlder ? talk.loading : talk.older}
        </button>`
      : nothing}
    ${repeat(
      shown,
      (item) => item.key,
      (item) => bubble(item, this.#born.has(item.key), around),
    )}
    ${typing ? html`<div class="row first"><div class="bubble">${dots(talk)}</div></div>` : nothing}
    ${replies.length
      ? html`<div class="replies">
          ${replies.map((text) => html`<button type="button" @click=${() => this.#say(text)}>${text}</button>`)}
        </div>`
      : nothing}`;
  }

  #composer(talk: Words): TemplateResult {
    const { session, failure } = this.#client;
    return composer({
      talk,
      draft: this.draft,
      placeholder: session?.config.placeholder || talk.placeholder,
      over: [...this.draft].length - (session?.config.max_length ?? MAX_LENGTH),
      blocked: !!failure && !failure.retrying,
      inert: this.asking,
      below: this.below,
      speech: session?.config.recorder ? this.#voice.speech : null,
      jump: this.#jump,
      submit: this.#onSubmit,
      input: this.#onInput,
    });
  }

  #write(draft: string): void {
    this.draft = draft;
    this.#store.set("draft", draft);
  }

  #follow(): void {
    this.#view.stick = true;
    this.below = false;
  }

  #say(text: string): void {
    this.#follow();
    this.#client.send(text);
    this.#typedAt = 0; // a message ends what was shown of its typing: the next word is news again
  }

  readonly #onSubmit = (event: Event) => {
    event.preventDefault();
    if (this.#voice.speech?.on) return void this.#voice.speech.finish();
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
      else if (this.#voice.speech?.on) void this.#voice.speech.drop();
      else if (this.closable) this.#leave();
      else return;
      event.preventDefault();
      event.stopPropagation();
    } else if (event.key === "Tab" && this.closable) {
      keepFocus(this.root, event);
    }
  };

  readonly #onScroll = () => {
    this.#hideTip();
    const { size } = this.#view;
    const more = this.#view.scrolled();
    if (this.#view.stick) this.below = false;
    if (more) this.#more();
    else if (this.#view.size !== size) this.draw();
  };

  readonly #more = () => {
    if (this.#list.length > this.#view.size) {
      this.#view.grow();
      this.draw();
    } else if (this.#client.thread.older) {
      this.#view.grow();
      void this.#client.older();
    }
  };

  readonly #jump = () => {
    this.#follow();
    this.draw();
    this.focus();
  };

  readonly #onLanguage = (event: Event) => {
    const language = (event.target as HTMLSelectElement).value;
    this.#store.set("language", language);
    this.#asked = language;
    void this.#client.start({ language });
    this.draw();
  };

  readonly #again = () => void this.#client.start({ language: this.tongue });

  readonly #leave = () => {
    this.#voice.speech?.close();
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
    this.#voice.speech?.close();
    this.#view.stick = true;
    this.#keys.clear();
    this.#born.clear();
    void this.#client.start({ language: this.tongue, fresh: true }).then(() => this.focus());
  };

  #cited(event: Event): Cited | null {
    return citedBy(event, this.root, this.#list.slice(-this.#view.size));
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
    this.tip = place(hit.citation, hit.mark.getBoundingClientRect(), frame);
    hit.mark.setAttribute("aria-describedby", "tip");
  };

  readonly #hideTip = () => {
    if (this.tip) this.tip = null;
  };
}

if (!customElements.get("hookline-chat")) customElements.define("hookline-chat", ChatView);
