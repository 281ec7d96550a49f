import { html, nothing, type TemplateResult } from "lit";
import { exact, relative } from "../../../../web/time.js";
import { Sheet } from "./sheet.js";
import type { Task } from "./tools.js";
import { fill } from "./words.js";

/** A task: make one, change it, end it. */
export class TaskSheet extends Sheet {
  static override properties = { ...Sheet.properties, task: { attribute: false } };
  /** The id of the task; "" for a new one, about the conversation `of` where one is open. */
  declare task: string;

  protected heading = () => (this.task ? this.talk.taskWord : this.talk.newTask);

  get #known(): Task | undefined {
    return this.task ? this.desk.duty.find(this.task) : undefined;
  }

  protected body(): TemplateResult {
    const { talk, desk } = this;
    const known = this.#known;
    if (this.task && !known) return html`<p class="soft">${talk.taskGone}</p>`;
    const ended = !!known && known.state !== "open";
    const fixed = ended || !desk.can.write;
    return html`<form @submit=${this.#onSave}>
      <label>${talk.taskTitle}<input class="field" name="title" required maxlength="200" dir="auto" .value=${known?.title ?? ""} ?disabled=${fixed} autofocus /></label>
      <label>${talk.taskDetail}<textarea class="field" name="detail" rows="3" maxlength="4000" dir="auto" .value=${known?.detail ?? ""} ?disabled=${fixed}></textarea></label>
      <label>${talk.dueAt}<input class="field" type="datetime-local" name="due" .value=${known?.due_at ? local(known.due_at) : ""} ?disabled=${fixed} /></label>
      ${fixed ? nothing : html`<div class="row wrap">${this.#spans().map(([word, at]) => html`<button class="button" type="button" @click=${() => (this.find<HTMLInputElement>("[name=due]")!.value = local(at))}>${word}</button>`)}</div>`}
      <label>${talk.taskWhose}
        <select class="field" name="whose" ?disabled=${fixed}>
          <option value="">${talk.anybody}</option>
          ${desk.teams.map((one) => html`<option value="team:${one.id}" ?selected=${known?.team === one.id && !known.agent}>${fill(talk.toTeam, one.name)}</option>`)}
          ${desk.agents
            .filter((one) => one.role !== "viewer")
            .map((one) => html`<option value="agent:${one.id}" ?selected=${known?.agent === one.id}>${one.id === desk.me?.agent.id ? `${one.name} (${talk.you})` : one.name}</option>`)}
        </select></label>
      ${known ? this.#about(known) : html`<label>${talk.taskReference}<input class="field" name="reference" maxlength="200" /></label>`}
      ${known && !ended && desk.can.write ? html`<label>${talk.outcome}<input class="field" name="outcome" maxlength="4000" dir="auto" /></label>` : nothing}
      <div class="end">
        ${known?.conversation ? html`<button class="button" type="button" @click=${() => this.#go(known.conversation)}>${talk.toConversation}</button>` : nothing}
        ${known && desk.can.write
          ? ended
            ? html`<button class="button" type="button" ?disabled=${this.busy} @click=${() => this.#turn("open")}>${talk.reopen}</button>`
            : html`<button class="button" type="button" ?disabled=${this.busy} @click=${() => this.#turn("cancelled")}>${talk.taskCancel}</button>
                <button class="button" type="button" ?disabled=${this.busy} @click=${() => this.#turn("done")}>${talk.taskDone}</button>`
          : nothing}
        ${fixed ? nothing : html`<button class="button primary" ?disabled=${this.busy}>${talk.save}</button>`}
      </div>
    </form>`;
  }

  #about(task: Task): TemplateResult {
    const { talk, language } = this;
    const now = Date.now() / 1000;
    const lines: [string, string | TemplateResult][] = [
      [talk.taskFor, task.contact_name],
      [talk.taskReference, task.reference],
      [talk.taskKind, task.kind],
      [talk.since, html`<time title=${exact(task.created_at, language)}>${relative(task.created_at, now, language)}</time>, ${task.created_by_name || task.created_by}`],
      [talk.taskState(task.state), task.ended_at ? html`<time title=${exact(task.ended_at, language)}>${relative(task.ended_at, now, language)}</time>, ${task.ended_by_name}` : ""],
      [talk.outcome, task.state === "open" ? "" : task.outcome],
    ];
    return html`<dl class="facts">${lines.filter(([, value]) => value).map(([word, value]) => html`<dt>${word}</dt><dd dir="auto">${value}</dd>`)}</dl>`;
  }

  #spans(): [string, number][] {
    const now = Date.now() / 1000;
    const morning = new Date();
    morning.setDate(morning.getDate() + 1);
    morning.setHours(9, 0, 0, 0);
    return [
      [this.talk.withinHour, now + 3_600],
      [this.talk.byMorning, morning.getTime() / 1000],
      [this.talk.withinTwoDays, now + 172_800],
    ];
  }

  #go(id: string): void {
    this.close();
    this.tell("open-conversation", { id, focus: true });
  }

  /** What the form says. */
  #read(): { title: string; detail: string; due_at: number; agent: string; team: string } {
    const form = new FormData(this.find<HTMLFormElement>("form")!);
    const get = (name: string) => String(form.get(name) ?? "").trim();
    const [what, id = ""] = [get("whose").split(":", 1)[0], get("whose").slice(get("whose").indexOf(":") + 1)];
    const due = get("due") ? new Date(get("due")).getTime() / 1000 : 0;
    return { title: get("title"), detail: get("detail"), due_at: due, agent: what === "agent" ? id : "", team: what === "team" ? id : "" };
  }

  #turn(state: "open" | "done" | "cancelled"): void {
    const { talk, desk } = this;
    const outcome = this.find<HTMLInputElement>("[name=outcome]")?.value.trim();
    const before = this.#known!.state;
    void this.try(async () => {
      await desk.duty.change(this.task, { state, ...(outcome ? { outcome } : {}) });
      const undo = () => void desk.duty.change(this.task, { state: before }).catch((error: Error) => desk.notify(error.message, { bad: true }));
      desk.notify(state === "open" ? talk.taskOpenNow : state === "done" ? talk.taskDoneNow : talk.taskCancelledNow, state === "open" ? {} : { undo });
    });
  }

  readonly #onSave = (event: Event) => {
    event.preventDefault();
    const read = this.#read();
    const known = this.#known;
    void this.try(async () => {
      if (known) {
        // A time that was not touched stays as it was, to the second.
        const due_at = known.due_at !== null && local(known.due_at) === local(read.due_at) ? known.due_at : read.due_at;
        await this.desk.duty.change(known.id, { ...read, due_at, version: known.version });
      } else {
        const reference = this.find<HTMLInputElement>("[name=reference]")!.value.trim();
        await this.desk.duty.make({ ...read, reference, conversation: this.of });
      }
      this.desk.notify(this.talk.taskSaved);
    });
  };
}

/** That moment as a field of type datetime-local has it: in the person's zone, to the minute. */
function local(at: number): string {
  const when = new Date(at * 1000);
  return new Date(when.getTime() - when.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

customElements.define("hookline-console-task", TaskSheet);
