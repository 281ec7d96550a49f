import type { Attachment, Citation, Message, Problem, ServerFrame } from "./protocol.js";

/** What the person wrote and the server has not yet shown back to us. */
export interface Pending {
  id: string;
  text: string;
  /** Epoch seconds. */
  at: number;
  state: "sending" | "sent" | "failed";
  /** The server's id, once it acknowledged. */
  messageId?: string;
  problem?: Problem;
  /** It was spoken and not typed, and is so long. */
  seconds?: number;
}

/** A reply that is still being written: the segments of its latest attempt, by offset. */
export interface Stream {
  turn: string;
  attempt: number;
  segments: ({ text: string; citations: Citation[] } | undefined)[];
  state: "started" | "finished" | "retrying";
}

/** The whole conversation as this page knows it. Values are never changed in place. */
export interface Thread {
  /** By seq, ascending, each once. */
  messages: readonly Message[];
  pending: readonly Pending[];
  streams: readonly Stream[];
  /** Until when (epoch ms) somebody is shown as typing. */
  typingUntil: number;
  /** Up to which seq an agent has read. */
  readTo: number;
  /** Everything up to this seq is here (or was told not to exist). */
  known: number;
  /** The highest seq anyone spoke of; above `known` there is a gap to refetch. */
  seen: number;
  /** There are older messages than the first one here. */
  older: boolean;
}

export type Event =
  | { type: "reset" }
  | { type: "write"; id: string; text: string; at: number; seconds?: number }
  | { type: "retry"; id: string }
  | { type: "discard"; id: string }
  | { type: "restore"; pending: readonly Pending[] }
  /** An answer of `GET messages`: the newest ones, older ones (`before=`), or newer ones (`after=`). */
  | { type: "page"; kind: "newest" | "older" | "newer"; messages: readonly Message[]; last: number; full: boolean }
  | { type: "frame"; frame: ServerFrame; now: number };

export const EMPTY: Thread = {
  messages: [],
  pending: [],
  streams: [],
  typingUntil: 0,
  readTo: 0,
  known: 0,
  seen: 0,
  older: false,
};

/** What stands for a recording until the server shows its message. */
export const SPOKEN: Attachment = { url: "", media_type: "audio/webm", name: "" };

const TYPING_MS = 6_000;

/** The thread after `event`. */
export function reduce(thread: Thread, event: Event): Thread {
  switch (event.type) {
    case "reset":
      return EMPTY;
    case "write": {
      const { type: _, ...written } = event;
      return { ...thread, pending: [...thread.pending, { ...written, state: "sending" }] };
    }
    case "retry":
      return patchPending(thread, event.id, { state: "sending" });
    case "discard":
      return { ...thread, pending: thread.pending.filter((p) => p.id !== event.id) };
    case "restore": {
      const here = new Set([...thread.pending.map((p) => p.id), ...thread.messages.map(clientId)]);
      const more = event.pending.filter((p) => !here.has(p.id));
      return more.length ? { ...thread, pending: [...more, ...thread.pending] } : thread;
    }
    case "page":
      return addPage(thread, event);
    case "frame":
      return addFrame(thread, event.frame, event.now);
  }
}

/** Whether messages are missing that `GET messages?after=known` would bring. */
export function hasGap(thread: Thread): boolean {
  return thread.seen > thread.known;
}

/** What of a stream can be shown: its segments up to the first that is missing. */
export function streamed(stream: Stream): { text: string; citations: Citation[] } {
  let text = "";
  const citations: Citation[] = [];
  for (let i = 0; i < stream.segments.length; i++) {
    const segment = stream.segments[i];
    if (!segment) break;
    text += segment.text;
    for (const c of segment.citations) if (!citations.some((o) => sameSpan(o, c))) citations.push(c);
  }
  return { text, citations };
}

/** The reply a message stands for, to find the stream it replaces; "" where it has none. */
export function turnOf(message: Message): string {
  return message.data?.turn === undefined ? "" : String(message.data.turn);
}

export function isSound(attachment: Attachment): boolean {
  return attachment.media_type.startsWith("audio/");
}

/** The newest message that was spoken, where what was said is not written down (yet). */
export function unheard(thread: Thread): Message | undefined {
  const last = thread.messages.findLast((m) => m.direction === "inbound");
  return last && !last.text && last.attachments?.some(isSound) ? last : undefined;
}

export function clientId(message: Message): string {
  return message.data?.client_id ?? "";
}

function sameSpan(a: Citation, b: Citation): boolean {
  return a.document === b.document && a.version === b.version && a.start === b.start && a.end === b.end;
}

function patchPending(thread: Thread, id: string, patch: Partial<Pending>): Thread {
  return {
    ...thread,
    pending: thread.pending.map((p) => {
      if (p.id !== id) return p;
      const { problem: _, ...rest } = p;
      return { ...rest, ...patch };
    }),
  };
}

/** Put `fresh` in by seq; drop the optimistic bubbles and the streams they stand for. */
function insert(thread: Thread, fresh: readonly Message[]): Thread {
  if (!fresh.length) return thread;
  const bySeq = new Map(thread.messages.map((m) => [m.seq, m]));
  for (const m of fresh) bySeq.set(m.seq, m);
  const messages = [...bySeq.values()].sort((a, b) => a.seq - b.seq);
  const clients = new Set(fresh.map(clientId).filter(Boolean));
  const ids = new Set(fresh.map((m) => m.id));
  const replies = fresh.filter((m) => m.direction === "outbound");
  const turns = new Set(replies.map(turnOf).filter(Boolean));
  return {
    ...thread,
    messages,
    pending: thread.pending.filter((p) => !clients.has(p.id) && !(p.messageId && ids.has(p.messageId))),
    // One conversation's turns run one after the other: a reply also ends a wait whose end was not heard.
    streams: thread.streams.filter((s) => !turns.has(s.turn) && !(replies.length && !s.segments.length)),
    typingUntil: replies.length ? 0 : thread.typingUntil,
  };
}

function addPage(thread: Thread, page: Extract<Event, { type: "page" }>): Thread {
  const next = insert(thread, page.messages);
  const older = page.full && (next.messages[0]?.seq ?? 1) > 1;
  if (page.kind === "older") return { ...next, older };
  const top = page.messages.at(-1)?.seq ?? 0;
  // A seq that the server never shows (a private note) is no gap: a page that is not full reaches the end.
  const end = page.kind === "newer" && page.full ? top : Math.max(top, page.last);
  const known = Math.max(thread.known, end);
  const streams = page.full ? next.streams : next.streams.filter((s) => s.state !== "finished");
  return {
    ...next,
    streams,
    known,
    seen: page.kind === "newest" ? known : Math.max(next.seen, known),
    older: page.kind === "newest" ? older : next.older,
  };
}

function addFrame(thread: Thread, frame: ServerFrame, now: number): Thread {
  switch (frame.type) {
    case "ready":
      // The end of a wait may have been missed while nobody listened.
      return {
        ...thread,
        seen: Math.max(thread.seen, frame.last_seq),
        streams: thread.streams.filter((s) => s.segments.length),
      };
    case "ack":
      return acknowledge(thread, frame);
    case "nack":
      // With a time to wait for it is not refused: the connection sends it again by itself.
      return patchPending(
        thread,
        frame.id,
        frame.retry_after === undefined ? { state: "failed", problem: frame.problem } : { problem: frame.problem },
      );
    case "message": {
      const message = frame.client_id
        ? { ...frame.message, data: { ...frame.message.data, client_id: frame.client_id } }
        : frame.message;
      return advance(insert(thread, [message]), message.seq);
    }
    case "segment":
      return addSegment(thread, frame);
    case "turn":
      return setTurn(thread, String(frame.turn), frame.state);
    case "typing":
      return frame.author === "contact" ? thread : { ...thread, typingUntil: frame.on === false ? 0 : now + TYPING_MS };
    case "read":
      return frame.author === "contact" || frame.seq <= thread.readTo ? thread : { ...thread, readTo: frame.seq };
    case "pong":
    case "error":
      return thread;
  }
}

function acknowledge(thread: Thread, ack: Extract<ServerFrame, { type: "ack" }>): Thread {
  const sent = thread.pending.find((p) => p.id === ack.id);
  if (!sent) return thread;
  if (thread.messages.some((m) => m.id === ack.message_id)) {
    return { ...thread, pending: thread.pending.filter((p) => p.id !== ack.id) };
  }
  if (ack.seq <= 0) return patchPending(thread, ack.id, { state: "sent", messageId: ack.message_id });
  const message: Message = {
    id: ack.message_id,
    seq: ack.seq,
    direction: "inbound",
    author: "contact",
    text: sent.text,
    created_at: sent.at,
    attachments: sent.seconds === undefined ? [] : [SPOKEN],
    data: { client_id: sent.id },
  };
  return advance(insert(thread, [message]), ack.seq);
}

function advance(thread: Thread, seq: number): Thread {
  let known = thread.known;
  if (seq === known + 1) {
    // What came early may close the gap now.
    const here = new Set(thread.messages.map((m) => m.seq));
    while (here.has(known + 1)) known++;
  }
  return { ...thread, known, seen: Math.max(thread.seen, seq) };
}

function addSegment(thread: Thread, frame: Extract<ServerFrame, { type: "segment" }>): Thread {
  const turn = String(frame.turn);
  if (thread.messages.some((m) => m.direction === "outbound" && turnOf(m) === turn)) return thread;
  const old = thread.streams.find((s) => s.turn === turn);
  if (old && frame.attempt < old.attempt) return thread;
  const same = old?.attempt === frame.attempt;
  const segments = same ? [...old.segments] : [];
  if (segments[frame.offset]) return thread;
  segments[frame.offset] = { text: frame.text, citations: frame.citations ?? [] };
  return putStream({ ...thread, typingUntil: 0 }, { turn, attempt: frame.attempt, segments, state: "started" });
}

function setTurn(thread: Thread, turn: string, state: Stream["state"]): Thread {
  const old = thread.streams.find((s) => s.turn === turn);
  if (thread.messages.some((m) => m.direction === "outbound" && turnOf(m) === turn)) return thread;
  if (state === "finished" && (!old || !old.segments.length)) {
    return { ...thread, streams: thread.streams.filter((s) => s !== old) };
  }
  return putStream(thread, old ? { ...old, state } : { turn, attempt: -1, segments: [], state });
}

function putStream(thread: Thread, stream: Stream): Thread {
  const at = thread.streams.findIndex((s) => s.turn === stream.turn);
  const streams = at < 0 ? [...thread.streams, stream] : thread.streams.with(at, stream);
  return { ...thread, streams };
}
