import { html, nothing, type TemplateResult } from "lit";
import { Sheet } from "./sheet.js";
import type { Macro, MacroRun, MacroStep } from "./tools.js";
import { fill } from "./words.js";

const DOS = ["reply", "note", "tag", "untag", "priority", "status", "claim", "transfer", "snooze", "return", "resolve"] as const;
const MOST = 12;
const SPANS = [900, 3_600, 14_400, 86_400, 259_200, 604_800];

const blank = (what: string): MacroStep => ({ do: what, text: "", tag: "", number: what === "snooze" ? 3_600 : what === "priority" ? 1 : 0, agent: "", team: "" });

/** Macros: run one, or write one: steps that are done one after the other in the name of whoever runs it. */
export class MacrosSheet extends Sheet {
  static override properties = {
    ...Sheet.properties,
    run: { attribute: false },
    making: { attribute: false },
    steps: { attribute: false },
    sure: { attribute: false },
  };
  declare run: MacroRun | null;
  /** The one that is written; null for none. */
  declare making: Pick<Macro, "id" | "name" | "shared"> | null;
  declare steps: readonly MacroStep[];
  /** Asked whether to remove it: its id. */
  declare sure: string;

  constructor() {
    super();
    this.run = this.making = null;
    this.steps = [];
    this.sure = "";
  }

  protected heading = () => (this.making ? (this.making.id ? this.talk.changeMacro : this.talk.newMacro) : this.talk.macros);

  protected body(): TemplateResult {
    return this.making ? this.#form(this.making) : this.#list();
  }

  #list(): TemplateResult {
    const { talk, desk } = this;
    return html`<div class="stack">
      ${desk.macros.length ? html`<ul class="choices">${desk.macros.map((one) => this.#line(one))}</ul>` : html`<p class="soft">${talk.noMacros}</p>`}
      ${this.run
        ? html`<ol class="steps" role="status">${this.run.steps.map((step) => html`<li>${talk.macroStep(step.do, "")}: ${talk.stepState(step.state)} ${step.error}</li>`)}</ol>`
        : nothing}
      <div class="end"><button class="button" type="button" @click=${() => this.#write(null)}>${talk.newMacro}</button></div>
    </div>`;
  }

  #line(one: Macro): TemplateResult {
    const { talk, desk } = this;
    const may = one.owner === desk.me?.agent.id || (one.shared && desk.can.supervise);
    return html`<li class="row"><button class="option" type="button" ?disabled=${this.busy} @click=${() => this.#start(one)}>
        <span class="about"><span>${one.name} ${one.shared ? html`<span class="badge">${talk.forAll}</span>` : nothing}</span>
          <span class="soft cut">${one.steps.map((step) => talk.macroStep(step.do, step.tag || step.text)).join(" → ")}</span></span></button>
      ${may
        ? html`<button class="link" type="button" aria-label="${talk.change}: ${one.name}" @click=${() => this.#write(one)}>${talk.change}</button>
            ${this.sure === one.id
              ? html`<button class="button danger" type="button" ?disabled=${this.busy} @click=${() => this.#remove(one)}>${fill(talk.removeSure, one.name)}</button>`
              : html`<button class="link" type="button" aria-label="${talk.remove}: ${one.name}" @click=${() => (this.sure = one.id)}>${talk.remove}</button>`}`
        : nothing}</li>`;
  }

  #form(macro: Pick<Macro, "id" | "name" | "shared">): TemplateResult {
    const { talk, steps } = this;
    return html`<form @submit=${this.#onSave}>
      <label>${talk.macroName}<input class="field" name="name" required maxlength="80" dir="auto" .value=${macro.name} /></label>
      <ol class="write">${steps.map((step, at) => this.#step(step, at))}</ol>
      ${steps.length < MOST
        ? html`<label>${talk.addStep}<select class="field" name="add" @change=${this.#onAdd}>
            <option value="">${talk.chooseStep}</option>
            ${DOS.map((what) => html`<option value=${what}>${talk.macroStep(what, "")}</option>`)}
          </select></label>`
        : nothing}
      ${this.desk.can.supervise ? html`<label class="check"><input type="checkbox" name="shared" .checked=${macro.shared} /><span>${talk.forAll}</span></label>` : nothing}
      <div class="end"><button class="button" type="button" @click=${() => (this.making = null)}>${talk.cancel}</button>
        <button class="button primary" ?disabled=${this.busy}>${talk.save}</button></div>
    </form>`;
  }

  #step(step: MacroStep, at: number): TemplateResult {
    const { talk } = this;
    const word = talk.macroStep(step.do, "");
    return html`<li><fieldset>
      <legend>${at + 1}. ${word}</legend>
      ${this.#argument(step, at, word)}
      <div class="row">
        <button class="link" type="button" ?disabled=${at === 0} aria-label="${talk.up}: ${word}" @click=${() => this.#move(at, -1)}>${talk.up}</button>
        <button class="link" type="button" ?disabled=${at === this.steps.length - 1} aria-label="${talk.down}: ${word}" @click=${() => this.#move(at, 1)}>${talk.down}</button>
        <span class="grow"></span>
        <button class="link" type="button" aria-label="${talk.remove}: ${word}" @click=${() => (this.steps = this.steps.filter((_, n) => n !== at))}>${talk.remove}</button>
      </div></fieldset></li>`;
  }

  /** What the step needs to know. */
  #argument(step: MacroStep, at: number, label: string): TemplateResult | typeof nothing {
    const { talk, desk } = this;
    const text = (event: Event) => this.#set(at, { text: value(event) });
    switch (step.do) {
      case "reply":
      case "note":
      case "return":
      case "resolve":
        return html`<textarea class="field" rows="2" maxlength="4000" dir="auto" aria-label=${label} ?required=${step.do === "reply" || step.do === "note"}
          placeholder=${step.do === "resolve" ? talk.outcome : step.do === "return" ? talk.sayToCustomer : "{{contact.first_name}}"} .value=${step.text} @input=${text}></textarea>`;
      case "status":
        return html`<input class="field" required maxlength="80" aria-label=${label} .value=${step.text} @input=${text} />`;
      case "tag":
      case "untag":
        return html`<input class="field" required maxlength="40" aria-label=${label} .value=${step.tag} @input=${(event: Event) => this.#set(at, { tag: value(event) })} />`;
      case "priority":
        return html`<select class="field" aria-label=${label} @change=${(event: Event) => this.#set(at, { number: Number(value(event)) })}>
          ${[-1, 0, 1, 2].map((one) => html`<option value=${one} ?selected=${one === step.number}>${talk.priority(one)}</option>`)}</select>`;
      case "snooze":
        return html`<select class="field" aria-label=${label} @change=${(event: Event) => this.#set(at, { number: Number(value(event)) })}>
          <option value="0" ?selected=${!step.number}>${talk.untilReply}</option>
          ${[...new Set([...SPANS, ...(step.number ? [step.number] : [])])].map((one) => html`<option value=${one} ?selected=${one === step.number}>${this.#span(one)}</option>`)}</select>`;
      case "transfer":
        return html`<select class="field" aria-label=${label} @change=${(event: Event) => this.#to(at, value(event))}>
          <option value="">${talk.toQueue}</option>
          ${desk.teams.map((one) => html`<option value="team:${one.id}" ?selected=${one.id === step.team}>${fill(talk.toTeam, one.name)}</option>`)}
          ${desk.agents.filter((one) => one.role !== "viewer").map((one) => html`<option value="agent:${one.id}" ?selected=${one.id === step.agent}>${one.name}</option>`)}</select>`;
      default:
        return nothing;
    }
  }

  #span(seconds: number): string {
    const [unit, size] = seconds % 86_400 === 0 ? (["day", 86_400] as const) : seconds % 3_600 === 0 ? (["hour", 3_600] as const) : (["minute", 60] as const);
    return new Intl.NumberFormat(this.language, { style: "unit", unit, unitDisplay: "long" }).format(seconds / size);
  }

  #set(at: number, change: Partial<MacroStep>): void {
    this.steps = this.steps.map((one, n) => (n === at ? { ...one, ...change } : one));
  }

  #to(at: number, whom: string): void {
    const id = whom.slice(whom.indexOf(":") + 1);
    this.#set(at, { agent: whom.startsWith("agent:") ? id : "", team: whom.startsWith("team:") ? id : "" });
  }

  #move(at: number, by: number): void {
    const steps = [...this.steps];
    const [one] = steps.splice(at, 1);
    steps.splice(at + by, 0, one!);
    this.#keepName();
    this.steps = steps;
  }

  readonly #onAdd = async (event: Event) => {
    const select = event.target as HTMLSelectElement;
    if (!select.value) return;
    this.#keepName();
    this.steps = [...this.steps, blank(select.value)];
    select.value = "";
    this.problem = "";
    await this.updateComplete;
    const made = this.renderRoot.querySelector<HTMLElement>("ol.write > li:last-child :is(textarea, input, select)");
    (made ?? this.find<HTMLElement>("[name=add]"))?.focus();
  };

  /** A step that comes or goes draws the form anew: what was typed as its name stays. */
  #keepName(): void {
    const form = new FormData(this.find<HTMLFormElement>("form")!);
    this.making = { ...this.making!, name: String(form.get("name") ?? ""), shared: this.desk.can.supervise ? form.has("shared") : this.making!.shared };
  }

  #write(one: Macro | null): void {
    this.run = null;
    this.sure = this.problem = "";
    this.steps = one ? one.steps.map((step) => ({ ...blank(step.do), ...step })) : [];
    this.making = one ? { id: one.id, name: one.name, shared: one.shared } : { id: "", name: "", shared: false };
    void this.updateComplete.then(() => this.find<HTMLElement>("[name=name]")?.focus());
  }

  #start(macro: Macro): void {
    this.run = null;
    if (!this.of) return void (this.problem = this.talk.pick);
    void this.try(async () => {
      const run = await this.desk.api.runMacro(this.of, macro.id);
      void this.desk.current?.load().catch(() => undefined);
      if (run.done) {
        this.desk.notify(fill(this.talk.macroDone, macro.name));
        this.close();
      } else this.run = run;
    }, true);
  }

  #remove(one: Macro): void {
    void this.try(async () => {
      await this.desk.api.forgetMacro(one.id);
      this.sure = "";
      await this.desk.refurnish();
    }, true);
  }

  readonly #onSave = (event: Event) => {
    event.preventDefault();
    if (!this.steps.length) return void (this.problem = this.talk.macroEmpty);
    this.#keepName();
    const { id, name, shared } = this.making!;
    void this.try(async () => {
      await this.desk.api.saveMacro({ name: name.trim(), steps: this.steps, shared }, id);
      await this.desk.refurnish();
      this.making = null;
    }, true);
  };
}

const value = (event: Event) => (event.target as HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement).value;

customElements.define("hookline-console-macros", MacrosSheet);
