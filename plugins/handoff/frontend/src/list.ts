import { html, nothing, type PropertyValues, type TemplateResult } from "lit";
import { repeat } from "lit/directives/repeat.js";
import look from "./look/list.css?inline";
import type { Topic } from "./news.js";
import { looks, Part, state } from "./part.js";
import type { Item } from "./protocol.js";
import { row, ROW } from "./row.js";
import * as sign from "./signs.js";
import { compare, LOCAL, orderOf, wanted, type Order, type Wanted } from "./views.js";
import { windowOf } from "./window.js";
import { fill, type Words } from "./words.js";

const ORDERS: readonly [Order, keyof Words][] = [
  ["newest", "orderNewest"],
  ["waiting", "orderWaiting"],
  ["due", "orderDue"],
  ["priority", "orderPriority"],
];
const CLOCK_MS = 15_000;

/** The conversations of a view. It stays still under the pointer and while it has the focus; what is new waits above. */
export class List extends Part {
  static override styles = looks(look);
  static override properties = state("wanted", "name", "selected", "order", "top", "height", "late");

  declare wanted: Wanted;
  /** The view's name as people read it. */
  declare name: string;
  declare selected: string;
  declare order: Order | "";
  /** Where the list is scrolled to and how high it is, in pixels. */
  declare top: number;
  declare height: number;
  declare late: number;

  /** What is shown, in this order. */
  #ids: readonly string[] = [];
  #still = false;
  #stamp = "";
  #clock: number | undefined;
  readonly #sized = new ResizeObserver(([entry]) => {
    if (entry) this.height = entry.contentRect.height;
  });

  constructor() {
    super();
    this.top = this.late = 0;
    this.height = 600;
    this.order = "";
  }

  protected hears(topics: ReadonlySet<Topic>): boolean {
    return topics.has("inbox") || topics.has("desk");
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#clock = window.setInterval(() => this.requestUpdate(), CLOCK_MS);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    window.clearInterval(this.#clock);
    this.#sized.disconnect();
  }

  override willUpdate(changed: PropertyValues): void {
    super.willUpdate(changed);
    const { inbox } = this.desk;
    const stamp = JSON.stringify([this.wanted, this.order]);
    const fresh = stamp !== this.#stamp;
    this.#stamp = stamp;
    if (fresh && !LOCAL.has(this.wanted.view) && inbox.paged(this.wanted.view).state === "none") void inbox.page(this.wanted.view);
    const ids = this.#sorted();
    if (fresh) this.top = 0;
    if (!fresh && this.#still) {
      const here = new Set(ids);
      const kept = this.#ids.filter((id) => here.has(id));
      this.late = ids.length - kept.length;
      this.#ids = kept;
    } else {
      this.late = 0;
      this.#ids = ids;
    }
    if (fresh) void this.updateComplete.then(() => (this.find(".scroll")!.scrollTop = 0));
  }

  override firstUpdated(): void {
    this.#sized.observe(this.find(".scroll")!);
  }

  /** The conversation `by` places from the selected one; "" at the end. */
  beside(by: number): string {
    const at = this.#ids.indexOf(this.selected);
    if (at < 0) return this.#ids[by > 0 ? 0 : this.#ids.length - 1] ?? "";
    return this.#ids[at + by] ?? "";
  }

  /** Scroll the selected row into the view. */
  reveal(): void {
    const at = this.#ids.indexOf(this.selected);
    const box = this.find(".scroll");
    if (at < 0 || !box) return;
    if (at * ROW < box.scrollTop) box.scrollTop = at * ROW;
    else if ((at + 1) * ROW > box.scrollTop + box.clientHeight) box.scrollTop = (at + 1) * ROW - box.clientHeight;
  }

  override focus(): void {
    this.find("[role=listbox]")?.focus();
  }

  #sorted(): string[] {
    const { inbox, me } = this.desk;
    if (!me) return [];
    const { view } = this.wanted;
    const order = this.order || orderOf(view);
    const source: Iterable<Item> = LOCAL.has(view) ? inbox.items.values() : inbox.paged(view).ids.map((id) => inbox.items.get(id)).filter((one): one is Item => !!one);
    const found: Item[] = [];
    for (const item of source) if (wanted(item, this.wanted, me.agent)) found.push(item);
    return found.sort((a, b) => compare(a, b, order, view)).map((item) => item.conversation.id);
  }

  override render(): TemplateResult {
    const { talk, desk, wanted: asked } = this;
    const open = this.selected && this.#ids.includes(this.selected) ? `row-${this.#ids.indexOf(this.selected)}` : "";
    const { from, to } = windowOf(this.top, this.height, this.#ids.length, ROW);
    const shown = this.#ids.slice(from, to);
    const narrowed = !!(asked.channel || asked.tag || asked.agent || asked.team || asked.sla);
    return html`<header>
        <button class="icon menu-key" type="button" aria-label=${talk.views} title=${talk.views} @click=${() => this.tell("open-rail")}>${sign.railIcon}</button>
        <h2 class="cut">${this.name}</h2>
        <span class="soft num">${this.#ids.length || nothing}</span>
        <span class="grow"></span>
        <label><span class="hidden">${talk.order}</span>
          <select @change=${this.#onOrder} title=${talk.order}>
            ${ORDERS.map(([one, word]) => html`<option value=${one} ?selected=${one === (this.order || orderOf(asked.view))}>${talk[word] as string}</option>`)}
          </select></label>
        <button class="icon" type="button" aria-label=${talk.narrow} title=${talk.narrow} aria-pressed=${narrowed} @click=${() => this.tell("open-filter")}>${sign.filterIcon}</button>
      </header>
      ${narrowed ? this.#chips() : nothing}
      ${this.late ? html`<button class="late" type="button" @click=${this.#release}>${fill(talk.newOnes, this.late)}</button>` : nothing}
      <div class="scroll" @scroll=${this.#onScroll} @pointerenter=${this.#hold} @pointerleave=${this.#leave}>
        ${this.#ids.length
          ? html`<div role="listbox" tabindex="0" aria-label=${this.name} aria-activedescendant=${open || nothing} @keydown=${this.#onKey} @click=${this.#onClick}
              .style=${`height:${this.#ids.length * ROW}px`}>
              ${repeat(
                shown,
                (id) => id,
                (id, i) => this.#row(id, from + i),
              )}
            </div>`
          : this.#empty(desk.inbox, narrowed)}
        ${desk.inbox.paged(asked.view).next
          ? html`<button class="button more" type="button" @click=${() => void desk.inbox.page(asked.view)}>${talk.more}</button>`
          : nothing}
      </div>`;
  }

  #row(id: string, at: number): TemplateResult {
    const item = this.desk.inbox.items.get(id)!;
    const drafted = !!(this.desk.keep.draft(id, "reply") || this.desk.outbox.of(id).length);
    return row(item, at, this.#ids.length, id === this.selected, drafted, this.talk, this.language, this.desk.me!.agent.id);
  }

  #chips(): TemplateResult {
    const { talk, wanted: asked, desk } = this;
    const named: [keyof Wanted, string][] = [
      ["channel", asked.channel ? talk.channel(asked.channel) : ""],
      ["tag", asked.tag ?? ""],
      ["agent", desk.agents.find((one) => one.id === asked.agent)?.name ?? asked.agent ?? ""],
      ["team", desk.teams.find((one) => one.id === asked.team)?.name ?? asked.team ?? ""],
      ["sla", asked.sla ? talk.slaState(asked.sla) : ""],
    ];
    return html`<div class="chips row wrap">
      ${named
        .filter(([, value]) => value)
        .map(
          ([name, value]) => html`<button class="badge" type="button" aria-label=${fill(talk.dropFilter, value)} @click=${() => this.tell("narrow", { [name]: "" })}>${value} ✕</button>`,
        )}
    </div>`;
  }

  #empty(inbox: { state: string; paged(view: string): { state: string } }, narrowed: boolean): TemplateResult {
    const { talk } = this;
    const remote = !LOCAL.has(this.wanted.view);
    const how = remote ? inbox.paged(this.wanted.view).state : inbox.state;
    if (how === "error") {
      return html`<div class="state" role="alert"><p>${talk.listFailed}</p>
        <button class="button" type="button" @click=${this.#again}>${talk.retry}</button></div>`;
    }
    if (how !== "ready") return html`<div class="skeleton" role="status" aria-label=${talk.loading}><i></i><i></i><i></i><i></i><i></i></div>`;
    if (narrowed) {
      return html`<div class="state"><p>${talk.nothingFits}</p>
        <button class="button" type="button" @click=${() => this.tell("narrow", { channel: "", tag: "", agent: "", team: "", sla: "" })}>${talk.dropFilters}</button></div>`;
    }
    const way = this.wanted.view === "mine" ? "unassigned" : this.wanted.view === "all" ? "resolved" : "all";
    return html`<div class="state"><p>${talk.emptyView(this.wanted.view)}</p>
      <button class="button" type="button" @click=${() => this.tell("open-view", way)}>${fill(talk.goTo, talk[way] as string)}</button></div>`;
  }

  readonly #again = () => {
    if (LOCAL.has(this.wanted.view)) void this.desk.inbox.load();
    else void this.desk.inbox.page(this.wanted.view, true);
  };

  readonly #onScroll = (event: Event) => {
    const { scrollTop } = event.target as HTMLElement;
    // Whole rows: a pixel's scrolling draws nothing.
    if (Math.floor(scrollTop / ROW) !== Math.floor(this.top / ROW)) this.top = scrollTop;
  };

  readonly #hold = (event: PointerEvent) => {
    this.#still = event.pointerType === "mouse";
  };

  readonly #leave = () => {
    if (!this.#still) return;
    this.#still = false;
    this.requestUpdate();
  };

  readonly #release = () => {
    this.#still = false;
    this.requestUpdate();
  };

  readonly #onOrder = (event: Event) => this.tell("order-by", (event.target as HTMLSelectElement).value);

  readonly #onClick = (event: Event) => {
    const id = (event.target as HTMLElement).closest<HTMLElement>("[data-id]")?.dataset["id"];
    if (id) this.tell("open-conversation", { id, focus: true });
  };

  readonly #onKey = (event: KeyboardEvent) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const page = Math.max(1, Math.floor(this.height / ROW) - 1);
    const step = { ArrowDown: 1, j: 1, ArrowUp: -1, k: -1, PageDown: page, PageUp: -page, Home: -1e6, End: 1e6 }[event.key];
    if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      if (this.selected) this.tell("open-conversation", { id: this.selected, focus: true });
    } else if (step !== undefined) {
      event.preventDefault();
      const at = this.#ids.indexOf(this.selected);
      const to = Math.max(0, Math.min(this.#ids.length - 1, at < 0 ? Math.max(0, step - 1) : at + step));
      const id = this.#ids[to];
      if (id) this.tell("open-conversation", { id, focus: false });
    }
  };
}

customElements.define("hookline-console-list", List);
