import { describe, expect, test } from "vitest";
import { items, offered } from "../src/items.js";
import type { Citation, Message, ServerFrame } from "../src/protocol.js";
import { EMPTY, hasGap, reduce, streamed, type Thread } from "../src/thread.js";

const NOW = 1_780_000_000_000;

function message(seq: number, over: Partial<Message> = {}): Message {
  return { id: `m${seq}`, seq, direction: "outbound", author: "bot", text: `text ${seq}`, created_at: NOW / 1000 + seq, ...over };
}

function span(document: string, start = 0): Citation {
  return { document, version: 1, start, end: start + 5, text: "Hello", title: document, url: "", source: "" };
}

function frames(thread: Thread, ...list: ServerFrame[]): Thread {
  return list.reduce((t, frame) => reduce(t, { type: "frame", frame, now: NOW }), thread);
}

const asked = reduce(EMPTY, { type: "write", id: "c1", text: "What does roaming cost?", at: NOW / 1000 });

describe("what the person writes", () => {
  test("is there at once, as sending", () => {
    expect(asked.pending).toEqual([{ id: "c1", text: "What does roaming cost?", at: NOW / 1000, state: "sending" }]);
  });

  test("becomes a message with the seq of its acknowledgement, in the same place", () => {
    const before = items(asked, "", []);
    const sent = frames(asked, { type: "ack", id: "c1", message_id: "m1", seq: 1, duplicate: false });
    expect(sent.pending).toEqual([]);
    expect(sent.known).toBe(1);
    expect(items(sent, "", []).map((i) => [i.key, i.state])).toEqual([["c1", "sent"]]);
    expect(before.map((i) => i.key)).toEqual(["c1"]);
  });

  test("waits as sent where the acknowledgement has no seq yet, and is then replaced by the message", () => {
    const sent = frames(asked, { type: "ack", id: "c1", message_id: "m1", seq: 0, duplicate: false });
    expect(sent.pending[0]?.state).toBe("sent");
    const shown = frames(sent, { type: "message", message: message(1, { direction: "inbound", author: "contact" }) });
    expect(shown.pending).toEqual([]);
    expect(shown.messages).toHaveLength(1);
  });

  test("is not doubled when the server's copy comes before the acknowledgement", () => {
    const own = message(1, { direction: "inbound", author: "contact" });
    const thread = frames(
      asked,
      { type: "message", message: own, client_id: "c1" },
      { type: "ack", id: "c1", message_id: "m1", seq: 1, duplicate: true },
    );
    expect(thread.pending).toEqual([]);
    expect(items(thread, "", []).map((i) => i.key)).toEqual(["c1"]);
  });

  test("is failed with the server's reason when refused, and sending again on retry", () => {
    const problem = { title: "Too long", detail: "At most 4,000 characters." };
    const failed = frames(asked, { type: "nack", id: "c1", problem });
    expect(failed.pending[0]).toMatchObject({ state: "failed", problem });
    const again = reduce(failed, { type: "retry", id: "c1" });
    expect(again.pending[0]).toEqual({ id: "c1", text: "What does roaming cost?", at: NOW / 1000, state: "sending" });
    expect(reduce(failed, { type: "discard", id: "c1" }).pending).toEqual([]);
  });

  test("stays sending when the server only asks to wait", () => {
    const held = frames(asked, { type: "nack", id: "c1", problem: { title: "Too many" }, retry_after: 3 });
    expect(held.pending[0]?.state).toBe("sending");
  });

  test("of an earlier page load comes back, except what the server already showed", () => {
    const thread = frames(EMPTY, { type: "message", message: message(1, { direction: "inbound", data: { client_id: "c0" } }) });
    const old = { id: "c0", text: "a", at: 1, state: "sending" as const };
    const lost = { id: "c9", text: "b", at: 2, state: "failed" as const };
    expect(reduce(thread, { type: "restore", pending: [old, lost] }).pending).toEqual([lost]);
  });
});

describe("messages", () => {
  test("are in the order of seq and each there once, however often they come", () => {
    const thread = frames(
      EMPTY,
      { type: "message", message: message(2) },
      { type: "message", message: message(1) },
      { type: "message", message: message(2) },
    );
    expect(thread.messages.map((m) => m.seq)).toEqual([1, 2]);
    expect(thread.known).toBe(2);
  });

  test("that are missing make a gap, which a page of newer ones closes", () => {
    const start = reduce(EMPTY, { type: "page", kind: "newest", messages: [message(1)], last: 1, full: false });
    const gap = frames(start, { type: "message", message: message(4) });
    expect(hasGap(gap)).toBe(true);
    expect(gap.known).toBe(1);
    const closed = reduce(gap, { type: "page", kind: "newer", messages: [message(2), message(3), message(4)], last: 4, full: false });
    expect(hasGap(closed)).toBe(false);
    expect(closed.messages.map((m) => m.seq)).toEqual([1, 2, 3, 4]);
  });

  test("that the server never shows are no gap for ever", () => {
    const start = reduce(EMPTY, { type: "page", kind: "newest", messages: [message(1)], last: 1, full: false });
    const gap = frames(start, { type: "message", message: message(5) });
    const closed = reduce(gap, { type: "page", kind: "newer", messages: [message(5)], last: 5, full: false });
    expect(hasGap(closed)).toBe(false);
  });

  test("of a full page of newer ones leave the rest as a gap", () => {
    const start = frames(EMPTY, { type: "ready", conversation: "c", last_seq: 9 });
    const part = reduce(start, { type: "page", kind: "newer", messages: [message(1), message(2)], last: 9, full: true });
    expect(part.known).toBe(2);
    expect(hasGap(part)).toBe(true);
  });

  test("before the first one are offered while a page comes back full", () => {
    const start = reduce(EMPTY, { type: "page", kind: "newest", messages: [message(8), message(9)], last: 9, full: true });
    expect(start.older).toBe(true);
    const up = reduce(start, { type: "page", kind: "older", messages: [message(6), message(7)], last: 9, full: true });
    expect(up.older).toBe(true);
    expect(up.known).toBe(9);
    expect(reduce(up, { type: "page", kind: "older", messages: [message(5)], last: 9, full: false }).older).toBe(false);
  });
});

describe("a reply that is being written", () => {
  const segment = (offset: number, text: string, attempt = 1, citations: Citation[] = []): ServerFrame => ({
    type: "segment",
    turn: "7",
    attempt,
    offset,
    text,
    citations,
  });

  test("grows by its segments, whatever order they come in and however often", () => {
    const thread = frames(asked, segment(1, "two. "), segment(0, "One, "), segment(1, "two. "));
    expect(streamed(thread.streams[0]!).text).toBe("One, two. ");
  });

  test("shows nothing past a segment that is missing", () => {
    expect(streamed(frames(asked, segment(0, "One, "), segment(2, "three.")).streams[0]!).text).toBe("One, ");
  });

  test("starts over with a higher attempt and ignores the former one's late segments", () => {
    const thread = frames(asked, segment(0, "Wrong. "), segment(0, "Right. ", 2), segment(1, "Late. ", 1));
    expect(streamed(thread.streams[0]!).text).toBe("Right. ");
  });

  test("collects its citations, each once", () => {
    const thread = frames(asked, segment(0, "A [1]. ", 1, [span("a")]), segment(1, "B [2]. ", 1, [span("b"), span("a")]));
    expect(streamed(thread.streams[0]!).citations.map((c) => c.document)).toEqual(["a", "b"]);
  });

  test("is replaced in its place by the message of its turn", () => {
    const streaming = frames(EMPTY, { type: "turn", turn: 7, state: "started" }, segment(0, "Rates "));
    const done = frames(streaming, { type: "message", message: message(1, { data: { turn: 7 } }) }, segment(1, "late"));
    expect(items(streaming, "", []).map((i) => i.key)).toEqual(["turn:7"]);
    expect(items(done, "", []).map((i) => [i.key, i.text])).toEqual([["turn:7", "text 1"]]);
    expect(done.streams).toEqual([]);
  });

  test("is a wait until its first segment, which ends when the turn ends without a word", () => {
    const waiting = frames(asked, { type: "turn", turn: "7", state: "started" });
    expect(items(waiting, "", []).at(-1)?.state).toBe("waiting");
    expect(frames(waiting, { type: "turn", turn: "7", state: "finished" }).streams).toEqual([]);
    expect(frames(waiting, { type: "ready", conversation: "c", last_seq: 0 }).streams).toEqual([]);
  });

  test("that lost its message stays until a page was fetched", () => {
    const lost = frames(asked, segment(0, "Rates."), { type: "turn", turn: "7", state: "finished" });
    expect(lost.streams).toHaveLength(1);
    const synced = reduce(lost, { type: "page", kind: "newer", messages: [message(1, { data: { turn: "7" } })], last: 1, full: false });
    expect(synced.streams).toEqual([]);
  });
});

describe("the bubbles", () => {
  test("start with the greeting and its quick replies, until something older is known to be there", () => {
    expect(items(EMPTY, "Hello!", ["Bill"])).toMatchObject([{ key: "greeting", text: "Hello!", quickReplies: ["Bill"] }]);
    expect(items({ ...EMPTY, older: true }, "Hello!", [])).toEqual([]);
  });

  test("offer only the last one's quick replies, and none once something was answered", () => {
    const thread = frames(EMPTY, { type: "message", message: message(1, { quick_replies: ["Yes", "No"] }) });
    expect(offered(items(thread, "", []))).toEqual(["Yes", "No"]);
    expect(offered(items(reduce(thread, { type: "write", id: "c1", text: "Yes", at: NOW / 1000 }), "", []))).toEqual([]);
  });

  test("of one author within five minutes are one run", () => {
    const list = [message(1), message(2), message(3, { author: "agent" }), message(4, { author: "agent", created_at: NOW / 1000 + 900 })];
    const thread = frames(EMPTY, ...list.map((m): ServerFrame => ({ type: "message", message: m })));
    expect(items(thread, "", []).map((i) => [i.first, i.last])).toEqual([
      [true, false],
      [false, true],
      [true, true],
      [true, true],
    ]);
  });

  test("of several replies of one turn have keys of their own", () => {
    const thread = frames(
      EMPTY,
      { type: "message", message: message(1, { data: { turn: 7 } }) },
      { type: "message", message: message(2, { data: { turn: 7 } }) },
    );
    expect(items(thread, "", []).map((i) => i.key)).toEqual(["turn:7", "m2"]);
  });
});

describe("signs of agents", () => {
  const typed = (on?: boolean) => frameEvent({ type: "typing", author: "agent", name: "Asha", ...(on === undefined ? {} : { on }) });
  const frameEvent = (frame: ServerFrame) => ({ type: "frame" as const, frame, now: 1_000 });

  test("shows who types until it lapses, or until they say that they stopped", () => {
    const typing = reduce(EMPTY, typed());
    expect(typing.typingUntil).toBe(7_000);
    expect(reduce(typing, typed(false)).typingUntil).toBe(0);
  });

  test("knows how far an agent has read, and never goes back", () => {
    const read = reduce(EMPTY, frameEvent({ type: "read", author: "agent", seq: 3 }));
    expect(read.readTo).toBe(3);
    expect(reduce(read, frameEvent({ type: "read", author: "agent", seq: 2 }))).toBe(read);
    expect(reduce(read, frameEvent({ type: "read", author: "contact", seq: 9 }))).toBe(read);
  });
});
