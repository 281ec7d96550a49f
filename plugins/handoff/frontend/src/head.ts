import { html, nothing, type TemplateResult } from "lit";
import look from "./look/head.css?inline";
import { nameOf } from "./names.js";
import { newer } from "./newer.js";
import type { Topic } from "./news.js";
import type { OpenThread } from "./open.js";
import { looks, Part, state } from "./part.js";
import type { Handoff } from "./protocol.js";
import { sla } from "./row.js";
import * as sign from "./signs.js";
import { brief } from "./spans.js";
import { fill } from "./words.js";

/** Whose conversation it is and what can be done with it. */
export class Head extends Part {
  static override styles = looks(look);
  static override properties = state("open", "more", "panel");

  declare open: OpenThread;
  declare more: boolean;
  declare panel: boolean;

  constructor() {
    super();
    this.more = this.panel = false;
  }

  protected hears(topics: ReadonlySet<Topic>): boolean {
    return topics.has("inbox") || topics.has("desk") || topics.has(`thread:${this.open.id}`);
  }

  override render(): TemplateResult {
    const { desk, open, talk } = this;
    const item = desk.inbox.items.get(open.id);
    const thread = open.thread;
    const handoff = newer(item?.handoff ?? null, thread?.handoff ?? null);
    const contact = thread?.contact ?? item?.contact;
    const conversation = thread?.conversation ?? item?.conversation;
    const name = conversation ? nameOf(contact, conversation, talk) : "";
    const me = desk.me?.agent.id ?? "";
    const mine = handoff?.agent === me && handoff.state === "claimed";
    const closed = !handoff || handoff.state === "resolved";
    const can = desk.can;
    return html`<header>
      <button class="icon back" type="button" aria-label=${talk.back} @click=${() => this.tell("open-conversation", { id: "", focus: true })}>${sign.leftIcon}</button>
      <div class="grow title">
        <h2 class="cut" dir="auto" tabindex="-1">${name || talk.loading}</h2>
        <p class="soft row">
          ${conversation ? html`<span>${talk.channel(conversation.channel)}</span>` : nothing}
          <span class="cut">${handoff ? this.#where(handoff, me) : conversation?.held_by ? "" : talk.withBot}</span>
          ${item ? sla(item, talk) : nothing}
        </p>
      </div>
      ${can.write
        ? html`<div class="row acts">
            ${mine || closed
              ? nothing
              : handoff.state === "snoozed" && handoff.agent === me
                ? html`<button class="button" type="button" @click=${() => this.tell("do", "wake")}>${talk.wake}</button>`
                : !handoff.agent || handoff.state === "transferred" || handoff.state === "returned" || can.supervise
                  ? html`<button class="button primary" type="button" title="Alt+A" @click=${() => this.tell("do", "take")}>${sign.handIcon}<span>${handoff.agent && handoff.agent !== me && handoff.state === "claimed" ? talk.takeOver : talk.take}</span></button>`
                  : nothing}
            ${closed
              ? handoff
                ? html`<button class="button" type="button" @click=${() => this.tell("do", "reopen")}>${talk.reopen}</button>`
                : can.supervise
                  ? html`<button class="button" type="button" @click=${() => this.tell("do", "take")}>${sign.handIcon}<span>${talk.takeOver}</span></button>`
                  : nothing
              : html`<button class="icon wide-only" type="button" aria-label=${talk.snooze} title="${talk.snooze} (Alt+M)" @click=${() => this.tell("open-sheet", "snooze")}>${sign.moonIcon}</button>
                  <button class="icon wide-only" type="button" aria-label=${talk.transfer} title="${talk.transfer} (Alt+T)" @click=${() => this.tell("open-sheet", "transfer")}>${sign.moveIcon}</button>
                  <button class="button ${mine ? "primary" : ""} resolve" type="button" title="Alt+E" @click=${() => this.tell("do", "resolve")}>${sign.checkIcon}<span>${talk.resolve}</span></button>`}
          </div>`
        : nothing}
      <div class="more">
        <button class="icon" type="button" id="more" aria-label=${talk.moreActs} title=${talk.moreActs} aria-haspopup="menu" aria-expanded=${this.more} @click=${this.#toggle}>${sign.moreIcon}</button>
        ${this.more ? this.#menu(handoff, closed) : nothing}
      </div>
      <button class="icon" type="button" aria-label=${talk.panel} title="${talk.panel} (Alt+O)" aria-expanded=${this.panel} @click=${() => this.tell("fold-panel")}>${sign.panelIcon}</button>
    </header>`;
  }

  #where(handoff: Handoff, me: string): string {
    const { talk } = this;
    if (handoff.state === "claimed") return handoff.agent === me ? talk.withYou : fill(talk.withAgent, handoff.agent_name || talk.agent);
    if (handoff.state === "queued" && handoff.position) return fill(talk.inQueue, handoff.position);
    if (handoff.state === "snoozed" && handoff.snoozed_until) return fill(talk.asleep, brief(handoff.snoozed_until - Date.now() / 1000, talk));
    return talk.state(handoff.state);
  }

  #menu(handoff: Handoff | null, closed: boolean): TemplateResult {
    const { talk, desk, open } = this;
    const can = desk.can.write;
    const item = (what: string, word: string, key: string, picture: TemplateResult, shown = can) =>
      shown
        ? html`<button role="menuitem" type="button" @click=${() => this.#choose(what)}>${picture}<span class="grow">${word}</span>${key ? html`<kbd>${key}</kbd>` : nothing}</button>`
        : nothing;
    const priority = handoff?.priority ?? 0;
    return html`<div class="menu" role="menu" aria-labelledby="more" @keydown=${this.#onKey}>
      ${item("sheet:snooze", talk.snooze, "Alt M", sign.moonIcon, can && !closed)} ${item("sheet:transfer", talk.transfer, "Alt T", sign.moveIcon, can && !closed)}
      ${item("sheet:return", talk.giveBack, "Alt B", sign.botIcon, can && !closed)} ${item("sheet:macros", talk.macros, "Alt X", sign.boltIcon)}
      ${item("tags", talk.tags, "Alt G", sign.tagIcon)} ${item("sheet:merge", talk.mergeContacts, "", sign.mergeIcon, can && !!open.thread)}
      ${item("translate", talk.translate, "", sign.wordsIcon, true)}
      ${item("listen", talk.listenIn, "", sign.earIcon, desk.can.supervise)}
      ${closed || !can
        ? nothing
        : html`<hr />
            ${[2, 1, 0, -1].map((one) => html`<button role="menuitemradio" aria-checked=${one === priority} type="button" @click=${() => this.#choose(`priority:${one}`)}><span class="grow">${fill(talk.priorityIs, talk.priority(one))}</span>${one === priority ? sign.checkIcon : nothing}</button>`)}`}
    </div>`;
  }

  readonly #toggle = async () => {
    this.more = !this.more;
    if (!this.more) return;
    document.addEventListener("pointerdown", this.#beside);
    await this.updateComplete;
    this.find(".menu button")?.focus();
  };

  #shut(focus: boolean): void {
    this.more = false;
    document.removeEventListener("pointerdown", this.#beside);
    if (focus) this.find("#more")?.focus();
  }

  readonly #beside = (event: Event) => {
    if (!event.composedPath().includes(this.find(".more")!)) this.#shut(false);
  };

  #choose(what: string): void {
    this.#shut(true);
    if (what.startsWith("sheet:")) this.tell("open-sheet", what.slice(6));
    else this.tell("do", what);
  }

  readonly #onKey = (event: KeyboardEvent) => {
    const all = [...this.renderRoot.querySelectorAll<HTMLElement>(".menu button")];
    const at = all.indexOf((this.renderRoot as ShadowRoot).activeElement as HTMLElement);
    if (event.key === "Escape" || event.key === "Tab") {
      event.stopPropagation();
      this.#shut(true);
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") all[(at + (event.key === "ArrowDown" ? 1 : -1) + all.length) % all.length]?.focus();
    else return;
    event.preventDefault();
  };
}

customElements.define("hookline-console-head", Head);
