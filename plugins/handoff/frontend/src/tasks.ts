import { html, nothing, type PropertyValues, type TemplateResult } from "lit";
import type { TaskView } from "./duty.js";
import look from "./look/tasks.css?inline";
import taskLook from "./look/task.css?inline";
import type { Topic } from "./news.js";
import { looks, Part, state } from "./part.js";
import * as sign from "./signs.js";
import { taskRow } from "./task-row.js";
import type { Task } from "./tools.js";
import type { Words } from "./words.js";

const VIEWS: readonly [TaskView, keyof Words & string][] = [
  ["open", "taskOpen"],
  ["mine", "mine"],
  ["overdue", "overdue"],
  ["ended", "taskEnded"],
];
const CLOCK_MS = 15_000;

/** End a task, or open it again, and say so with a way back. */
export async function turn(part: Part, task: Task): Promise<void> {
  const { desk, talk } = part;
  const open = task.state === "open";
  try {
    await desk.duty.change(task.id, { state: open ? "done" : "open" });
    desk.notify(open ? talk.taskDoneNow : talk.taskOpenNow, { undo: () => void desk.duty.change(task.id, { state: open ? "open" : "done" }).catch((error: Error) => desk.notify(error.message, { bad: true })) });
  } catch (error) {
    desk.notify(error instanceof Error ? error.message : String(error), { bad: true });
  }
}

/** What the staff has to do for customers by a certain time. */
export class TaskList extends Part {
  static override styles = looks(taskLook, look);
  static override properties = state("which");

  declare which: TaskView;
  #clock: number | undefined;

  constructor() {
    super();
    this.which = "open";
  }

  protected hears(topics: ReadonlySet<Topic>): boolean {
    return topics.has("tasks") || topics.has("desk");
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#clock = window.setInterval(() => this.requestUpdate(), CLOCK_MS);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    window.clearInterval(this.#clock);
  }

  override updated(changed: PropertyValues): void {
    if (changed.has("which") && this.which === "ended" && !this.desk.duty.of("ended", "")) void this.desk.duty.more();
  }

  override focus(): void {
    (this.find(".task .title") ?? this.find("h1"))?.focus();
  }

  /** Put the focus `by` tasks further. */
  move(by: number): void {
    const all = [...this.renderRoot.querySelectorAll<HTMLElement>(".task .title")];
    const at = all.findIndex((one) => one.matches(":focus"));
    (all[at + by] ?? all[at < 0 && by < 0 ? all.length - 1 : Math.max(0, at)])?.focus();
  }

  override render(): TemplateResult {
    const { desk, talk, which } = this;
    const { duty } = desk;
    const me = desk.me?.agent.id ?? "";
    const shown = duty.of(which, me);
    return html`<main>
      <header class="row"><button class="icon back" type="button" aria-label=${talk.views} title=${talk.views} @click=${() => this.tell("open-rail")}>${sign.railIcon}</button>
        <h1 class="grow" tabindex="-1">${talk.tasks}</h1>
        ${desk.can.write ? html`<button class="button primary" type="button" @click=${() => this.tell("open-task", "")}>${talk.newTask}</button>` : nothing}</header>
      <div class="which row wrap" role="group" aria-label=${talk.narrow}>
        ${VIEWS.map(([view, word]) => {
          const count = view === "ended" ? null : duty.count(view, me);
          return html`<button class="button" type="button" aria-pressed=${which === view} @click=${() => (this.which = view)}>${talk[word]}${count ? html` <span class="num soft">${count}</span>` : nothing}</button>`;
        })}
      </div>
      ${shown === null || (duty.state !== "ready" && !shown.length) ? this.#waiting() : shown.length ? this.#list(shown, me) : html`<p class="state">${talk.noTasks(which)}</p>`}
    </main>`;
  }

  #waiting(): TemplateResult {
    const { talk, desk } = this;
    if (desk.duty.state !== "error") return html`<div class="skeleton" role="status" aria-label=${talk.loading}><i></i><i></i><i></i></div>`;
    return html`<div class="state" role="alert"><p>${talk.tasksFailed}</p><button class="button" type="button" @click=${() => void desk.duty.load()}>${talk.retry}</button></div>`;
  }

  #list(shown: readonly Task[], me: string): TemplateResult {
    const { talk, desk } = this;
    return html`<ul class="tasks" @keydown=${this.#onKey}>
        ${shown.map((one) =>
          taskRow(one, talk, this.language, me, desk.can.write, { open: (task) => this.tell("open-task", task.id), end: (task) => void turn(this, task) }),
        )}
      </ul>
      ${this.which === "ended" && desk.duty.next ? html`<div class="more"><button class="button" type="button" @click=${() => void desk.duty.more()}>${talk.more}</button></div>` : nothing}`;
  }

  readonly #onKey = (event: KeyboardEvent) => {
    if (event.altKey || event.ctrlKey || event.metaKey || (event.key !== "ArrowDown" && event.key !== "ArrowUp")) return;
    event.preventDefault();
    this.move(event.key === "ArrowDown" ? 1 : -1);
  };
}

customElements.define("hookline-console-tasks", TaskList);
