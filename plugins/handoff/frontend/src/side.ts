import { html, nothing, type PropertyValues, type TemplateResult } from "lit";
import { exact, relative } from "../../../../web/time.js";
import look from "./look/side.css?inline";
import taskLook from "./look/task.css?inline";
import { nameOf } from "./names.js";
import { newer } from "./newer.js";
import type { Topic } from "./news.js";
import type { OpenThread } from "./open.js";
import { mount } from "./panels.js";
import { looks, Part, state } from "./part.js";
import type { Contact, SlaClock } from "./protocol.js";
import * as sign from "./signs.js";
import { brief } from "./spans.js";
import { taskRow } from "./task-row.js";
import { turn } from "./tasks.js";
import type { Summary } from "./tools.js";
import { fill } from "./words.js";

/** All about the customer: contact, summary, promises, tags, what other plugins show. */
export class Side extends Part {
  static override styles = looks(taskLook, look);
  static override properties = state("open", "tagging", "known");

  declare open: OpenThread;
  declare tagging: boolean;
  /** The tags in use, to choose from. */
  declare known: readonly string[];

  constructor() {
    super();
    this.tagging = false;
    this.known = [];
  }

  protected hears(topics: ReadonlySet<Topic>): boolean {
    return topics.has(`thread:${this.open.id}`) || topics.has("inbox") || topics.has("tasks");
  }

  override willUpdate(changed: PropertyValues): void {
    super.willUpdate(changed);
    if (changed.has("open")) this.tagging = false;
    if (this.open.thread && this.open.summary.state === "none") void this.open.summarise(false);
  }

  override updated(): void {
    const { thread } = this.open;
    if (thread) mount(this.find(".panels")!, thread.panels, this.desk.api.base);
  }

  /** Begin to write a tag. */
  async tag(): Promise<void> {
    this.tagging = true;
    this.desk.api.tags().then(
      (found) => (this.known = found.map((one) => one.tag)),
      () => undefined,
    );
    await this.updateComplete;
    this.find<HTMLInputElement>("#tag")?.focus();
  }

  override render(): TemplateResult {
    const { open, talk } = this;
    const { thread } = open;
    if (!thread) return html`<section class="all" aria-label=${talk.panel}>${open.error ? html`<p class="state">${talk.threadFailed}</p>` : html`<div class="skeleton"><i></i><i></i><i></i></div>`}</section>`;
    const item = this.desk.inbox.items.get(open.id);
    const handoff = newer(item?.handoff ?? null, thread.handoff);
    const tags = this.desk.tagsOf(open.id);
    const sla = item?.sla ?? thread.sla;
    return html`<section class="all" aria-label=${talk.panel}>
      <button class="icon close" type="button" aria-label=${talk.close} @click=${() => this.tell("fold-panel")}>${sign.closeIcon}</button>
      ${this.#contact(thread.contact, thread.conversation.address)}
      <section><h3>${talk.tags}</h3>${this.#tags(tags)}</section>
      ${this.#summary()}
      ${sla?.clocks.length ? html`<section><h3>${talk.promises}</h3><dl>${sla.clocks.map((one) => this.#clock(one))}</dl></section>` : nothing}
      ${this.#tasks(thread.contact.id)}
      <div class="panels"></div>
      ${handoff
        ? html`<section><h3>${talk.handoff}</h3><dl>
            <dt>${talk.why}</dt><dd>${talk.reason(handoff.reason)}</dd>
            <dt>${talk.since}</dt><dd><time title=${exact(handoff.requested_at, this.language)}>${relative(handoff.requested_at, Date.now() / 1000, this.language)}</time></dd>
            ${handoff.resolution ? html`<dt>${talk.outcome}</dt><dd>${handoff.resolution}</dd>` : nothing}
            ${handoff.callback_at ? html`<dt>${talk.callBack}</dt><dd>${exact(handoff.callback_at, this.language)}</dd>` : nothing}
          </dl></section>`
        : nothing}
      ${thread.conversations.length
        ? html`<section><h3>${talk.others}</h3><ul>
            ${thread.conversations.slice(0, 8).map(
              (one) => html`<li><button class="link" type="button" @click=${() => this.tell("open-conversation", { id: one.id, focus: true })}>${talk.channel(one.channel)}</button>
                <span class="soft">${relative(one.updated_at, Date.now() / 1000, this.language)}</span></li>`,
            )}</ul></section>`
        : nothing}
    </section>`;
  }

  #tasks(contact: string): TemplateResult | typeof nothing {
    const { talk, desk } = this;
    const found = desk.duty.about(contact);
    if (!found.length && !desk.can.write) return nothing;
    return html`<section><h3 class="row"><span class="grow">${talk.tasks}</span>
        ${desk.can.write ? html`<button class="link" type="button" @click=${() => this.tell("open-task", "")}>${talk.newTask}</button>` : nothing}</h3>
      ${found.length
        ? html`<ul class="tasks">
            ${found.map((one) =>
              taskRow({ ...one, contact_name: "" }, talk, this.language, desk.me?.agent.id ?? "", desk.can.write, { open: (task) => this.tell("open-task", task.id), end: (task) => void turn(this, task) }),
            )}
          </ul>`
        : nothing}</section>`;
  }

  #contact(contact: Contact, address: string): TemplateResult {
    const { talk } = this;
    const lines: [string, string][] = [
      [talk.email, contact.email],
      [talk.phone, contact.phone],
      [talk.address, address && address !== contact.email && address !== contact.phone && address.length < 40 ? address : ""],
      [talk.language, contact.language ? (new Intl.DisplayNames([this.language], { type: "language" }).of(contact.language) ?? contact.language) : ""],
    ];
    return html`<section class="contact"><h3 dir="auto">${nameOf(contact, { address }, talk)}</h3>
      <dl>${lines.filter(([, value]) => value).map(([word, value]) => html`<dt>${word}</dt><dd dir="auto">${value}</dd>`)}</dl></section>`;
  }

  #tags(tags: readonly string[]): TemplateResult {
    const { talk } = this;
    const can = this.desk.can.write;
    return html`<div class="row wrap tags">
      ${tags.map(
        (one) => html`<span class="badge">${one}${can ? html`<button type="button" aria-label="${talk.remove}: ${one}" @click=${() => void this.#tag((now) => now.filter((tag) => tag !== one))}>✕</button>` : nothing}</span>`,
      )}
      ${!can
        ? nothing
        : this.tagging
          ? html`<form @submit=${this.#onTag}>
              <input id="tag" class="field" list="known" maxlength="40" aria-label=${talk.newTag} placeholder=${talk.newTag} @keydown=${this.#onTagKey} />
              <datalist id="known">${this.known.map((one) => html`<option value=${one}></option>`)}</datalist></form>`
          : html`<button class="link" type="button" @click=${() => void this.tag()}>${talk.addTag}</button>`}
    </div>`;
  }

  #summary(): TemplateResult | typeof nothing {
    const { open, talk } = this;
    const { summary } = open;
    const again = this.desk.can.write
      ? html`<button class="link" type="button" ?disabled=${summary.state === "loading"} @click=${() => void open.summarise(true)}>${talk.anew}</button>`
      : nothing;
    if (summary.state === "none") return nothing;
    return html`<section aria-busy=${summary.state === "loading"}><h3 class="row"><span class="grow">${talk.summary}</span>${again}</h3>
      ${summary.state === "loading" ? html`<p class="soft">${talk.summarising}</p>` : summary.state === "error" ? html`<p class="soft">${talk.noSummary} ${summary.error}</p>` : this.#said(summary.value)}</section>`;
  }

  #said(value: Summary): TemplateResult {
    const { talk } = this;
    const facts = Object.entries(value.entities);
    return html`<p dir="auto">${value.problem}</p>
      ${value.translated && value.translated !== value.problem ? html`<p class="soft" dir="auto">${value.translated}</p>` : nothing}
      ${value.answered.length
        ? html`<details><summary>${fill(talk.answeredByBot, value.answered.length)}</summary>
            <ul>${value.answered.map((one) => html`<li><p dir="auto"><b>${one.question}</b></p><p class="soft" dir="auto">${one.text}
              ${one.citations.map((cited, i) => html`<button class="link" type="button" title=${cited.text} @click=${(event: Event) => this.tell("open-citation", { event, citation: cited })}>[${i + 1}] ${cited.title}</button> `)}</p></li>`)}</ul></details>`
        : nothing}
      ${value.unanswered.length ? html`<p class="soft">${talk.stillOpen}</p><ul class="open">${value.unanswered.map((one) => html`<li dir="auto">${one}</li>`)}</ul>` : nothing}
      ${facts.length ? html`<dl>${facts.map(([name, fact]) => html`<dt>${talk.fact(name)}</dt><dd dir="auto">${shown(fact)}</dd>`)}</dl>` : nothing}
      <p class="soft row wrap">
        ${value.mood ? html`<span class="badge ${value.sentiment !== null && value.sentiment < -0.25 ? "danger" : ""}">${talk.mood(value.mood)}</span>` : nothing}
        <span>${value.made_by === "extractive" ? talk.inTheirWords : fill(talk.madeBy, value.made_by)}${value.stale ? ` · ${talk.stale}` : ""}</span></p>`;
  }

  #clock(one: SlaClock): TemplateResult {
    const { talk } = this;
    const running = one.due_at !== null;
    const left = running ? one.due_at! - Date.now() / 1000 : one.left;
    const text = running ? (left < 0 ? talk.late(brief(-left, talk)) : talk.left(brief(left, talk))) : talk.slaState(one.state);
    return html`<dt>${talk.promise(one.clock)}</dt><dd class="num ${one.state === "breached" || one.state === "missed" ? "bad" : one.state === "warned" ? "warn" : ""}">${text}</dd>`;
  }

  async #tag(change: (tags: readonly string[]) => string[]): Promise<void> {
    try {
      await this.desk.tag(this.open.id, change);
    } catch (error) {
      this.desk.notify(error instanceof Error ? error.message : String(error), { bad: true });
    }
  }

  readonly #onTag = (event: Event) => {
    event.preventDefault();
    const box = this.find<HTMLInputElement>("#tag")!;
    const tag = box.value.trim();
    box.value = "";
    if (tag) void this.#tag((now) => [...new Set([...now, tag])]);
    else this.tagging = false;
  };

  readonly #onTagKey = (event: KeyboardEvent) => {
    if (event.key !== "Escape") return;
    event.stopPropagation();
    this.tagging = false;
    void this.updateComplete.then(() => this.find<HTMLElement>(".tags .link")?.focus());
  };
}

function shown(fact: unknown): string {
  if (Array.isArray(fact)) return fact.map(shown).join(", ");
  if (fact && typeof fact === "object") {
    const { value, unit } = fact as { value?: unknown; unit?: unknown };
    return value === undefined ? JSON.stringify(fact) : `${shown(value)}${typeof unit === "string" && unit ? ` ${unit}` : ""}`;
  }
  return String(fact);
}

customElements.define("hookline-console-side", Side);
