import { html, nothing, type PropertyValues, type TemplateResult } from "lit";
import { guard } from "lit/directives/guard.js";
import { repeat } from "lit/directives/repeat.js";
import { place, tipOf, type Tip } from "../../../../web/tip.js";
import { bubble, noteBubble, pendingBubble, type Around } from "./bubble.js";
import { entries, type Entry } from "./entries.js";
import look from "./look/thread.css?inline";
import { nameOf } from "./names.js";
import type { Topic } from "./news.js";
import type { OpenThread } from "./open.js";
import { looks, Part, state } from "./part.js";
import type { Citation } from "./protocol.js";
import { fill } from "./words.js";

const AT_BOTTOM = 60;
const NEAR_TOP = 300;

/** The messages of the open conversation: at the bottom it follows what comes, elsewhere it stays where one reads. */
export class ThreadView extends Part {
  static override styles = looks(look);
  static override properties = state("open", "below", "tip");

  declare open: OpenThread;
  /** Something new came while the view was scrolled up. */
  declare below: number;
  declare tip: Tip | null;

  #stick = true;
  #rows: readonly Entry[] = [];
  #made = "";
  #anchor: { row: Element; top: number } | null = null;
  #unreadFrom = 0;
  #typing: number | undefined;
  /** What was read out already. */
  #heard = 0;
  readonly #resized = new ResizeObserver(() => this.#toBottom());

  constructor() {
    super();
    this.below = 0;
    this.tip = null;
  }

  protected hears(topics: ReadonlySet<Topic>): boolean {
    return topics.has(`thread:${this.open.id}`);
  }

  override connectedCallback(): void {
    super.connectedCallback();
    document.addEventListener("visibilitychange", this.#look);
    window.addEventListener("focus", this.#look);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#resized.disconnect();
    document.removeEventListener("visibilitychange", this.#look);
    window.removeEventListener("focus", this.#look);
    window.clearTimeout(this.#typing);
  }

  override willUpdate(changed: PropertyValues): void {
    super.willUpdate(changed);
    const { open, desk } = this;
    if (changed.has("open")) {
      this.#stick = true;
      this.below = 0;
      this.tip = null;
      this.#unreadFrom = 0;
      this.#heard = -1;
      this.#made = "";
    }
    // What was there when it was opened is for reading, not for reading out.
    if (this.#heard < 0 && open.thread) this.#heard = open.last;
    if (!this.#unreadFrom && open.thread?.unread) {
      const theirs = open.messages.filter((m) => m.author === "contact");
      this.#unreadFrom = theirs.at(-open.thread.unread)?.seq ?? 0;
    }
    const made = `${open.id}:${open.version}:${desk.outbox.list.length}`;
    if (made !== this.#made || changed.has("language")) {
      const last = this.#rows.at(-1)?.key;
      this.#rows = entries(open, desk.outbox.of(open.id), this.#unreadFrom, this.language);
      const newest = this.#rows.at(-1);
      if (this.#made && newest && newest.key !== last && !this.#stick && newest.kind === "message" && newest.message.author === "contact") this.below += 1;
      this.#made = made;
    }
    this.#hold();
    window.clearTimeout(this.#typing);
    const until = Math.max(0, ...[...open.typing.values()].map((one) => one.until));
    if (until > Date.now()) this.#typing = window.setTimeout(() => this.requestUpdate(), until - Date.now() + 20);
  }

  override updated(): void {
    const [box, log] = [this.find(".scroll"), this.find(".log")];
    if (box && log) {
      this.#resized.observe(box);
      this.#resized.observe(log);
    }
    this.#settle();
    this.#look();
  }

  override focus(): void {
    this.find(".scroll")?.focus();
  }

  override render(): TemplateResult {
    const { open, talk } = this;
    if (!open.thread) {
      if (open.error) {
        return html`<div class="state" role="alert"><p>${open.gone ? talk.threadGone : talk.threadFailed} ${open.gone ? "" : open.error}</p>
          ${open.gone
            ? html`<button class="button" type="button" @click=${() => this.tell("open-conversation", { id: "", focus: true })}>${talk.back}</button>`
            : html`<button class="button" type="button" @click=${() => void open.load().catch(() => undefined)}>${talk.retry}</button>`}</div>`;
      }
      return html`<div class="skeleton" role="status" aria-label=${talk.loading}><i></i><i></i><i></i><i></i></div>`;
    }
    return html`<div class="scroll" tabindex="0" role="region" aria-label=${talk.conversation} @scroll=${this.#onScroll}>
        <div class="log" @click=${this.#onClick} @pointerover=${this.#onPoint} @focusin=${this.#onPoint} @pointerout=${this.#hideTip} @focusout=${this.#hideTip}>
          ${open.cursor || open.loadingPast || open.pastError
            ? html`<button class="link early" type="button" ?disabled=${open.loadingPast} @click=${() => void open.older()}>
                ${open.loadingPast ? talk.loading : open.pastError ? `${open.pastError} ${talk.retry}` : talk.older}
              </button>`
            : html`<p class="soft early">${talk.beginning}</p>`}
          ${repeat(
            this.#rows,
            (one) => one.key,
            (one) => guard(this.#seen(one), () => this.#row(one)),
          )}
          ${this.#busy()}
        </div>
      </div>
      ${this.below ? html`<button class="jump" type="button" @click=${this.#jump}>${fill(talk.newBelow, this.below)} ↓</button>` : nothing}
      <div class="hidden" role="log" aria-live="polite">${this.#news()}</div>
      ${this.tip ? tipOf(this.tip) : nothing}`;
  }

  /** What a row shows: while it is the same, the row is not drawn again. */
  #seen(one: Entry): unknown[] {
    if (one.kind === "message") {
      const read = one.message.seq <= (this.open.thread?.read_by_customer ?? 0);
      return [one.message, one.first, one.last, read, this.open.translations[one.message.seq], this.language];
    }
    if (one.kind === "note") return [one.note, this.language];
    if (one.kind === "pending") return [one.pending, this.language, this.desk.status];
    return [one.kind === "day" ? one.text : one.key, this.language];
  }

  #row(one: Entry): TemplateResult {
    const { talk } = this;
    switch (one.kind) {
      case "day":
        return html`<div class="day"><span>${one.text}</span></div>`;
      case "channel":
        return html`<div class="step"><span>${fill(talk.onChannel, talk.channel(one.channel))}</span></div>`;
      case "new":
        return html`<div class="day new"><span>${talk.newMessages}</span></div>`;
      case "step":
        return html`<div class="step"><span>${talk.step(one.step.event, one.step.by_name || talk.bot, one.step.after)}${one.step.reason ? `: ${talk.reason(one.step.reason)}` : ""}</span></div>`;
      case "note":
        return noteBubble(one.note, this.#around());
      case "pending":
        return pendingBubble(one.pending, this.#around());
      case "message":
        return bubble(one, this.#around());
    }
  }

  #busy(): TemplateResult | typeof nothing {
    const { open, talk } = this;
    const now = Date.now();
    const names = [...open.typing].filter(([who, one]) => one.until > now && who !== this.desk.me?.agent.id).map(([who, one]) => (who ? one.name : this.#name()));
    const text = open.writing?.parts.join("") ?? "";
    return html`${open.writing
      ? html`<div class="msg bot first"><div class="name"><span>${talk.bot}</span></div><div class="bubble late" dir="auto">${text ? html`<p class="plain">${text}</p>` : dots}</div></div>`
      : nothing}
    ${names.length ? html`<div class="typing">${dots}<span>${fill(talk.isTyping, names.join(", "))}</span></div>` : nothing}`;
  }

  /** The newest message of somebody else, for whoever hears the page. */
  #news(): string {
    const last = this.open.messages.at(-1);
    if (!last || last.seq <= this.#heard || last.author === "agent") return "";
    return `${last.author === "contact" ? this.#name() : this.talk.bot}: ${last.text}`;
  }

  #name(): string {
    const { thread } = this.open;
    return nameOf(thread?.contact, thread?.conversation, this.talk);
  }

  #around(): Around {
    const { desk, open } = this;
    return {
      talk: this.talk,
      language: this.language,
      base: desk.api.base,
      me: desk.me?.agent.id ?? "",
      name: this.#name(),
      readByCustomer: open.thread?.read_by_customer ?? 0,
      translation: (seq) => open.translations[seq] ?? "",
      retry: (id) => desk.outbox.retry(id),
      discard: (id) => this.tell("take-back", id),
      forgetNote: (note) => this.tell("forget-note", note),
      people: desk.agents.map((one) => one.name),
    };
  }

  /** Remember what is being read, before a drawing. */
  #hold(): void {
    this.#anchor = null;
    const box = this.find(".scroll");
    if (this.#stick || !box) return;
    const { top } = box.getBoundingClientRect();
    for (const row of box.querySelectorAll(".log > *")) {
      const at = row.getBoundingClientRect();
      if (at.bottom <= top) continue;
      this.#anchor = { row, top: at.top };
      return;
    }
  }

  #settle(): void {
    const box = this.find(".scroll");
    if (this.#anchor?.row.isConnected && box) box.scrollTop += this.#anchor.row.getBoundingClientRect().top - this.#anchor.top;
    else this.#toBottom();
  }

  #toBottom(): void {
    const box = this.find(".scroll");
    if (this.#stick && box) box.scrollTop = box.scrollHeight;
  }

  readonly #look = () => {
    if (this.#stick && this.open.thread) this.desk.read(this.open);
  };

  readonly #onScroll = () => {
    const box = this.find(".scroll");
    if (!box) return; // the event came after another conversation took its place
    this.tip = null;
    this.#stick = box.scrollHeight - box.scrollTop - box.clientHeight < AT_BOTTOM;
    if (this.#stick) {
      this.below = 0;
      this.#look();
    } else if (box.scrollTop < NEAR_TOP) void this.open.older();
  };

  readonly #jump = () => {
    this.#stick = true;
    this.below = 0;
    this.#toBottom();
  };

  #cited(event: Event): { mark: HTMLElement; citation: Citation } | null {
    const mark = (event.target as Element).closest<HTMLElement>("[data-cite]");
    const id = mark?.closest<HTMLElement>("[data-id]")?.dataset["id"];
    const message = id ? [...this.open.past, ...this.open.messages].find((one) => one.id === id) : undefined;
    const citation = message?.citations[Number(mark?.dataset["cite"]) - 1];
    return mark && citation ? { mark, citation } : null;
  }

  readonly #onClick = (event: Event) => {
    const hit = this.#cited(event);
    if (hit) this.tell("open-citation", { event, citation: hit.citation });
  };

  readonly #onPoint = (event: Event) => {
    const hit = this.#cited(event);
    if (!hit?.citation.text || !hit.mark.classList.contains("cite")) return;
    this.tip = place(hit.citation, hit.mark.getBoundingClientRect(), this.getBoundingClientRect());
    hit.mark.setAttribute("aria-describedby", "tip");
  };

  readonly #hideTip = () => {
    if (this.tip) this.tip = null;
  };
}

const dots = html`<span class="dots" aria-hidden="true"><i></i><i></i><i></i></span>`;

customElements.define("hookline-console-thread", ThreadView);
