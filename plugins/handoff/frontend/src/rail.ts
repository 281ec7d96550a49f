import { html, nothing, type TemplateResult } from "lit";
import "../../../../web/staff-pages.js";
import look from "./look/rail.css?inline";
import type { Topic } from "./news.js";
import { looks, Part, state } from "./part.js";
import type { Availability } from "./protocol.js";
import * as sign from "./signs.js";

type Word = "mine" | "unassigned" | "waiting" | "all" | "sla" | "snoozed" | "returned" | "resolved" | "botView";

const VIEWS: readonly [string, Word, TemplateResult][] = [
  ["mine", "mine", sign.mineIcon],
  ["unassigned", "unassigned", sign.queueIcon],
  ["waiting", "waiting", sign.waitIcon],
  ["all", "all", sign.allIcon],
  ["sla", "sla", sign.alarmIcon],
  ["snoozed", "snoozed", sign.moonIcon],
  ["returned", "returned", sign.backIcon],
  ["resolved", "resolved", sign.doneIcon],
  ["bot", "botView", sign.botIcon],
];
const AVAILABLE: readonly Availability[] = ["available", "away", "offline"];

/** The rail: views with their counts, channels, saved filters, and the person. */
export class Rail extends Part {
  static override styles = looks(look);
  static override properties = state("view", "wide");

  declare view: string;
  /** With words beside the pictures. */
  declare wide: boolean;

  protected hears(topics: ReadonlySet<Topic>): boolean {
    return topics.has("desk") || topics.has("inbox") || topics.has("tasks");
  }

  override render(): TemplateResult {
    const { desk, talk } = this;
    const { me, inbox } = desk;
    const views = VIEWS.filter(([name]) => name === "sla" || !me || me.views.includes(name as never));
    return html`<nav class=${this.wide ? "wide" : "thin"} aria-label=${talk.views}>
      <button class="icon fold" type="button" aria-label=${talk.foldRail} title=${talk.foldRail} aria-expanded=${this.wide}
        @click=${() => this.tell("fold-rail")}>${sign.railIcon}</button>
      <hookline-pages .base=${desk.api.base} .language=${this.language}></hookline-pages>
      <div class="scroll">
        <ul>
          ${views.map(([name, word, picture]) => this.#view(name, talk[word], picture, inbox.count(name)))}
        </ul>
        <ul class="apart">
          ${this.#view("tasks", talk.tasks, sign.taskIcon, desk.duty.count("open", me?.agent.id ?? ""), !!desk.duty.count("overdue", ""))}
        </ul>
        ${me && me.channels.length > 1
          ? html`<h2>${talk.channels}</h2>
              <ul>
                ${me.channels.map((one) => this.#view(`channel:${one}`, talk.channel(one), sign.channelIcon, inbox.whole ? inbox.channelCount(one) : null))}
              </ul>`
          : nothing}
        ${desk.filters.length
          ? html`<h2>${talk.filters}</h2>
              <ul>
                ${desk.filters.map((one) => this.#view(`filter:${one.id}`, one.name, sign.filterIcon, null))}
              </ul>`
          : nothing}
      </div>
      <ul class="foot">
        ${desk.can.supervise ? this.#view("floor", talk.floor, sign.floorIcon, null) : nothing}
        <li>
          <button type="button" title=${talk.search} @click=${() => this.tell("open-search")}>
            ${sign.searchIcon}<span class="name">${talk.search}</span>
          </button>
        </li>
        <li>
          <button type="button" title=${talk.notices}
            @click=${() => this.tell("open-notices")}>
            ${sign.bellIcon}<span class="name">${talk.notices}</span>${desk.unread ? html`<span class="count hot num">${desk.unread}</span>` : nothing}
          </button>
        </li>
        <li>
          <button type="button" title=${talk.settings} @click=${() => this.tell("open-settings")}>
            ${sign.gearIcon}<span class="name">${talk.settings}</span>
          </button>
        </li>
        ${me
          ? html`<li class="me">
              <span class="dot ${me.agent.availability}" aria-hidden="true"></span>
              <label class="who"><span class="cut">${me.agent.name}</span>
                <select aria-label=${talk.availability} title="${me.agent.name}: ${talk[me.agent.availability]}" @change=${this.#onAvailability} ?disabled=${!desk.can.write}>
                  ${AVAILABLE.map((one) => html`<option value=${one} ?selected=${one === me.agent.availability}>${talk[one]}</option>`)}
                </select></label>
            </li>`
          : nothing}
      </ul>
    </nav>`;
  }

  #view(name: string, word: string, picture: TemplateResult, count: number | null, late = false): TemplateResult {
    const hot = late || ((name === "unassigned" || name === "waiting") && !!count);
    return html`<li>
      <button type="button" aria-current=${this.view === name ? "page" : "false"} title=${word}
        @click=${() => this.tell("open-view", name)}>
        ${picture}<span class="name">${word}</span>${count === null ? nothing : html`<span class="count num ${hot ? "hot" : ""} ${count ? "" : "none"}">${count}</span>`}
      </button>
    </li>`;
  }

  readonly #onAvailability = async (event: Event) => {
    try {
      await this.desk.available((event.target as HTMLSelectElement).value as Availability);
    } catch (error) {
      this.desk.notify(String(error instanceof Error ? error.message : error), { bad: true });
      this.requestUpdate();
    }
  };
}

customElements.define("hookline-console-rail", Rail);
