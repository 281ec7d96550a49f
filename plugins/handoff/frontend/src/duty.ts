import type { Api } from "./api.js";
import type { Task, TaskChange, TaskDraft } from "./tools.js";

const PAGE = 200;
/** So many open tasks are held in the page; of more those that are due first. */
const MOST = 1_000;
const ENDED = 50;

export type TaskView = "open" | "mine" | "overdue" | "ended";

/** Whether it is open and its time has passed; events come when it has, the clock in the page does not wait for them. */
export const isLate = (task: Task): boolean => task.state === "open" && task.due_at !== null && task.due_at <= Date.now() / 1000;

/** The tasks of the staff: all open ones, kept up to date by events, and pages of those that have ended. */
export class Duty {
  state: "none" | "loading" | "ready" | "error" = "none";
  next = "";
  /** Those that have ended were asked for: they are fetched anew with the others, also where they never came. */
  #wanted = false;
  #paging = false;
  readonly #open = new Map<string, Task>();
  #ended: Task[] | null = null;
  #asked = 0;
  #running = 0;
  /** What was said of tasks while a list was on its way that may not know it yet. */
  readonly #meanwhile = new Map<string, Task>();
  readonly #changed: () => void;

  constructor(
    readonly api: Api,
    changed: () => void,
  ) {
    this.#changed = changed;
  }

  /** Fetch all open tasks anew, and those that have ended where they were shown. */
  async load(): Promise<void> {
    const asked = ++this.#asked;
    if (this.state !== "ready") this.state = "loading";
    this.#changed();
    this.#running += 1;
    try {
      const found: Task[] = [];
      let cursor = "";
      do {
        const page = await this.api.tasks({ limit: String(PAGE), ...(cursor ? { cursor } : {}) });
        if (asked !== this.#asked) return;
        found.push(...page.tasks);
        cursor = page.next;
      } while (cursor && found.length < MOST);
      this.#open.clear();
      for (const task of found) this.#open.set(task.id, task);
      this.state = "ready";
      if (this.#wanted) await this.#page("");
    } catch {
      if (asked === this.#asked && this.state !== "ready") this.state = "error";
    } finally {
      this.#fetched();
    }
    this.#changed();
  }

  /** The tasks of a view: open ones by their due time, ended ones the last first; null where they are not here yet. */
  of(view: TaskView, me: string): readonly Task[] | null {
    if (view === "ended") return this.#ended;
    const found = [...this.#open.values()].filter((one) => (view === "mine" ? one.agent === me : view === "overdue" ? isLate(one) : true));
    return found.sort((a, b) => (a.due_at ?? Infinity) - (b.due_at ?? Infinity) || a.created_at - b.created_at || (a.id < b.id ? -1 : 1));
  }

  /** What is open about a contact. */
  about(contact: string): readonly Task[] {
    return (this.of("open", "") ?? []).filter((one) => one.contact === contact);
  }

  count(view: TaskView, me: string): number | null {
    return this.state === "ready" ? (this.of(view, me)?.length ?? null) : null;
  }

  find(id: string): Task | undefined {
    return this.#open.get(id) ?? this.#ended?.find((one) => one.id === id);
  }

  /** Fetch the tasks that have ended, or more of them. */
  async more(): Promise<void> {
    if (this.#paging) return;
    this.#wanted = this.#paging = true;
    this.#running += 1;
    try {
      await this.#page(this.#ended ? this.next : "");
    } catch {
      this.state = "error";
    } finally {
      this.#paging = false;
      this.#fetched();
    }
    this.#changed();
  }

  async #page(cursor: string): Promise<void> {
    const page = await this.api.tasks({ state: "ended", limit: String(ENDED), ...(cursor ? { cursor } : {}) });
    this.#ended = cursor ? [...(this.#ended ?? []), ...page.tasks] : page.tasks;
    this.next = page.next;
  }

  /** A list has come: put over it what was said meanwhile. */
  #fetched(): void {
    this.#running -= 1;
    for (const task of this.#meanwhile.values()) this.put(task);
    if (!this.#running) this.#meanwhile.clear();
  }

  async make(draft: TaskDraft): Promise<Task> {
    return this.put(await this.api.makeTask(draft));
  }

  async change(id: string, change: TaskChange): Promise<Task> {
    return this.put(await this.api.changeTask(id, change));
  }

  /** What the server says of a task now; what is older than what is known is left. */
  put(task: Task): Task {
    const known = this.find(task.id);
    if (known && known.version > task.version) return known;
    if (this.#running) this.#meanwhile.set(task.id, task);
    const rest = this.#ended?.filter((one) => one.id !== task.id) ?? null;
    if (task.state === "open") this.#open.set(task.id, task);
    else this.#open.delete(task.id);
    this.#ended = rest && task.state !== "open" ? [task, ...rest] : rest;
    this.#changed();
    return task;
  }

  /** A contact was erased, with the tasks about them. */
  erase(contact: string): void {
    const stays = (task: Task) => task.contact !== contact;
    for (const list of [this.#open, this.#meanwhile]) for (const task of list.values()) if (!stays(task)) list.delete(task.id);
    this.#ended = this.#ended?.filter(stays) ?? null;
    if (this.state !== "none") void this.load(); // an answer that is under way may still have them
    else this.#changed();
  }

  forget(): void {
    this.#meanwhile.clear();
    this.#open.clear();
    this.#ended = null;
    this.#wanted = false;
    this.state = "none";
    this.#asked += 1;
  }
}
