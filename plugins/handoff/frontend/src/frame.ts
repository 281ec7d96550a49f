import { html, nothing, type PropertyValues, type TemplateResult } from "lit";
import { wear } from "../../../../web/colour.js";
import { direction, primary } from "../../../../web/direction.js";
import { act } from "./acts.js";
import { readAddress, writeAddress } from "./address.js";
import { Bell } from "./bell.js";
import type { ComposerView, Mode } from "./composer.js";
import { Desk } from "./desk.js";
import { showDocument } from "./document.js";
import { door } from "./door.js";
import { ago, type Asking } from "./floor.js";
import { focused } from "./focus.js";
import { CHOICES, type Choices } from "./keep.js";
import { Keyboard } from "./keyboard.js";
import type { Deed } from "./keys.js";
import type { List } from "./list.js";
import look from "./look/frame.css?inline";
import { looks, Part, state } from "./part.js";
import type { Citation } from "./protocol.js";
import type { Side } from "./side.js";
import { sheetOf } from "./sheets-shown.js";
import { banner, toast } from "./told.js";
import { nameOfView, wantedOf, type Order, type Wanted } from "./views.js";
import type { TaskList } from "./tasks.js";
import type { Note } from "./tools.js";
import { localeOf, wordsOf } from "./words.js";

const NOTE_MS = 7_000;

/** The whole page: rail, list, thread and panel, its address, its keys and its sheets. */
export class Frame extends Part {
  static override styles = looks(look);
  static override properties = state("choices", "view", "narrowed", "shown", "sheet", "drawer", "panelOpen", "asking", "refused", "task");

  declare choices: Choices;
  declare view: string;
  declare narrowed: Partial<Wanted>;
  /** The conversation that is open. */
  declare shown: string;
  declare sheet: string;
  /** On a phone: the rail lies over the list. */
  declare drawer: boolean;
  /** On a phone or a narrow screen: the panel lies over the thread. */
  declare panelOpen: boolean;
  declare asking: Asking;
  /** Why nobody could be logged in. */
  declare refused: string;
  /** The task whose sheet is open; "" for a new one. */
  declare task: string;

  readonly #base = new URL(import.meta.url).pathname.replace(/\/console\/static\/.*$/, "");
  readonly #bell = new Bell();
  readonly #wide = matchMedia("(min-width: 1180px)");
  readonly #roomy = matchMedia("(min-width: 1000px)");
  readonly #phone = matchMedia("(max-width: 719px)");
  #gone: number | undefined;
  #told: unknown;

  constructor() {
    super();
    this.desk = new Desk(this.#base, this.#bell);
    this.choices = CHOICES;
    this.sheet = this.refused = this.task = "";
    this.drawer = this.panelOpen = false;
    this.view = "mine";
    this.narrowed = {};
    this.shown = "";
    this.asking = { by: "day", from: ago(13), to: ago(0) };
    this.language = localeOf("");
    this.talk = wordsOf(this.language);
    this.#read();
    this.addController(
      new Keyboard({
        stir: () => this.desk.active(),
        listens: () => this.desk.door === "open" && !this.sheet,
        do: (deed) => void this.#deed(deed),
        escape: (writing) => this.#escape(writing),
      }),
    );
  }

  protected hears(): boolean {
    return true;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    window.addEventListener("popstate", this.#onPop);
    window.addEventListener("pointerdown", this.#active, { passive: true });
    for (const media of [this.#wide, this.#roomy, this.#phone]) media.addEventListener("change", this.#resized);
    this.#bell.open = (id) => (id ? this.#open(id, true) : this.#view("tasks"));
    void this.#enter();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    window.removeEventListener("popstate", this.#onPop);
    window.removeEventListener("pointerdown", this.#active);
    for (const media of [this.#wide, this.#roomy, this.#phone]) media.removeEventListener("change", this.#resized);
    this.desk.leave();
  }

  async #enter(): Promise<void> {
    await this.desk.enter();
    if (this.desk.door !== "open") return;
    this.choices = this.desk.keep.choices();
    this.#dress();
    this.desk.show(this.shown);
  }

  override willUpdate(changed: PropertyValues): void {
    super.willUpdate(changed);
    const { desk } = this;
    if (desk.notified !== this.#told) {
      this.#told = desk.notified;
      window.clearTimeout(this.#gone);
      if (desk.notified) this.#gone = window.setTimeout(() => desk.forget(), NOTE_MS);
    }
    const mine = desk.inbox.count("unassigned");
    const unread = [...desk.inbox.items.values()].filter((one) => one.unread && one.handoff?.agent === desk.me?.agent.id).length;
    const count = unread || mine;
    document.title = `${count ? `(${count}) ` : ""}${this.talk.console}${desk.me?.title ? ` – ${desk.me.title}` : ""}`;
  }

  // -- the address -----------------------------------------------------------------------------------------------------

  #read(): void {
    const { view, shown, narrowed, asking } = readAddress(this.asking);
    Object.assign(this, { view, shown, narrowed, asking });
  }

  #write(push: boolean): void {
    writeAddress({ view: this.view, shown: this.shown, narrowed: this.narrowed, asking: this.asking }, push);
  }

  readonly #onPop = () => {
    this.#read();
    this.desk.show(this.shown);
  };

  // -- what is shown ----------------------------------------------------------------------------------------------------

  get #wanted(): Wanted {
    return wantedOf(this.view, this.narrowed, this.desk.filters);
  }

  override render(): TemplateResult {
    const { desk, talk } = this;
    if (desk.door !== "open") return door(desk, talk, this.refused, { enter: () => void this.#enter(), logIn: this.#logIn, logOut: () => void this.#logOut() });
    const open = this.shown && !this.#alone ? desk.current : null;
    const panel = open ? (this.#wide.matches ? this.choices.panel : this.panelOpen) : false;
    return html`<div class="page ${open ? "has-thread" : ""} ${panel ? "has-panel" : ""} ${this.drawer ? "has-drawer" : ""} ${this.#alone ? "on-floor" : ""}"
        @open-view=${this.#onView} @open-conversation=${this.#onOpen} @open-agent=${this.#onAgent} @fold-rail=${this.#onRail} @open-rail=${() => (this.drawer = true)} @fold-panel=${() => this.#fold()}
        @open-sheet=${(event: CustomEvent<string>) => void this.#sheet(event.detail)} @open-search=${() => void this.#sheet("search")} @open-notices=${() => void this.#sheet("notices")}
        @open-settings=${() => void this.#sheet("settings")} @open-filter=${() => void this.#sheet("filter")} @open-macros=${() => void this.#sheet("macros")} @close-sheet=${() => (this.sheet = "")}
        @do=${(event: CustomEvent<string>) => void this.#do(event.detail)} @narrow=${this.#onNarrow} @order-by=${(event: CustomEvent<string>) => this.#choose({ order: event.detail })}
        @choose=${(event: CustomEvent<Partial<Choices>>) => this.#choose(event.detail)} @ring=${() => this.#bell.ring()} @log-out=${() => void this.#logOut()}
        @open-task=${(event: CustomEvent<string>) => this.#task(event.detail)} @take-back=${this.#onTakeBack} @forget-note=${this.#onForgetNote} @open-citation=${this.#onCitation} @ask-report=${this.#onAsk}>
      ${banner(desk, talk)}
      <hookline-console-rail .desk=${desk} .talk=${talk} .language=${this.language} .view=${this.view} .wide=${(this.choices.rail && this.#roomy.matches) || this.drawer}></hookline-console-rail>
      ${this.drawer ? html`<button class="veil" type="button" aria-label=${talk.close} @click=${() => (this.drawer = false)}></button>` : nothing}
      ${this.view === "tasks"
        ? html`<hookline-console-tasks .desk=${desk} .talk=${talk} .language=${this.language}></hookline-console-tasks>`
        : this.view === "floor"
        ? html`<hookline-console-floor .desk=${desk} .talk=${talk} .language=${this.language} .asking=${this.asking}></hookline-console-floor>`
        : html`<main class="desk"><h1 class="hidden">${document.title.replace(/^\(\d+\) /, "")}</h1><hookline-console-list .desk=${desk} .talk=${talk} .language=${this.language} .wanted=${this.#wanted} .name=${nameOfView(this.view, this.desk.filters, this.talk)} .selected=${this.shown} .order=${this.choices.order as Order | ""}></hookline-console-list>
            <div class="middle">
              ${open
                ? html`<hookline-console-head .desk=${desk} .talk=${talk} .language=${this.language} .open=${open} .panel=${panel}></hookline-console-head>
                    <hookline-console-thread .desk=${desk} .talk=${talk} .language=${this.language} .open=${open}></hookline-console-thread>
                    ${open.thread ? html`<hookline-console-composer .desk=${desk} .talk=${talk} .language=${this.language} .open=${open}></hookline-console-composer>` : nothing}`
                : html`<div class="state"><p>${talk.pick}</p><p class="soft"><kbd>Alt</kbd> <kbd>J</kbd> ${talk.keyNext} · <kbd>?</kbd> ${talk.keys}</p></div>`}
            </div>
            ${open && panel ? html`<hookline-console-side .desk=${desk} .talk=${talk} .language=${this.language} .open=${open}></hookline-console-side>` : nothing}</main>`}
      ${toast(desk, talk)}
      ${sheetOf(this.sheet, { desk, talk, language: this.language, choices: this.choices, wanted: this.#wanted, shown: this.#alone ? "" : this.shown, task: this.task })}
    </div>`;
  }

  /** Theme, language and accent, on the page around. */
  #dress(): void {
    const root = document.documentElement;
    this.language = localeOf(this.choices.language || this.desk.me?.language || "");
    this.talk = wordsOf(this.language);
    root.lang = primary(this.language);
    root.dir = direction(this.language);
    if (this.choices.theme) root.dataset["theme"] = this.choices.theme;
    else delete root.dataset["theme"];
    this.toggleAttribute("data-theme", !!this.choices.theme);
    if (this.choices.theme) this.setAttribute("data-theme", this.choices.theme);
    wear(root, "");
    Object.assign(this.#bell, { keep: this.desk.keep, talk: this.talk, me: this.desk.me?.agent.id ?? "" });
  }

  #choose(change: Partial<Choices>): void {
    this.choices = { ...this.choices, ...change };
    this.desk.keep.choose(this.choices);
    this.#dress();
  }

  #open(id: string, focus: boolean): void {
    const push = this.#phone.matches && !!id !== !!this.shown;
    if (this.#alone && id) this.view = "all";
    this.shown = id;
    this.panelOpen = this.drawer = false;
    this.desk.show(id);
    this.#write(push);
    void this.updateComplete.then(() => {
      this.#list?.reveal();
      if (!id) this.#list?.focus();
      else if (focus && this.#phone.matches) this.find<HTMLElement>("hookline-console-thread")?.focus();
      else if (focus) this.#compose();
    });
  }

  /** Whether the view has the page for itself, without list and thread. */
  get #alone(): boolean {
    return this.view === "floor" || this.view === "tasks";
  }

  get #list(): List | null {
    return this.find<List>("hookline-console-list");
  }

  get #composer(): ComposerView | null {
    return this.find<ComposerView>("hookline-console-composer");
  }

  /** Put the cursor into the box, once it is there. */
  #compose(mode?: Mode): void {
    const { current } = this.desk;
    if (this.#composer && current?.thread) return void this.#composer.begin(mode ?? this.#composer.mode);
    const before = focused();
    const stop = this.desk.news.listen(() => {
      if (!current?.thread && !current?.error) return;
      stop();
      if (this.desk.current === current && focused() === before) void this.updateComplete.then(() => this.#composer?.begin(mode ?? this.#composer.mode));
    });
  }

  #fold(): void {
    if (this.#wide.matches) this.#choose({ panel: !this.choices.panel });
    else this.panelOpen = !this.panelOpen;
  }

  #task(id: string): void {
    this.task = id;
    void this.#sheet("task");
  }

  async #sheet(name: string): Promise<void> {
    this.drawer = false;
    this.sheet = "";
    await this.updateComplete;
    this.sheet = name;
  }

  // -- what is done -----------------------------------------------------------------------------------------------------

  async #do(what: string): Promise<void> {
    if (!this.shown) return;
    const { desk, talk, language, shown: id } = this;
    await act(what, { desk, talk, language, id, compose: () => this.#compose("reply"), tag: () => this.#tag() });
  }

  async #tag(): Promise<void> {
    if (!(this.#wide.matches ? this.choices.panel : this.panelOpen)) this.#fold();
    await this.updateComplete;
    await this.find<Side>("hookline-console-side")?.tag();
  }

  #beside(by: number): void {
    if (this.view === "tasks") return this.find<TaskList>("hookline-console-tasks")?.move(by);
    const id = this.#list?.beside(by);
    if (id) this.#open(id, !this.#phone.matches);
  }

  async #deed(deed: Deed): Promise<void> {
    if (deed.startsWith("view:")) return this.#view(deed.slice(5));
    switch (deed) {
      case "next":
      case "previous":
        return this.#beside(deed === "next" ? 1 : -1);
      case "resolve":
      case "take":
      case "tags":
        return this.#do(deed);
      case "resolve-next": {
        const next = this.#list?.beside(1) || this.#list?.beside(-1) || "";
        await this.#do("resolve");
        return this.#open(next === this.shown ? "" : next, true);
      }
      case "note":
      case "reply":
        return this.#compose(deed);
      case "canned":
        return this.#composer?.slash();
      case "suggest":
        return this.desk.current?.suggest();
      case "panel":
        return this.#fold();
      case "list":
        return this.#list?.focus();
      case "thread":
        return this.find<HTMLElement>("hookline-console-thread")?.focus();
      case "task":
        return this.desk.can.write ? this.#task("") : undefined;
      case "snooze":
      case "transfer":
      case "return":
        return this.shown ? this.#sheet(deed) : undefined;
      case "macros":
      case "canneds":
        return this.desk.can.write ? this.#sheet(deed === "macros" ? deed : "canned") : undefined;
      default:
        return this.#sheet(deed);
    }
  }

  /** Close one layer. */
  #escape(writing: boolean): void {
    if (this.drawer) this.drawer = false;
    else if (this.panelOpen) this.panelOpen = false;
    else if (writing) this.#list?.focus();
    else if (this.shown && this.#phone.matches) this.#open("", true);
  }

  readonly #active = () => this.desk.active();

  readonly #resized = () => this.requestUpdate();

  #view(view: string): void {
    this.view = view;
    this.narrowed = {};
    this.drawer = false;
    if (this.#phone.matches) this.desk.show((this.shown = ""));
    this.#write(false);
    void this.updateComplete.then(() => (this.find<HTMLElement>("hookline-console-floor, hookline-console-tasks") ?? this.#list)?.focus());
  }

  readonly #onView = (event: CustomEvent<string>) => this.#view(event.detail);

  readonly #onOpen = (event: CustomEvent<{ id: string; focus: boolean }>) => this.#open(event.detail.id, event.detail.focus);

  readonly #onAgent = (event: CustomEvent<string>) => {
    this.#view("all");
    this.narrowed = { agent: event.detail };
    this.#write(false);
  };

  readonly #onRail = () => {
    if (!this.#roomy.matches) this.drawer = !this.drawer;
    else this.#choose({ rail: !this.choices.rail });
  };

  readonly #onNarrow = (event: CustomEvent<Partial<Wanted>>) => {
    this.narrowed = Object.fromEntries(Object.entries({ ...this.narrowed, ...event.detail }).filter(([, value]) => value));
    this.#write(false);
  };

  readonly #onAsk = (event: CustomEvent<Asking>) => {
    this.asking = event.detail;
    this.#write(false);
  };

  /** What could not be sent goes back into the box. */
  readonly #onTakeBack = (event: CustomEvent<string>) => {
    const one = this.desk.outbox.discard(event.detail);
    if (one) this.#composer?.insert(one.text, one.kind);
  };

  readonly #onForgetNote = async (event: CustomEvent<Note>) => {
    const note = event.detail;
    try {
      await this.desk.api.forgetNote(note.id);
      this.desk.open(note.conversation).dropNote(note.id);
      this.desk.notify(this.talk.noteGone, { undo: () => this.#composer?.insert(note.text, "note") });
    } catch (error) {
      this.desk.notify(error instanceof Error ? error.message : String(error), { bad: true });
    }
  };

  /** Our own documents open in a dialog at the marked span, any other in its own tab. */
  readonly #onCitation = (event: CustomEvent<{ event: Event; citation: Citation }>) => {
    const { citation } = event.detail;
    const url = citation.url ? new URL(citation.url, new URL(`${this.#base}/`, location.href)) : null;
    if (url?.origin !== location.origin || !url.pathname.includes("/rag/documents/")) return;
    event.detail.event.preventDefault();
    showDocument(this.renderRoot, url.href, citation, this.talk, this.language);
  };

  readonly #logIn = async (event: Event) => {
    event.preventDefault();
    const form = new FormData(event.target as HTMLFormElement);
    try {
      await this.desk.api.login(String(form.get("email")), String(form.get("password")));
      this.refused = "";
      await this.#enter();
    } catch (error) {
      this.refused = error instanceof TypeError ? this.talk.unreachable : error instanceof Error ? error.message : String(error);
    }
  };

  async #logOut(): Promise<void> {
    await this.desk.api.logout().catch(() => undefined);
    this.desk.end();
  }
}

customElements.define("hookline-console", Frame);
