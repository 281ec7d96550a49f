import type { Attachment, Citation, Problem } from "./protocol.js";
import { SPOKEN, clientId, isSound, streamed, turnOf, type Thread } from "./thread.js";

/** Sound to play: attachment `n` of the message `seq` (0: not committed yet). */
export interface Sound {
  key: string;
  seq: number;
  n: number;
  attachment: Attachment;
}

/** One bubble of the picture of a thread. */
export interface Item {
  /** The same for a bubble and for what replaces it, so that it stays in place. */
  key: string;
  author: "contact" | "bot" | "agent" | "system";
  text: string;
  /** Epoch seconds; 0: not known yet. */
  at: number;
  state: "sending" | "sent" | "read" | "failed" | "streaming" | "waiting" | "";
  /** The client's id of what is not acknowledged yet, to retry or discard it. */
  pending: string;
  problem: Problem | null;
  citations: readonly Citation[];
  attachments: readonly Attachment[];
  sounds: readonly Sound[];
  /** What was said is being written down. */
  unheard: boolean;
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
  sounds: [],
  unheard: false,
  quickReplies: [],
  first: true,
  last: true,
};

/** The bubbles of `thread` in order: what is committed, what is on its way, what is being written. */
export function items(thread: Thread, greeting: string, greetingReplies: readonly string[]): Item[] {
  const list: Item[] = [];
  const turns = new Set<string>();
  const spoken = new Map<string, Item>();
  if (greeting && !thread.older) {
    list.push({ ...BLANK, key: "greeting", author: "bot", text: greeting, quickReplies: greetingReplies });
  }
  for (const m of thread.messages) {
    const own = m.direction === "inbound";
    const sounds = (m.attachments ?? []).flatMap((attachment, n) =>
      isSound(attachment) ? [{ key: `${clientId(m) || m.id}/${n}`, seq: m.seq, n, attachment }] : [],
    );
    const reply = spoken.get(m.data?.speaks_for ?? "");
    if (reply && !m.text) {
      reply.sounds = [...reply.sounds, ...sounds];
      continue;
    }
    const turn = own ? "" : turnOf(m);
    const lead = turn && !turns.has(turn);
    if (lead) turns.add(turn);
    const item: Item = {
      ...BLANK,
      key: clientId(m) || (lead ? `turn:${turn}` : m.id),
      author: own ? "contact" : m.author === "contact" ? "bot" : m.author,
      text: m.text,
      at: m.created_at,
      state: own ? (m.seq <= thread.readTo ? "read" : "sent") : "",
      citations: m.citations ?? [],
      attachments: (m.attachments ?? []).filter((one) => !isSound(one)),
      sounds,
      unheard: own && !m.text && sounds.length > 0 && thread.streams.length > 0 && m === thread.messages.at(-1),
      quickReplies: m.quick_replies ?? [],
    };
    list.push(item);
    if (!own) spoken.set(m.id, item);
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
      sounds: p.seconds === undefined ? [] : [{ key: `${p.id}/0`, seq: 0, n: 0, attachment: SPOKEN }],
      unheard: p.seconds !== undefined && p.state !== "failed",
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
