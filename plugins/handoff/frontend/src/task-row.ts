import { html, nothing, type TemplateResult } from "lit";
import { exact, format } from "../../../../web/time.js";
import { isLate } from "./duty.js";
import { checkIcon, clockIcon, warnIcon } from "./signs.js";
import { brief } from "./spans.js";
import type { Task } from "./tools.js";
import type { Words } from "./words.js";

const SOON = 3_600;

/** When a task is due, as people say it: how late, how much time is left, or the day. */
export function due(task: Task, talk: Words, language: string): TemplateResult | typeof nothing {
  if (task.due_at === null) return nothing;
  const at = task.due_at;
  const left = at - Date.now() / 1000;
  const late = isLate(task);
  const day = format(at, language, { weekday: "short", day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });
  const text = task.state !== "open" ? day : late ? (brief(-left, talk) ? talk.late(brief(-left, talk)) : `${talk.overdue}: ${day}`) : left < 86_400 ? talk.left(brief(left, talk)) : day;
  const kind = late ? "danger" : task.state === "open" && left < SOON ? "warning" : "";
  return html`<span class="badge num due ${kind}" title="${talk.dueAt}: ${exact(at, language)}">${late ? warnIcon : clockIcon}${text}</span>`;
}

interface Ways {
  open(task: Task): void;
  end(task: Task): void;
}

/** One task in a list: end it with the box, open it by its title. */
export function taskRow(task: Task, talk: Words, language: string, me: string, can: boolean, ways: Ways): TemplateResult {
  const open = task.state === "open";
  const theirs = task.agent && task.agent !== me ? task.agent_name || task.agent : task.agent ? talk.you : "";
  const about = [task.contact_name, task.reference, theirs, open ? "" : task.outcome].filter(Boolean);
  return html`<li class="task ${open ? "" : "ended"}" data-id=${task.id}>
    <button class="box" type="button" role="checkbox" aria-checked=${!open} ?disabled=${!can} aria-label="${open ? talk.taskDone : talk.reopen}: ${task.title}" title=${open ? talk.taskDone : talk.reopen}
      @click=${() => ways.end(task)}>${open ? nothing : checkIcon}</button>
    <button class="title" type="button" @click=${() => ways.open(task)}>
      <span class="name" dir="auto">${task.title}</span>
      ${about.length || task.detail ? html`<span class="soft cut" dir="auto">${[...about, task.detail].filter(Boolean).join(" · ")}</span>` : nothing}
    </button>
    ${task.state === "cancelled" ? html`<span class="badge">${talk.taskState(task.state)}</span>` : nothing}
    ${due(task, talk, language)}
  </li>`;
}
