import type { Pending } from "./keep.js";
import type { OpenThread } from "./open.js";
import type { Message, Step } from "./protocol.js";
import { day } from "./spans.js";
import type { Note } from "./tools.js";

/** One row of the picture of a conversation. */
export type Entry =
  | { key: string; kind: "day"; text: string }
  | { key: string; kind: "channel"; channel: string; conversation: string }
  | { key: string; kind: "step"; at: number; step: Step }
  | { key: string; kind: "new" }
  | { key: string; kind: "note"; at: number; note: Note }
  | { key: string; kind: "message"; at: number; message: Message; first: boolean; last: boolean }
  | { key: string; kind: "pending"; at: number; pending: Pending };

const RUN_SECONDS = 300;
/** Steps that say nothing an agent needs in the middle of the talk. */
const QUIET = new Set(["queue", "queued", "update", "updated", "activity"]);

/** The rows of `open` in order: messages of all channels, notes, what was done, days and channels between them. */
export function entries(open: OpenThread, pending: readonly Pending[], unreadFrom: number, language: string): Entry[] {
  const messages = [...open.past, ...open.messages];
  const since = messages[0]?.created_at ?? 0;
  const list: Entry[] = [];
  const put = (entry: Entry & { at: number }) => list.push(entry);
  for (const message of messages) put({ key: message.client_id || message.id, kind: "message", at: message.created_at, message, first: true, last: true });
  // Notes and steps of before the first message come when that part of the past does.
  const whole = !open.cursor;
  for (const note of open.notes) if (whole || note.created_at >= since) put({ key: note.id, kind: "note", at: note.created_at, note });
  for (const step of open.steps) if ((whole || step.at >= since) && !QUIET.has(step.event)) put({ key: `${step.handoff}:${step.n}`, kind: "step", at: step.at, step });
  list.sort((a, b) => at(a) - at(b) || rank(a) - rank(b) || sequence(a) - sequence(b));

  const rows: Entry[] = [];
  const now = Date.now() / 1000;
  let [today, channel, before]: [string, string, Entry | null] = ["", "", null];
  for (const entry of list) {
    const date = day(at(entry), now, language);
    if (date !== today) rows.push({ key: `day:${date}`, kind: "day", text: date });
    if (entry.kind === "message") {
      const { message } = entry;
      const elsewhere = message.conversation !== open.id;
      if (channel ? channel !== message.conversation : elsewhere) rows.push({ key: `at:${message.id}`, kind: "channel", channel: message.channel, conversation: message.conversation });
      channel = message.conversation;
      if (unreadFrom && message.seq === unreadFrom && !elsewhere) rows.push({ key: "new", kind: "new" });
      const run = date === today && before?.kind === "message" && same(before.message, message) && rows.at(-1) === before;
      if (run) (before as { last: boolean }).last = entry.first = false;
    }
    today = date;
    rows.push(entry);
    before = entry;
  }
  const here = new Set(open.messages.map((m) => m.client_id));
  for (const one of pending) if (!here.has(one.id)) rows.push({ key: one.id, kind: "pending", at: one.at, pending: one });
  return rows;
}

const at = (entry: Entry) => ("at" in entry ? entry.at : 0);
const rank = (entry: Entry) => (entry.kind === "message" ? 0 : 1);
const sequence = (entry: Entry) => (entry.kind === "message" ? entry.message.seq : entry.kind === "step" ? entry.step.n : 0);

function same(a: Message, b: Message): boolean {
  return a.author === b.author && a.agent === b.agent && a.conversation === b.conversation && b.created_at - a.created_at < RUN_SECONDS;
}
