import { html, nothing, type TemplateResult } from "lit";
import { primary } from "../../../../web/direction.js";
import { exact, relative } from "../../../../web/time.js";
import { KEYS } from "./keys.js";
import { Sheet } from "./sheet.js";
import type { Choices } from "./keep.js";
import type { Agent } from "./protocol.js";
import { clock } from "./spans.js";
import { fill, LANGUAGES } from "./words.js";
import type { Wanted } from "./views.js";

/** All keys of the page. */
export class KeysSheet extends Sheet {
  protected override readonly read = true;
  protected heading = () => this.talk.keys;

  protected body(): TemplateResult {
    const { talk } = this;
    const groups = [...new Set(KEYS.map((one) => one.group))];
    return html`${groups.map(
      (group) => html`<h3>${talk[group]}</h3>
        <dl class="keys">
          ${KEYS.filter((one) => one.group === group).map(
            (one) => html`<dt>${one.show.map((key) => html`<kbd>${key}</kbd> `)}</dt><dd>${talk[one.word]}</dd>`,
          )}
        </dl>`,
    )}`;
  }
}

/** How the page looks, sounds and speaks. */
export class SettingsSheet extends Sheet {
  static override properties = { ...Sheet.properties, choices: { attribute: false } };
  declare choices: Choices;

  protected heading = () => this.talk.settings;

  protected body(): TemplateResult {
    const { talk, choices } = this;
    const denied = !("Notification" in window) || Notification.permission === "denied";
    return html`<div class="stack">
      <label>${talk.theme}
        <select class="field" @change=${(event: Event) => this.#choose({ theme: value(event) as Choices["theme"] })}>
          ${(["", "light", "dark"] as const).map((one) => html`<option value=${one} ?selected=${one === choices.theme}>${one ? talk[one] : talk.asSystem}</option>`)}
        </select></label>
      <label>${talk.language}
        <select class="field" @change=${(event: Event) => this.#choose({ language: value(event) })}>
          ${LANGUAGES.map(([tag, name]) => html`<option value=${tag} lang=${tag} ?selected=${tag === primary(this.language)}>${name}</option>`)}
        </select></label>
      <label class="check"><input type="checkbox" .checked=${choices.sound} @change=${this.#onSound} /><span>${talk.sound}</span></label>
      <label class="check"><input type="checkbox" .checked=${choices.notify && !denied} ?disabled=${denied} @change=${this.#onNotify} />
        <span>${talk.notify}${denied ? html`<br /><span class="soft">${talk.notifyDenied}</span>` : nothing}</span></label>
      ${this.desk.can.write
        ? html`<div class="row wrap"><button class="button" type="button" @click=${() => this.tell("open-sheet", "canned")}>${talk.cannedReplies}</button>
            <button class="button" type="button" @click=${() => this.tell("open-sheet", "macros")}>${talk.macros}</button></div>`
        : nothing}
      <div class="end"><button class="button" type="button" @click=${() => this.tell("open-sheet", "keys")}>${talk.keys} <kbd>?</kbd></button>
        <button class="button" type="button" @click=${() => this.tell("log-out")}>${talk.logOut}</button></div>
    </div>`;
  }

  #choose(change: Partial<Choices>): void {
    this.tell("choose", change);
  }

  readonly #onSound = (event: Event) => {
    const sound = (event.target as HTMLInputElement).checked;
    this.#choose({ sound });
    if (sound) this.tell("ring");
  };

  readonly #onNotify = async (event: Event) => {
    const box = event.target as HTMLInputElement;
    const granted = box.checked && (await Notification.requestPermission()) === "granted";
    box.checked = granted;
    this.#choose({ notify: granted });
  };
}

/** What others told this person: mentions, whispers, promises at risk. */
export class NoticesSheet extends Sheet {
  protected heading = () => this.talk.notices;

  override firstUpdated(): void {
    super.firstUpdated();
    if (this.desk.unread) void this.try(() => this.desk.readNotices(), true);
  }

  protected body(): TemplateResult {
    const { talk, desk } = this;
    if (!desk.notices.length) return html`<p class="soft">${talk.noNotices}</p>`;
    return html`<div class="choices">
      ${desk.notices.map(
        (one) => html`<button class="option hit" type="button" @click=${() => this.#open(one.conversation)}>
          <span class="about"><span class=${one.read_at ? "" : "unread"}>${talk.notice(one.kind, one.by_name)}</span><span class="soft">${one.text}</span></span>
          <time class="soft" title=${exact(one.created_at, this.language)}>${relative(one.created_at, Date.now() / 1000, this.language)}</time>
        </button>`,
      )}
    </div>`;
  }

  #open(id: string): void {
    this.close();
    if (id) this.tell("open-conversation", { id, focus: true });
    else this.tell("open-view", "tasks"); // what is told of no conversation is a task
  }
}

/** Which conversations the list shows, and that kept under a name. */
export class FilterSheet extends Sheet {
  static override properties = { ...Sheet.properties, wanted: { attribute: false }, tags: { attribute: false } };
  declare wanted: Wanted;
  declare tags: readonly string[];

  constructor() {
    super();
    this.tags = [];
  }

  protected heading = () => this.talk.narrow;

  override firstUpdated(): void {
    super.firstUpdated();
    this.desk.api.tags().then(
      (found) => (this.tags = found.map((one) => one.tag)),
      () => undefined,
    );
  }

  protected body(): TemplateResult {
    const { talk, desk, wanted } = this;
    const mine = desk.filters.filter((one) => one.owner === desk.me?.agent.id);
    return html`<div class="stack">
      ${this.#field("channel", talk.channel(""), (desk.me?.channels ?? []).map((one) => [one, talk.channel(one)]))}
      ${this.#field("tag", talk.tag, [...new Set([...this.tags, ...(wanted.tag ? [wanted.tag] : [])])].map((one) => [one, one]))}
      ${this.#field("agent", talk.agent, desk.agents.map((one) => [one.id, one.name]))}
      ${desk.teams.length ? this.#field("team", talk.team, desk.teams.map((one) => [one.id, one.name])) : nothing}
      ${this.#field("sla", talk.slaDue, ["running", "warned", "breached"].map((one) => [one, talk.slaState(one)]))}
      <form class="row" @submit=${this.#onSave}>
        <input class="field" name="name" maxlength="80" required placeholder=${talk.filterName} aria-label=${talk.filterName} />
        <button class="button" ?disabled=${this.busy}>${talk.save}</button>
      </form>
      ${mine.map(
        (one) => html`<div class="row"><span class="grow cut">${one.name}</span>
          <button class="link" type="button" @click=${() => void this.try(async () => { await desk.api.forgetFilter(one.id); await desk.refurnish(); }, true)}>${talk.remove}</button></div>`,
      )}
      <div class="end"><button class="button primary" type="button" @click=${() => this.close()}>${talk.done}</button></div>
    </div>`;
  }

  #field(name: keyof Wanted, label: string, options: string[][]): TemplateResult {
    return html`<label>${label}
      <select class="field" @change=${(event: Event) => this.tell("narrow", { [name]: value(event) })}>
        <option value="">${this.talk.any}</option>
        ${options.map(([id, word]) => html`<option value=${id!} ?selected=${id === this.wanted[name]}>${word}</option>`)}
      </select></label>`;
  }

  readonly #onSave = (event: Event) => {
    event.preventDefault();
    const name = String(new FormData(event.target as HTMLFormElement).get("name") ?? "").trim();
    if (!name) return;
    const query = Object.fromEntries(Object.entries(this.wanted).filter(([, one]) => one)) as Record<string, string>;
    void this.try(async () => {
      await this.desk.api.saveFilter(name, query);
      await this.desk.refurnish();
    });
  };
}

/** To whom the conversation goes. */
export class TransferSheet extends Sheet {
  protected heading = () => this.talk.transfer;

  protected body(): TemplateResult {
    const { talk, desk } = this;
    const others = desk.agents.filter((one) => one.id !== desk.me?.agent.id && one.role !== "viewer");
    const free = (one: Agent) => (one.availability === "available" && one.present ? 0 : one.availability === "away" ? 1 : 2);
    return html`<div class="stack">
      <label>${talk.noteForThem}<textarea class="field" rows="2" maxlength="4000"></textarea></label>
      <div class="choices">
        <button class="option" type="button" ?disabled=${this.busy} @click=${() => this.#to({ queue: true })}>${talk.toQueue}</button>
        ${desk.teams.map((one) => html`<button class="option" type="button" ?disabled=${this.busy} @click=${() => this.#to({ team: one.id })}>${fill(talk.toTeam, one.name)}</button>`)}
        ${[...others].sort((a, b) => free(a) - free(b) || a.load - b.load).map(
          (one) => html`<button class="option" type="button" ?disabled=${this.busy} @click=${() => this.#to({ agent: one.id })}>
            <span class="dot ${free(one) === 0 ? "available" : free(one) === 1 ? "away" : ""}"></span><span class="grow cut">${one.name}</span>
            <span class="soft num">${one.capacity ? `${one.load}/${one.capacity}` : one.load}</span></button>`,
        )}
      </div>
    </div>`;
  }

  #to(whom: { queue?: boolean; team?: string; agent?: string }): void {
    const note = this.find<HTMLTextAreaElement>("textarea")?.value.trim() ?? "";
    void this.try(async () => {
      await this.desk.act(this.of, "transfer", { ...whom, note });
      this.desk.notify(this.talk.transferred);
    });
  }
}

/** Until when the conversation is put aside. */
export class SnoozeSheet extends Sheet {
  protected heading = () => this.talk.snooze;

  protected body(): TemplateResult {
    const { talk } = this;
    return html`<div class="stack">
      <div class="choices">
        ${this.#spans().map(([word, until]) => html`<button class="option" type="button" ?disabled=${this.busy} @click=${() => this.#until(until)}>
            <span class="grow">${word}</span>${until ? html`<span class="soft num">${clock(until, this.language)}</span>` : nothing}</button>`)}
      </div>
      <form class="row" @submit=${this.#onTime}>
        <input class="field" type="datetime-local" name="until" required aria-label=${talk.snoozeUntil} />
        <button class="button whole" ?disabled=${this.busy}>${talk.snooze}</button>
      </form>
    </div>`;
  }

  #spans(): [string, number | null][] {
    const { talk } = this;
    const now = Date.now() / 1000;
    const morning = new Date();
    morning.setDate(morning.getDate() + 1);
    morning.setHours(9, 0, 0, 0);
    const monday = new Date(morning);
    monday.setDate(monday.getDate() + ((8 - monday.getDay()) % 7));
    return [
      [talk.untilReply, null],
      [talk.inAnHour, now + 3_600],
      [talk.inFourHours, now + 14_400],
      [talk.tomorrow, morning.getTime() / 1000],
      [talk.nextWeek, monday.getTime() / 1000],
    ];
  }

  #until(until: number | null): void {
    void this.try(async () => {
      await this.desk.act(this.of, "snooze", until === null ? {} : { until });
      this.desk.notify(this.talk.snoozedNow, { undo: () => void this.desk.act(this.of, "wake").catch(() => undefined) });
    });
  }

  readonly #onTime = (event: Event) => {
    event.preventDefault();
    const until = new Date(String(new FormData(event.target as HTMLFormElement).get("until"))).getTime() / 1000;
    if (until > Date.now() / 1000) this.#until(until);
    else this.problem = this.talk.pastTime;
  };
}

/** Give the conversation back to the bot. */
export class ReturnSheet extends Sheet {
  protected heading = () => this.talk.giveBack;

  protected body(): TemplateResult {
    const { talk } = this;
    return html`<form @submit=${this.#onSubmit}>
      <p>${talk.giveBackWhy}</p>
      <label>${talk.sayToCustomer}<textarea class="field" name="text" rows="2" maxlength="4000"></textarea></label>
      <label>${talk.noteForLater}<textarea class="field" name="note" rows="2" maxlength="4000"></textarea></label>
      <div class="end"><button class="button primary" ?disabled=${this.busy}>${talk.giveBack}</button></div>
    </form>`;
  }

  readonly #onSubmit = (event: Event) => {
    event.preventDefault();
    const form = new FormData(event.target as HTMLFormElement);
    const [text, note] = [String(form.get("text") ?? "").trim(), String(form.get("note") ?? "").trim()];
    void this.try(async () => {
      await this.desk.act(this.of, "return", { text, note });
      this.desk.notify(this.talk.givenBack);
    });
  };
}

const value = (event: Event) => (event.target as HTMLSelectElement).value;

for (const [name, made] of Object.entries({ keys: KeysSheet, settings: SettingsSheet, notices: NoticesSheet, filter: FilterSheet, transfer: TransferSheet, snooze: SnoozeSheet, return: ReturnSheet })) {
  customElements.define(`hookline-console-${name}`, made);
}
