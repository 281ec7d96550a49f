import { html, LitElement, nothing, unsafeCSS, type PropertyValues, type TemplateResult } from "lit";
import forms from "../../../../web/forms.css?inline";
import { closeIcon } from "../../../../web/icons.js";
import { Refused } from "../../../../web/request.js";
import { OWN, signInPage, SignedOut } from "../../../../web/session.js";
import "../../../../web/staff-pages.js";
import tokens from "../../../../web/tokens.css?inline";
import { Api, type Content, type Phone, type Row } from "./api.js";
import type { Around } from "./bubble.js";
import { chatOf } from "./chat.js";
import { Feed } from "./feed.js";
import { fresh, key, listOf, type Adding } from "./list.js";
import look from "./look.css?inline";
import { Outbox } from "./outbox.js";
import { Phones } from "./phones.js";
import { Receipts } from "./receipts.js";
import { keysIcon } from "./signs.js";
import { Store, type Device } from "./store.js";
import { turnOf } from "./turn.js";
import { Watch } from "./watch.js";
import { LANGUAGES, tongue, wordsOf, type Words } from "./words.js";
import { Writer } from "./writer.js";

type Door = "loading" | "open" | "unreachable" | "forbidden" | "gone";
const TICK = 20_000;
const SOON = 120;
const RETRY = 3_000;

/** The simulator's page: customers' phones on the left, one of them in the middle, the turn as it went on the right. */
export class SimulatorPage extends LitElement {
  static override styles = [unsafeCSS(tokens), unsafeCSS(forms), unsafeCSS(look)];
  static override properties = Object.fromEntries(
    ["door", "phone", "pending", "menu", "adding", "wanted", "side", "online", "now", "device", "language"].map((name) => [name, { state: true }]),
  );

  declare door: Door;
  declare phone: Phone | null;
  declare pending: readonly Row[];
  declare menu: string;
  declare adding: Adding | null;
  declare wanted: string;
  declare side: boolean;
  declare online: boolean;
  declare now: number;
  declare device: Device;
  declare language: string;

  readonly #base = new URL(import.meta.url).pathname.replace(/\/whatsapp\/static\/.*$/, "");
  readonly #api = new Api(this.#base);
  readonly #store = new Store(this.#base);
  readonly #wide = matchMedia("(width >= 1100px)");
  readonly #receipts = new Receipts(this.#api);
  readonly #book = new Phones(this.#api, this.#store);
  readonly #outbox = new Outbox(this.#api, this.#store, {
    pending: (rows) => (this.pending = rows),
    sent: async (phone) => this.#soon(phone.address),
    failed: (error) => this.#failed(error),
  });
  readonly #watch = new Watch(this.#api, {
    changed: () => this.requestUpdate(),
    shown: (screen) => {
      this.#outbox.settle(new Set(screen.messages.map((row) => row.id)));
      this.#receive();
    },
  });
  readonly #writer = new Writer(this.#store, {
    changed: () => this.requestUpdate(),
    focus: (what) => this.#focus(what),
    say: (message, phone) => this.#say(message, phone),
    upload: (file, name) => this.#outbox.upload(file, name, this.#watch.at),
    pick: () => this.renderRoot.querySelector<HTMLInputElement>("input[type=file]")?.click(),
  });
  readonly #feed = new Feed(this.#base, this.#api.events, {
    ready: () => void this.#refresh(),
    changed: (address) => this.#soon(address),
    typing: (address) => this.#watch.writes(address),
    lost: () => (this.online = false),
  });
  readonly #stirred = new Set<string>();
  #stir: ReturnType<typeof setTimeout> | undefined;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #timers: ReturnType<typeof setInterval>[] = [];
  #bottom = true;

  constructor() {
    super();
    this.door = "loading";
    this.phone = this.adding = null;
    this.pending = [];
    this.menu = this.wanted = "";
    this.side = this.#wide.matches;
    this.online = true;
    this.now = Date.now() / 1000;
    this.device = this.#store.device;
    this.language = this.#store.language in LANGUAGES ? this.#store.language : tongue();
  }

  get talk(): Words {
    return wordsOf(this.language);
  }

  get phones(): readonly Phone[] {
    return this.#book.all;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    window.addEventListener("hashchange", this.#onHash);
    window.addEventListener("keydown", this.#onKey);
    this.#wide.addEventListener("change", this.#onWidth);
    document.addEventListener("visibilitychange", this.#onSight);
    this.#timers = [setInterval(() => (this.now = Date.now() / 1000), TICK), setInterval(() => this.#writer.tick(), 500)];
    void this.#enter();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    window.removeEventListener("hashchange", this.#onHash);
    window.removeEventListener("keydown", this.#onKey);
    this.#wide.removeEventListener("change", this.#onWidth);
    document.removeEventListener("visibilitychange", this.#onSight);
    for (const one of this.#timers) clearInterval(one);
    clearTimeout(this.#retry);
    this.#feed.close();
    this.#writer.close();
  }

  async #enter(): Promise<void> {
    this.door = "loading";
    try {
      await this.#book.load();
      this.door = "open";
      this.#onHash();
      this.#feed.open();
    } catch (error) {
      this.#failed(error);
    }
  }

  #failed(error: unknown): void {
    if (error instanceof SignedOut) location.replace(signInPage(this.#base));
    else if (error instanceof Refused && error.status === 403) this.door = "forbidden";
    else if (error instanceof Refused && error.status === 404) this.door = "gone";
    else if (this.door !== "open") this.door = "unreachable";
    else {
      this.online = false;
      clearTimeout(this.#retry);
      this.#retry = setTimeout(() => void this.#refresh(), RETRY);
    }
  }

  // -- what happens elsewhere ----------------------------------------------------------------------------------------

  /** Everything may be old: look, and send what is not sent yet. */
  async #refresh(): Promise<void> {
    try {
      await this.#book.load();
      await this.#watch.look();
    } catch (error) {
      this.#failed(error);
      return;
    }
    this.online = true;
    this.requestUpdate();
    this.#outbox.resend();
  }

  /** A message makes several things happen at once: look when they have. */
  #soon(address: string): void {
    this.#stirred.add(address);
    this.#stir ??= setTimeout(() => {
      this.#stir = undefined;
      const stirred = [...this.#stirred];
      this.#stirred.clear();
      void this.#changed(stirred.find((one) => one === this.phone?.address) ?? stirred[0] ?? "");
    }, SOON);
  }

  async #changed(address: string): Promise<void> {
    try {
      if (address === this.phone?.address) await this.#watch.look();
      if (address) await this.#book.stirred(address, this.#watch.at);
      this.requestUpdate();
    } catch (error) {
      this.#failed(error);
    }
  }

  readonly #onWidth = () => void (this.side = this.#wide.matches);
  readonly #onSight = () => this.#receive();

  // -- one phone -----------------------------------------------------------------------------------------------------

  readonly #onHash = () => {
    const phone = this.#book.find(decodeURIComponent(location.hash.slice(1)));
    if (phone && this.phone && key(phone) === key(this.phone)) return;
    this.phone = phone;
    this.menu = "";
    this.#watch.open(phone);
    this.#outbox.open(phone);
    this.#writer.open(phone);
    this.#bottom = true;
    if (!phone) return;
    void this.updateComplete.then(() => this.renderRoot.querySelector(".phone[aria-current=true]")?.scrollIntoView({ block: "nearest" }));
    this.#watch.look().then(
      () => this.#focus("textarea"),
      (error: unknown) => this.#failed(error),
    );
  };

  async #earlier(): Promise<void> {
    const log = this.renderRoot.querySelector(".log");
    const below = log ? log.scrollHeight - log.scrollTop : 0;
    await this.#watch.earlier().catch((error: unknown) => this.#failed(error));
    await this.updateComplete;
    if (log) log.scrollTop = log.scrollHeight - below;
  }

  /** Report what the phone does with what it got. */
  #receive(): void {
    if (!document.hidden) void this.#receipts.report(this.#watch.screen?.messages ?? [], this.device);
  }

  #say(message: Content, phone: Phone | null = this.phone): void {
    this.#bottom ||= phone === this.phone;
    if (phone) this.#outbox.say(message, this.#watch.at, phone);
  }

  #act(what: Parameters<Around["act"]>[0], item: Parameters<Around["act"]>[1]): void {
    this.menu = "";
    const id = item.row.id;
    if (what === "again") this.#outbox.again(item.row);
    else if (what === "erase") this.#say({ type: "revoke", revoke: { original_message_id: id } });
    else if (what === "reply") this.#writer.reply(item);
    else if (what === "edit") this.#writer.edit(item);
    else this.#then(this.#api.report([id], what));
  }

  /** Look when it is done. */
  #then(work: Promise<unknown>): void {
    work.then(() => this.#watch.look()).catch((error: unknown) => this.#failed(error));
  }

  #add(adding: Adding): void {
    const made = this.#book.add(adding);
    this.adding = made ? null : { ...adding, wrong: true };
    if (!made) return;
    this.wanted = "";
    location.hash = encodeURIComponent(key(made));
  }

  // -- keys and focus ------------------------------------------------------------------------------------------------

  readonly #onKey = (event: KeyboardEvent) => {
    const typing = (event.composedPath()[0] as Element).matches?.("input, textarea, select");
    if (event.key === "?" && !typing) this.renderRoot.querySelector("dialog")?.showModal();
    else if (event.key === "Escape") this.#escape();
    else if (event.altKey && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
      const at = this.phones.findIndex((one) => this.phone && key(one) === key(this.phone));
      const next = this.phones[Math.max(0, at + (event.key === "ArrowDown" ? 1 : -1))];
      if (next) location.hash = encodeURIComponent(key(next));
    } else return;
    if (event.key !== "Escape") event.preventDefault();
  };

  #escape(): void {
    if (this.menu) {
      const more = this.renderRoot.querySelector<HTMLElement>(".more[aria-expanded=true]");
      this.menu = "";
      more?.focus();
    } else if (this.#writer.escape()) return;
    else if (this.adding) this.adding = null;
    else if (this.wanted) this.wanted = "";
    else if (this.side && !this.#wide.matches) this.side = false;
  }

  #focus(what: string): void {
    // On a phone it would open the keyboard over what one came to read.
    if (matchMedia("(pointer: coarse)").matches && what === "textarea") return;
    void this.updateComplete.then(() => this.renderRoot.querySelector<HTMLElement>(what)?.focus());
  }

  protected override willUpdate(changed: PropertyValues): void {
    const log = this.renderRoot?.querySelector?.(".log");
    if (log) this.#bottom ||= log.scrollHeight - log.scrollTop - log.clientHeight < 60;
    if (changed.has("language")) {
      document.documentElement.lang = this.language;
      document.title = this.talk.title;
    }
  }

  protected override updated(changed: PropertyValues): void {
    const log = this.renderRoot.querySelector(".log");
    if (log && this.#bottom) log.scrollTop = log.scrollHeight;
    if (this.#watch.screen) this.#bottom = false;
    if (changed.has("menu") && this.menu) this.renderRoot.querySelector(".log .menu")?.scrollIntoView({ block: "nearest" });
    if (changed.has("adding") && this.adding && !changed.get("adding")) this.renderRoot.querySelector<HTMLElement>("input[name=name]")?.focus();
  }

  // -- the picture ---------------------------------------------------------------------------------------------------

  override render(): TemplateResult {
    const { talk, language } = this;
    const { staff } = this.#book.directory;
    const show = () => this.renderRoot.querySelector("dialog")?.showModal();
    return html`<header>
        ${staff ? html`<hookline-pages .base=${this.#base} .language=${language}></hookline-pages>` : nothing}
        <h1>${talk.title}</h1>
        <span class="soft note">${talk.nobody}</span>
        <span class="grow"></span>
        <select class="tongue" aria-label=${talk.pageLanguage} title=${talk.pageLanguage} 
          @change=${(event: Event) => (this.language = this.#store.language = (event.target as HTMLSelectElement).value)}>
          ${Object.entries(LANGUAGES).map(([tag, name]) => html`<option value=${tag} lang=${tag} ?selected=${tag === language}>${name}</option>`)}
        </select>
        ${this.door === "open" ? html`<button class="icon keys" type="button" aria-label=${talk.keys} title=${talk.keys} @click=${show}>${keysIcon}</button>` : nothing}
        ${this.door === "open" && staff ? html`<button class="link" type="button" @click=${this.#leave}>${talk.leave}</button>` : nothing}
      </header>
      ${this.online || this.door !== "open" ? nothing : html`<p class="offline" role="alert">${talk.offline}</p>`}
      ${this.door === "open" ? this.#desk() : this.#closed()}
      <dialog aria-label=${talk.keys}><h2>${talk.keys}</h2>
        <dl>${talk.keysList.map(([keys, what]) => html`<dt><kbd>${keys}</kbd></dt><dd>${what}</dd>`)}</dl>
        <form method="dialog"><button class="button">${talk.close}</button></form></dialog>`;
  }

  #closed(): TemplateResult {
    const { talk } = this;
    if (this.door === "loading") return html`<main><p class="empty" role="status">${talk.loading}</p></main>`;
    const said = { unreachable: talk.unreachable, forbidden: talk.forbidden, gone: talk.gone }[this.door as "gone"];
    return html`<main><div class="empty" role="alert"><p>${said}</p>
      <button class="button" type="button" @click=${() => void this.#enter()}>${talk.retry}</button></div></main>`;
  }

  #desk(): TemplateResult {
    const { talk, phone, phones } = this;
    const { directory } = this.#book;
    const list = { directory, phones, chosen: phone ? key(phone) : "", adding: this.adding, wanted: this.wanted, now: this.#watch.at };
    const names = listOf(list, talk, this.language, {
      choose: (one) => (location.hash = encodeURIComponent(key(one))),
      add: (adding) => this.#add(adding),
      type: (adding) => (this.adding = adding),
      begin: () => (this.adding = { name: "", phone: fresh(directory.tenant.region, phones), number: directory.numbers[0]?.id ?? "simulator", wrong: false }),
      cancel: () => (this.adding = null),
      want: (wanted) => (this.wanted = wanted),
    });
    return html`<main class=${phone ? "chatting" : "listing"}>
      <nav aria-label=${talk.customers}>${names}</nav>
      ${phone ? this.#chat(phone) : html`<section class="chat none"><p class="empty">${phones.length ? talk.pick : talk.first}</p></section>`}
      ${this.side && phone
        ? html`<aside aria-label=${talk.turn}><div class="head"><h2>${talk.turn}</h2>
            <button class="icon narrow" type="button" aria-label=${talk.hide} @click=${() => (this.side = false)}>${closeIcon}</button></div>
            ${turnOf(this.#watch.screen?.turn ?? null, talk)}</aside>`
        : nothing}
    </main>`;
  }

  #chat(phone: Phone): TemplateResult {
    const { pending, side, device } = this;
    const { screen, typing } = this.#watch;
    const writer = this.#writer;
    const { tenant } = this.#book.directory;
    const around: Around = {
      talk: this.talk,
      language: this.language,
      business: tenant.title,
      menu: this.menu,
      file: (id, called) => this.#api.file(id, called),
      open: (id) => (this.menu = id),
      act: (what, item) => this.#act(what, item),
      react: (item, emoji) => {
        this.menu = "";
        this.#say({ type: "reaction", reaction: { message_id: item.row.id, emoji } });
      },
      choose: (item, reply) => this.#say({ type: "interactive", interactive: reply, context: { id: item.row.id } }),
    };
    return chatOf({ phone, screen, pending, typing, side, device, now: this.#watch.at, writing: writer, languages: tenant.languages }, around, {
      earlier: () => void this.#earlier(),
      pass: (hours) => this.#then(this.#api.pass(phone, hours)),
      side: () => (this.side = !this.side),
      device: (chosen) => {
        this.device = this.#store.device = chosen;
        this.#receive();
      },
      greet: (body) => this.#say({ type: "text", text: { body } }),
      type: (draft) => writer.type(draft),
      send: () => void writer.submit(),
      drop: (what) => writer.drop(what),
      attach: (open) => writer.attach(open),
      extra: (what) => void writer.extra(what),
      take: (file) => writer.take(file),
      record: (what) => void writer.record(what),
    });
  }

  readonly #leave = async () => {
    await fetch(`${this.#base}/auth/logout`, { method: "POST", headers: OWN }).catch(() => undefined);
    location.replace(signInPage(this.#base));
  };
}

if (!customElements.get("hookline-simulator")) customElements.define("hookline-simulator", SimulatorPage);
