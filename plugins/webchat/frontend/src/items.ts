import type { Attachment, Citation, Problem } from "./protocol.js";
import { clientId, streamed, turnOf, type Thread } from "./thread.js";

/** One bubble of the picture of a thread. */
export interface Item {
  /** The same for a bubble and for what replaces it, so that it stays in place. */
  key: string;
  author: "contact" | "bot" | "agent" | "system";
  text: string;
  /** Epoch seconds; 0: not known yet. */
  at: number;
  state: "sending" | "sent" | "failed" | "streaming" | "waiting" | "";
  /** The client's id of what is not acknowledged yet, to retry or discard it. */
  pending: string;
  problem: Problem | null;
  citations: readonly Citation[];
  attachments: readonly Attachment[];
  quickReplies: readonly string[];
  /** The first and the last of an author's run of bubbles. */
  first: boolean;
  last: boolean;
}

const RUN_SECONDS = 300;

const BLANK: Omit<Item, "key" | "author"> = {
  text: "",
  at: 0,
  state: "",
  pending: "",
  problem: null,
  citations: [],
  attachments: [],
  quickReplies: [],
  first: true,
  last: true,
};

/** The bubbles of `thread` in order: what is committed, what is on its way, what is being written. */
export function items(thread: Thread, greeting: string, greetingReplies: readonly string[]): Item[] {
  const list: Item[] = [];
  const turns = new Set<string>();
  if (greeting && !thread.older) {
    list.push({ ...BLANK, key: "greeting", author: "bot", text: greeting, quickReplies: greetingReplies });
  }
  for (const m of thread.messages) {
    const own = m.direction === "inbound";
    const turn = own ? "" : turnOf(m);
    const lead = turn && !turns.has(turn);
    if (lead) turns.add(turn);
    list.push({
      ...BLANK,
      key: clientId(m) || (lead ? `turn:${turn}` : m.id),
      author: own ? "contact" : m.author === "contact" ? "bot" : m.author,
      text: m.text,
      at: m.created_at,
      state: own ? "sent" : "",
      citations: m.citations ?? [],
      attachments: m.attachments ?? [],
      quickReplies: m.quick_replies ?? [],
    });
  }
  for (const p of thread.pending) {
    list.push({
      ...BLANK,
      key: p.id,
      author: "contact",
      text: p.text,
      at: p.at,
      state: p.state,
      pending: p.state === "sent" ? "" : p.id,
      problem: p.problem ?? null,
    });
  }
  for (const s of thread.streams) {
    const { text, citations } = streamed(s);
    list.push({ ...BLANK, key: `turn:${s.turn}`, author: "bot", text, citations, state: text ? "streaming" : "waiting" });
  }
  for (let i = 1; i < list.length; i++) {
    const [a, b] = [list[i - 1] as Item, list[i] as Item];
    const run = a.author === b.author && (!a.at || !b.at || b.at - a.at < RUN_SECONDS);
    if (run) a.last = b.first = false;
  }
  return list;
}

/** The quick replies still on offer: the last bubble's, until something is answered. */
export function offered(list: readonly Item[]): readonly string[] {
  const last = list.at(-1);
  return last && last.author !== "contact" ? last.quickReplies : [];
}
