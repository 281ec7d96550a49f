import { html, nothing, type TemplateResult } from "lit";
import { bars, columns } from "./chart.js";
import look from "./look/floor.css?inline";
import type { Topic } from "./news.js";
import { looks, Part, state } from "./part.js";
import { sla } from "./row.js";
import * as sign from "./signs.js";
import { brief } from "./spans.js";
import type { Figures, Overview, Rating, Report } from "./tools.js";
import { fill } from "./words.js";

const BYS = ["day", "agent", "team", "channel", "tag"] as const;
const AGAIN_MS = 15_000;

export interface Asking {
  by: string;
  from: string;
  to: string;
}

/** What a supervisor watches: the queue, who has how much, what is late, how it went. */
export class Floor extends Part {
  static override styles = looks(look);
  static override properties = state("asking", "overview", "report", "total", "ratings", "problem", "failed");

  declare asking: Asking;
  declare overview: Overview | null;
  declare report: Report | null;
  declare total: Figures | null;
  declare ratings: readonly Rating[];
  declare problem: string;
  /** Why there is no report. */
  declare failed: string;
  #timer: number | undefined;
  #asked = "";

  constructor() {
    super();
    this.overview = this.report = this.total = null;
    this.ratings = [];
    this.problem = this.failed = "";
  }

  protected hears(topics: ReadonlySet<Topic>): boolean {
    // An agent came or went, a handoff moved: the figures are asked for again, not with every message.
    return topics.has("desk");
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#timer = window.setInterval(() => document.visibilityState === "visible" && void this.#look(), AGAIN_MS);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    window.clearInterval(this.#timer);
  }

  override firstUpdated(): void {
    void this.#look();
  }

  override updated(): void {
    const asked = JSON.stringify(this.asking);
    if (asked === this.#asked) return;
    this.#asked = asked;
    void this.#ask();
  }

  override focus(): void {
    this.find(".title")?.focus();
  }

  async #look(): Promise<void> {
    try {
      this.overview = await this.desk.api.overview();
      this.problem = "";
    } catch (error) {
      this.problem = error instanceof Error ? error.message : String(error);
    }
  }

  #query(by: string): Record<string, string> {
    const { from, to } = this.asking;
    return { by, from, to, timezone: Intl.DateTimeFormat().resolvedOptions().timeZone };
  }

  async #ask(): Promise<void> {
    const asked = this.#asked;
    try {
      const { by, ...rest } = this.#query(this.asking.by);
      const [report, total, ratings] = await Promise.all([
        this.desk.api.report({ by: by!, ...rest }),
        this.desk.api.report({ by: "total", ...rest }),
        this.desk.api.ratings({ ...rest, limit: "20" }),
      ]);
      if (asked !== this.#asked) return;
      this.report = report;
      this.total = total.rows[0] ?? null;
      this.ratings = ratings;
      this.failed = "";
    } catch (error) {
      if (asked === this.#asked) this.failed = error instanceof Error ? error.message : String(error);
    }
  }

  override render(): TemplateResult {
    const { talk, overview } = this;
    const problem = this.problem || this.failed;
    return html`<main>
      <header class="row"><button class="icon back" type="button" aria-label=${talk.back} @click=${() => this.tell("open-view", "all")}>${sign.leftIcon}</button>
        <h1 class="title" tabindex="-1">${talk.floor}</h1></header>
      ${problem ? html`<div class="problem row" role="alert"><span class="grow">${talk.floorFailed} ${problem}</span><button class="button" type="button" @click=${this.#again}>${talk.retry}</button></div>` : nothing}
      ${overview ? this.#now(overview) : this.problem ? nothing : html`<div class="skeleton" role="status" aria-label=${talk.loading}><i></i><i></i><i></i></div>`}
      ${this.#reports()}
    </main>`;
  }

  #now(now: Overview): TemplateResult {
    const { talk, language } = this;
    const figures: [string, string, boolean][] = [
      [talk.waitingNow, String(now.waiting), now.waiting > 0],
      [talk.longestWait, now.waiting ? brief(now.longest_wait, talk) : "–", false],
      [talk.inHand, String(now.claimed), false],
      [talk.snoozed, String(now.snoozed), false],
      [talk.lateNow, String(now.late), now.late > 0],
      [talk.csatToday, now.csat_today === null ? "–" : share(now.csat_today, language), false],
    ];
    return html`<dl class="figures">${figures.map(([word, value, hot]) => html`<div class=${hot ? "hot" : ""}><dt>${word}</dt><dd class="num">${value}</dd></div>`)}</dl>
      <div class="two">
        <section><h2>${talk.agents}</h2>
          ${now.agents.length
            ? html`<div class="scroll" tabindex="0" role="group" aria-label=${talk.agents}><table>
                <thead><tr><th scope="col">${talk.agent}</th><th scope="col">${talk.load}</th><th scope="col">${talk.waiting}</th><th scope="col">${talk.lateNow}</th><th scope="col">${talk.doneToday}</th></tr></thead>
                <tbody>${now.agents.map(
                  (one) => html`<tr><th scope="row"><span class="row"><span class="dot ${one.present ? one.availability : "offline"}"></span><span class="cut">${one.name}</span><span class="hidden">${talk[one.present ? (one.availability as "away") : "offline"]}</span></span></th>
                    <td class="num"><button class="link" type="button" @click=${() => this.tell("open-agent", one.id)}>${one.capacity ? `${one.load} / ${one.capacity}` : one.load}</button></td>
                    <td class="num">${one.waiting}</td><td class="num ${one.late ? "bad" : ""}">${one.late}</td><td class="num">${one.resolved_today}</td></tr>`,
                )}</tbody></table></div>`
            : html`<p class="soft">${talk.noAgents}</p>`}
        </section>
        <section><h2>${talk.atRisk}</h2>
          ${now.risks.length
            ? html`<ul class="risks">${now.risks.map(
                (one) => html`<li><button class="option" type="button" @click=${() => this.tell("open-conversation", { id: one.conversation, focus: true })}>
                  <span class="grow cut" dir="auto">${one.name || talk.nobody}</span><span class="soft cut">${one.agent_name || talk.unassigned}</span>${sla(one, talk)}</button></li>`,
              )}</ul>`
            : html`<p class="soft">${talk.noRisk}</p>`}
        </section>
      </div>`;
  }

  #reports(): TemplateResult {
    const { talk, asking, report, total, language } = this;
    const csv = this.desk.api.csv("reports", this.#query(asking.by));
    return html`<section class="reports"><h2>${talk.reports}</h2>
      <div class="row wrap filter">
        <label>${talk.from}<input class="field" type="date" .value=${asking.from} max=${asking.to} @change=${(event: Event) => this.#change({ from: value(event) })} /></label>
        <label>${talk.to}<input class="field" type="date" .value=${asking.to} min=${asking.from} @change=${(event: Event) => this.#change({ to: value(event) })} /></label>
        <label>${talk.by}<select class="field" @change=${(event: Event) => this.#change({ by: value(event) })}>${BYS.map((one) => html`<option value=${one} ?selected=${one === asking.by}>${talk.reportBy(one)}</option>`)}</select></label>
        <span class="grow"></span><a class="button" href=${csv} download>CSV</a>
      </div>
      ${!report
        ? this.failed
          ? nothing
          : html`<div class="skeleton"><i></i><i></i></div>`
        : !report.rows.length
          ? html`<div class="state"><p>${talk.noReport}</p><button class="button" type="button" @click=${() => this.#change({ from: ago(30) })}>${talk.lastMonth}</button></div>`
          : html`${total ? this.#total(total) : nothing}
              <div class="charts">
                ${report.by === "day"
                  ? columns(talk.askedAndHanded, [talk.talks, talk.handoffs], this.#days(report.rows))
                  : bars(talk.handoffsBy(report.by), report.rows.map((one) => ({ name: this.#named(one), value: one.handoffs, note: String(one.handoffs) })))}
                ${bars(talk.firstResponse, report.rows.filter((one) => one.first_response.median !== null).map((one) => ({ name: this.#named(one), value: one.first_response.median!, note: brief(one.first_response.median!, talk) })))}
                ${bars(talk.csat, report.rows.filter((one) => one.csat !== null).map((one) => ({ name: this.#named(one), value: one.csat!, note: `${share(one.csat!, language)} (${one.ratings})` })))}
                ${bars(talk.reasons, Object.entries(report.reasons).sort((a, b) => b[1] - a[1]).slice(0, 8).map(([name, count]) => ({ name: talk.reason(name), value: count, note: String(count) })))}
              </div>
              ${this.#rated()}`}
    </section>`;
  }

  /** Every day from the first to the last, also those on which nothing happened. */
  #days(rows: readonly Figures[]): { name: string; all: number; part: number }[] {
    const { from, to } = this.asking;
    const known = new Map(rows.map((one) => [one.key, one]));
    const days: { name: string; all: number; part: number }[] = [];
    const date = new Intl.DateTimeFormat(this.language, { day: "numeric", month: "short", timeZone: "UTC" });
    for (let at = Date.parse(from); at <= Date.parse(to) && days.length < 400; at += 86_400_000) {
      const one = known.get(new Date(at).toISOString().slice(0, 10));
      days.push({ name: date.format(at), all: one?.conversations ?? 0, part: one?.handoffs ?? 0 });
    }
    return days;
  }

  #named(one: Figures): string {
    return this.report?.by === "channel" ? this.talk.channel(one.name || one.key) : one.name || one.key || "–";
  }

  #total(one: Figures): TemplateResult {
    const { talk, language } = this;
    const figures: [string, string][] = [
      [talk.talks, String(one.conversations)],
      [talk.byBot, `${one.bot_resolved}${one.bot_resolution_rate === null ? "" : ` · ${share(one.bot_resolution_rate, language)}`}`],
      [talk.handoffs, `${one.handoffs}${one.handoff_rate === null ? "" : ` · ${share(one.handoff_rate, language)}`}`],
      [talk.resolved, String(one.resolved)],
      [talk.kept, one.sla_met === null ? "–" : share(one.sla_met, language)],
      [talk.csat, one.csat === null ? "–" : share(one.csat, language)],
    ];
    return html`<dl class="figures">${figures.map(([word, text]) => html`<div><dt>${word}</dt><dd class="num">${text}</dd></div>`)}</dl>`;
  }

  #rated(): TemplateResult | typeof nothing {
    const { talk } = this;
    const said = this.ratings.filter((one) => one.comment);
    if (!said.length) return nothing;
    return html`<h3 class="row"><span class="grow">${talk.comments}</span><a class="link" href=${this.desk.api.csv("ratings", this.#query(""))} download>CSV</a></h3>
      <ul class="risks">${said.map(
        (one) => html`<li><button class="option" type="button" @click=${() => this.tell("open-conversation", { id: one.conversation, focus: true })}>
          <span class="num" aria-label=${fill(talk.stars, one.score, one.scale)}>${one.score}/${one.scale}</span><span class="grow cut" dir="auto">${one.comment}</span></button></li>`,
      )}</ul>`;
  }

  #change(change: Partial<Asking>): void {
    this.tell("ask-report", { ...this.asking, ...change });
  }

  readonly #again = () => {
    this.problem = this.failed = "";
    void this.#look();
    void this.#ask();
  };
}

/** A day so many before today, as a date field has it. */
export function ago(days: number): string {
  const then = new Date(Date.now() - days * 86_400_000);
  return `${then.getFullYear()}-${String(then.getMonth() + 1).padStart(2, "0")}-${String(then.getDate()).padStart(2, "0")}`;
}

const share = (part: number, language: string) => new Intl.NumberFormat(language, { style: "percent", maximumFractionDigits: 0 }).format(part);
const value = (event: Event) => (event.target as HTMLInputElement).value;

customElements.define("hookline-console-floor", Floor);
