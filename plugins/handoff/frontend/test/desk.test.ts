import { describe, expect, test, vi } from "vitest";
import { Refused } from "../../../../web/request.js";
import { Bell } from "../src/bell.js";
import { Desk } from "../src/desk.js";
import { Duty } from "../src/duty.js";
import { entries } from "../src/entries.js";
import { Inbox, newest } from "../src/inbox.js";
import { deedOf, KEYS } from "../src/keys.js";
import { Keep, rest, type Pending } from "../src/keep.js";
import { wordAt } from "../src/menus.js";
import type { Api } from "../src/api.js";
import { merged, OpenThread } from "../src/open.js";
import { give } from "../src/panels.js";
import type { Agent, Handoff, Item, Message, ServerFrame, State } from "../src/protocol.js";
import { brief } from "../src/spans.js";
import type { Note, Task } from "../src/tools.js";
import { belongs, compare, wanted } from "../src/views.js";
import { windowOf } from "../src/window.js";
import { en } from "../src/words/en.js";
import { fr } from "../src/words/fr.js";
import { hi } from "../src/words/hi.js";

const ME = { id: "asha", teams: ["care"] } as unknown as Agent;

function item(id: string, state: State, more: Partial<Handoff> = {}, rest: Partial<Item> = {}): Item {
  const handoff = { id: `h-${id}`, conversation: id, state, agent: "", team: "", priority: 0, score: null, waiting_since: null, snoozed_until: null, requested_at: 1, activity_at: 1, ...more };
  return { conversation: { id, channel: "webchat", address: id, updated_at: 1 }, contact: {}, handoff, last: null, unread: 0, tags: [], sla: null, ...rest } as unknown as Item;
}

describe("a view", () => {
  test("of mine has what I hold, put aside or am offered, and nothing of others", () => {
    const yes: State[] = ["claimed", "snoozed", "transferred"];
    for (const state of yes) expect(belongs(item("a", state, { agent: "asha" }), "mine", ME)).toBe(true);
    expect(belongs(item("a", "returned", { agent: "asha" }), "mine", ME)).toBe(false);
    expect(belongs(item("a", "claimed", { agent: "jean" }), "mine", ME)).toBe(false);
  });

  test("of the unassigned has what is offered to everybody or to a team of mine", () => {
    expect(belongs(item("a", "queued"), "unassigned", ME)).toBe(true);
    expect(belongs(item("a", "transferred", { team: "care" }), "unassigned", ME)).toBe(true);
    expect(belongs(item("a", "transferred", { team: "sales" }), "unassigned", ME)).toBe(false);
    expect(belongs(item("a", "transferred", { agent: "jean" }), "unassigned", ME)).toBe(false);
  });

  test("is narrowed by channel, tag, agent and promise", () => {
    const one = item("a", "claimed", { agent: "jean" }, { tags: ["bill"] });
    expect(wanted(one, { view: "all", tag: "bill", agent: "jean", channel: "webchat" }, ME)).toBe(true);
    expect(wanted(one, { view: "all", tag: "net" }, ME)).toBe(false);
    expect(wanted(one, { view: "all", sla: "breached" }, ME)).toBe(false);
  });

  test("of the queue puts priority first, then the lead's score, then the longest wait", () => {
    const list = [
      item("late", "queued", { waiting_since: 50 }),
      item("early", "queued", { waiting_since: 10 }),
      item("lead", "queued", { waiting_since: 60, score: 80 }),
      item("urgent", "queued", { waiting_since: 90, priority: 2 }),
    ];
    expect(list.sort((a, b) => compare(a, b, "priority", "unassigned")).map((one) => one.conversation.id)).toEqual(["urgent", "lead", "early", "late"]);
  });
});

describe("an answer of the server", () => {
  test("that is older than an event takes nothing back", () => {
    const known = item("a", "claimed", { epoch: 3 }, { last: { seq: 9, text: "new" } as Message, unread: 2 });
    const told = item("a", "queued", { epoch: 2 }, { last: { seq: 7, text: "old" } as Message, tags: ["bill"] });
    expect(newest(known, told)).toMatchObject({ handoff: { state: "claimed" }, last: { text: "new" }, unread: 2, tags: ["bill"] });
    expect(newest(told, known)).toMatchObject({ handoff: { state: "claimed" }, last: { text: "new" } });
  });

  test("brings no note back that was removed meanwhile, and loses none that was written meanwhile", async () => {
    const note = (id: string, at: number) => ({ id, created_at: at }) as Note;
    let answer: (notes: Note[]) => void = () => undefined;
    const api = {
      thread: () => Promise.resolve({ messages: [], past: "" }),
      steps: () => Promise.resolve([]),
      notes: () => new Promise<Note[]>((done) => (answer = done)),
    } as unknown as Api;
    const open = new OpenThread("c", api, () => undefined);
    const loaded = open.load();
    open.putNote(note("new", 2));
    open.dropNote("gone");
    answer([note("old", 1), note("gone", 3)]);
    await loaded;
    expect(open.notes.map((one) => one.id)).toEqual(["old", "new"]);
  });

  test("that was on its way while a tag was given does not take it away", async () => {
    const answers: ((page: { items: Item[]; next: string; counts: object }) => void)[] = [];
    const api = { inbox: () => new Promise((done) => answers.push(done)) } as unknown as Api;
    const inbox = new Inbox(api, () => undefined);
    const loaded = inbox.load();
    answers[0]!({ items: [item("a", "queued")], next: "more", counts: {} });
    await new Promise((done) => setTimeout(done));
    inbox.patch("a", { tags: ["bill"] });
    inbox.patch("b", { tags: ["net"] });
    answers[1]!({ items: [item("b", "queued")], next: "", counts: {} });
    await loaded;
    expect([...inbox.items.values()].map((one) => one.tags)).toEqual([["bill"], ["net"]]);
    const again = inbox.load();
    answers[2]!({ items: [item("a", "queued"), item("b", "queued")], next: "", counts: {} });
    await again;
    expect([...inbox.items.values()].map((one) => one.tags)).toEqual([[], []]);
  });

  test("that was on its way while tasks were made, changed and done knows them all the same", async () => {
    const task = (id: string, version: number, more: Partial<Task> = {}) => ({ id, version, state: "open", due_at: null, created_at: 1, ...more }) as Task;
    const answers: ((page: { tasks: Task[]; next: string }) => void)[] = [];
    const duty = new Duty({ tasks: () => new Promise((done) => answers.push(done)) } as unknown as Api, () => undefined);
    const loaded = duty.load();
    duty.put(task("new", 1));
    duty.put(task("done", 2, { state: "done" }));
    duty.put(task("older", 1));
    answers[0]!({ tasks: [task("done", 1), task("kept", 1), task("older", 3)], next: "" });
    await loaded;
    expect(duty.of("open", "")!.map((one) => [one.id, one.version])).toEqual([["kept", 1], ["new", 1], ["older", 3]]);
    const again = duty.load();
    answers[1]!({ tasks: [], next: "" });
    await again;
    expect(duty.of("open", "")).toEqual([]);
  });

  test("that was on its way while handoffs came and went knows them all the same", async () => {
    vi.stubGlobal("window", globalThis);
    const answers: ((page: { items: Item[]; next: string; counts: object }) => void)[] = [];
    const inbox = new Inbox({ inbox: () => new Promise((done) => answers.push(done)) } as unknown as Api, () => undefined);
    const loaded = inbox.load();
    inbox.put(item("taken", "claimed", { epoch: 2 }));
    inbox.handoff(item("gone", "resolved", { epoch: 5 }).handoff!);
    answers[0]!({ items: [item("gone", "claimed", { epoch: 4 }), item("kept", "queued")], next: "", counts: {} });
    await loaded;
    const open = [...inbox.items.values()].filter((one) => belongs(one, "all", ME));
    expect(open.map((one) => one.conversation.id).sort()).toEqual(["kept", "taken"]);
    const again = inbox.load();
    answers.at(-1)!({ items: [], next: "", counts: {} });
    await again;
    expect([...inbox.items.values()].filter((one) => belongs(one, "all", ME))).toEqual([]);
  });

  test("of a page of resolved ones keeps what was resolved meanwhile", async () => {
    const answers: ((page: { items: Item[]; next: string; counts: object }) => void)[] = [];
    const inbox = new Inbox({ inbox: () => new Promise((done) => answers.push(done)) } as unknown as Api, () => undefined);
    inbox.me = ME;
    inbox.put(item("a", "claimed", { epoch: 1 }));
    const paged = inbox.page("resolved");
    inbox.handoff(item("a", "resolved", { epoch: 2 }).handoff!);
    answers[0]!({ items: [item("b", "resolved")], next: "", counts: {} });
    await paged;
    expect(inbox.paged("resolved").ids).toEqual(["a", "b"]);
  });

  test("that is older than a message leaves the customer waiting", () => {
    const inbox = new Inbox({} as Api, () => undefined);
    inbox.put(item("a", "claimed", { epoch: 3, waiting_since: null }, { last: { seq: 1 } as Message }));
    inbox.message("a", { seq: 2, author: "contact", preview: "hello?", at: 50 }, false);
    const told = item("a", "claimed", { epoch: 3, waiting_since: null }, { last: { seq: 1 } as Message });
    expect(newest(inbox.items.get("a"), told)).toMatchObject({ unread: 1, handoff: { waiting_since: 50, activity_at: 50 } });
  });

  test("of ended tasks comes once however often it is asked for, and again after it failed", async () => {
    const answers: { done(page: { tasks: Task[]; next: string }): void; fail(): void; query: Record<string, string> }[] = [];
    const api = { tasks: (query: Record<string, string>) => new Promise((done, fail) => answers.push({ done, fail: () => fail(new Error("no")), query })) } as unknown as Api;
    const ended = (id: string) => ({ id, version: 1, state: "done", due_at: null, created_at: 1 }) as Task;
    const duty = new Duty(api, () => undefined);
    const first = duty.more();
    answers[0]!.fail();
    await first;
    expect(duty.state).toBe("error");
    const retried = duty.load();
    answers[1]!.done({ tasks: [], next: "" });
    await new Promise((done) => setTimeout(done));
    answers[2]!.done({ tasks: [ended("a")], next: "more" });
    await retried;
    const twice = [duty.more(), duty.more()];
    expect(answers.slice(3).map((one) => one.query["cursor"])).toEqual(["more"]);
    answers[3]!.done({ tasks: [ended("b")], next: "" });
    await Promise.all(twice);
    expect(duty.of("ended", "")!.map((one) => one.id)).toEqual(["a", "b"]);
  });

  test("brings nobody back who was erased while it was on its way", async () => {
    vi.stubGlobal("window", globalThis);
    const priya = { contact: { id: "priya" } } as Partial<Item>;
    const pages: ((page: { items: Item[]; next: string; counts: object }) => void)[] = [];
    const inbox = new Inbox({ inbox: () => new Promise((done) => pages.push(done)) } as unknown as Api, () => undefined);
    inbox.put(item("a", "claimed", {}, priya));
    inbox.put(item("b", "queued"));
    const loaded = inbox.load();
    inbox.erase("priya", ["older"]);
    expect([...inbox.items.keys()]).toEqual(["b"]);
    pages[0]!({ items: [item("a", "claimed", {}, priya), item("b", "queued"), item("older", "resolved", {}, priya)], next: "", counts: {} });
    await loaded;
    inbox.put(item("a", "claimed", {}, priya));
    expect([...inbox.items.keys()]).toEqual(["b"]);

    const task = (id: string, contact: string) => ({ id, contact, version: 1, state: "open", due_at: null, created_at: 1 }) as Task;
    const lists: ((page: { tasks: Task[]; next: string }) => void)[] = [];
    const duty = new Duty({ tasks: () => new Promise((done) => lists.push(done)) } as unknown as Api, () => undefined);
    const asked = duty.load();
    duty.put(task("call", "priya"));
    duty.erase("priya");
    lists[0]!({ tasks: [task("call", "priya"), task("mail", "jean")], next: "" });
    lists[1]!({ tasks: [task("mail", "jean")], next: "" });
    await asked;
    await vi.waitFor(() => expect(duty.of("open", "")!.map((one) => one.id)).toEqual(["mail"]));

    const message = { id: "m1", seq: 1, author: "contact", text: "mine" } as Message;
    let answer: (thread: object) => void = () => undefined;
    const nothing = () => Promise.resolve([]);
    const api = { thread: () => new Promise((done) => (answer = done)), steps: nothing, notes: nothing } as unknown as Api;
    const open = new OpenThread("a", api, () => undefined);
    open.put(message);
    const thread = open.load();
    open.erase();
    answer({ messages: [message], past: "", contact: { id: "priya" } });
    await thread;
    open.take({ type: "event", n: 1, topic: "conversation:a", kind: "message", data: { message } });
    expect([open.gone, open.thread, open.messages, open.error !== ""]).toEqual([true, null, [], true]);
  });

  test("that says that a conversation is not there any more leaves nothing of it in the page", async () => {
    const gone = new Refused({ title: "there is no such conversation" }, 404);
    const api = { thread: () => Promise.reject(gone), steps: () => Promise.resolve([]), notes: () => Promise.resolve([]) } as unknown as Api;
    const open = new OpenThread("a", api, () => undefined);
    open.put({ id: "m1", seq: 1, author: "contact", text: "mine" } as Message);
    await open.load();
    expect([open.gone, open.thread, open.messages]).toEqual([true, null, []]);
  });

  test("about another handoff of the conversation counts", () => {
    const told = item("a", "queued", { id: "second", epoch: 1 });
    expect(newest(item("a", "resolved", { epoch: 8 }), told).handoff?.state).toBe("queued");
  });
});

describe("a long list", () => {
  test("draws what can be seen and a few rows around it", () => {
    expect(windowOf(0, 680, 500, 68)).toEqual({ from: 0, to: 16 });
    expect(windowOf(68 * 100, 680, 500, 68)).toEqual({ from: 94, to: 116 });
    expect(windowOf(68 * 495, 680, 500, 68)).toEqual({ from: 489, to: 500 });
    expect(windowOf(9_999, 680, 0, 68)).toEqual({ from: 0, to: 0 });
  });
});

function message(seq: number, more: Partial<Message> = {}): Message {
  return { id: `m${seq}`, conversation: "c", channel: "webchat", seq, author: "contact", agent: "", text: `text ${seq}`, created_at: 1_000 + seq, client_id: "", ...more } as Message;
}

const open = (more: Partial<OpenThread>): OpenThread => ({ id: "c", messages: [], past: [], steps: [], notes: [], cursor: "", ...more }) as unknown as OpenThread;

describe("a thread", () => {
  test("has each message once, by seq, and the newer copy of it", () => {
    const all = merged([message(1), message(2)], [message(2, { delivery: "read" }), message(3)]);
    expect(all.map((one) => [one.seq, one.delivery])).toEqual([[1, undefined], [2, "read"], [3, undefined]]);
  });

  test("shows days, runs of one author, other channels, what was done, and what is not sent yet", () => {
    const rows = entries(
      open({
        messages: [message(1), message(2), message(3, { author: "agent", agent: "asha" }), message(4, { created_at: 90_000 })],
        past: [message(9, { id: "old", conversation: "w", channel: "whatsapp", created_at: 10 })],
        steps: [{ handoff: "h", n: 2, at: 1_002.5, event: "claim" }, { handoff: "h", n: 1, at: 1_002.4, event: "queue" }] as never,
        notes: [{ id: "n1", created_at: 1_003.5 }] as never,
      }),
      [{ id: "p1", conversation: "c", at: 99_999 } as Pending],
      4,
      "en",
    );
    expect(rows.map((one) => one.kind)).toEqual([
      "day", "channel", "message", "channel", "message", "message", "step", "message", "note", "day", "new", "message", "pending",
    ]); // prettier-ignore
    expect(rows.flatMap((one) => (one.kind === "message" ? [[one.first, one.last]] : []))).toEqual([[true, true], [true, false], [false, true], [true, true], [true, true]]);
  });

  test("does not show a message twice while its sending ends", () => {
    const rows = entries(open({ messages: [message(1, { client_id: "p1", author: "agent" })] }), [{ id: "p1", conversation: "c", at: 2 } as Pending], 0, "en");
    expect(rows.filter((one) => one.key === "p1")).toHaveLength(1);
  });
});

const thread = (messages: Message[], more: object = {}) => ({ messages, past: "", contact: { id: "p" }, read_by_customer: null, unread: 0, tags: [], ...more });

describe("an open thread", () => {
  const told = (kind: string, data: Record<string, unknown>) => ({ type: "event", n: 1, topic: "conversation:c", kind, data }) as ServerFrame;

  function opened(answer: () => object, asked: string[] = []): OpenThread {
    const api = {
      thread: () => Promise.resolve(answer()),
      steps: () => Promise.resolve([]),
      notes: () => Promise.resolve([]),
      messages: (_: string, query: string) => (asked.push(query), Promise.resolve({ messages: [message(2)], last_seq: 3 })),
    } as unknown as Api;
    return new OpenThread("c", api, () => undefined);
  }

  test("takes nothing back that was told while its answer was on its way", async () => {
    const mine = (delivery: string) => message(1, { author: "agent", agent: "asha", delivery });
    const open = opened(() => thread([mine("pending"), message(2, { text: "" })], { read_by_customer: null }));
    await open.load();
    const again = open.load();
    open.take(told("delivery", { message: "m1", delivery: "failed", error: "the line is dead" }));
    open.take(told("read", { author: "contact", seq: 1 }));
    open.put(message(2, { text: "what was spoken" }));
    open.patch({ tags: ["bill"] });
    await again;
    expect(open.messages.map((one) => [one.delivery, one.text])).toEqual([["failed", "text 1"], [undefined, "what was spoken"]]);
    expect(open.thread).toMatchObject({ read_by_customer: 1, tags: ["bill"] });
  });

  test("shows a message as delivered though the answer to its sending comes late", () => {
    const open = opened(() => thread([]));
    open.put(message(1, { author: "agent", delivery: "" }));
    open.take(told("delivery", { message: "m1", delivery: "delivered" }));
    open.put(message(1, { author: "agent", delivery: "pending" }));
    expect(open.messages[0]!.delivery).toBe("delivered");
    open.put(message(1, { author: "agent", delivery: "failed" }));
    expect(open.messages[0]!.delivery).toBe("failed");
  });

  test("asks for what came between its answer and the moment from which it is told of new ones", async () => {
    const asked: string[] = [];
    const open = opened(() => thread([message(1)]), asked);
    const loaded = open.load();
    open.take(told("watching", { seq: 2 }));
    await loaded;
    await new Promise((done) => setTimeout(done));
    expect(asked).toEqual(["after=1&limit=200"]);
    expect(open.last).toBe(2);
    open.take(told("watching", { seq: 2 }));
    expect(asked).toHaveLength(1);
  });

  test("asks for what is missing between its answer and what came meanwhile", async () => {
    const asked: string[] = [];
    const open = opened(() => thread([message(1)]), asked);
    const loaded = open.load();
    open.put(message(3));
    await loaded;
    await new Promise((done) => setTimeout(done));
    expect(asked).toEqual(["after=1&limit=200"]);
    expect(open.messages.map((one) => one.seq)).toEqual([1, 2, 3]);
  });
});

describe("the desk", () => {
  /** A page of a browser whose server answers each request by its path. */
  function page(answers: Record<string, () => unknown>): string[] {
    const asked: string[] = [];
    vi.stubGlobal("window", Object.assign(new EventTarget(), { setTimeout, clearTimeout }));
    vi.stubGlobal("navigator", { onLine: true });
    vi.stubGlobal("location", new URL("http://desk.test/console"));
    vi.stubGlobal("document", Object.assign(new EventTarget(), { visibilityState: "hidden", hasFocus: () => false }));
    vi.stubGlobal("WebSocket", Line);
    vi.stubGlobal("fetch", async (url: string) => {
      asked.push(url);
      return Response.json((await answers[url.split("?")[0]!]?.()) ?? {});
    });
    return asked;
  }

  /** The console's socket: what it is told comes from the test. */
  class Line extends EventTarget {
    static readonly OPEN = 1;
    static last: Line;
    readonly readyState = 1;
    onmessage: (event: { data: string }) => void = () => undefined;
    #n = 0;
    constructor() {
      super();
      Line.last = this;
    }
    send(): void {}
    close(): void {}
    tell(type: string, topic = "", kind = "", data: object = {}): void {
      this.#n += 1;
      this.onmessage({ data: JSON.stringify({ type, n: this.#n, topic, kind, data }) });
    }
  }

  const settled = () => new Promise((done) => setTimeout(done, 5));
  const agent = { id: "asha", role: "agent", name: "Asha", teams: [] };

  test("fetches a conversation anew that is shown again: nothing was heard of it meanwhile", async () => {
    const asked = page({});
    const desk = new Desk("", new Bell());
    const times = (id: string) => asked.filter((url) => url.includes(`/conversations/${id}?`)).length;
    desk.open("a");
    desk.open("b");
    await settled();
    expect([times("a"), times("b")]).toEqual([1, 1]);
    desk.open("a");
    await settled();
    desk.open("a");
    await settled();
    expect([times("a"), times("b")]).toEqual([2, 1]);
    desk.leave();
  });

  test("keeps notices and people that it was told of while their lists were on their way, each once", async () => {
    const notice = (id: string) => ({ id, kind: "mention", text: id, created_at: 1, read_at: null });
    let answer: (told: object) => void = () => undefined;
    page({
      "/console/api/me": () => ({ agent, channels: [], languages: [], teams: [] }),
      "/console/api/inbox": () => ({ items: [], next: "", counts: {} }),
      "/api/v1/handoff/tasks": () => ({ tasks: [], next: "" }),
      "/console/api/agents": () => new Promise((done) => (answer = () => done({ agents: [{ ...agent, name: "old" }, { id: "ben" }] }))),
      "/console/api/teams": () => ({ teams: [] }),
      "/console/api/filters": () => ({ filters: [] }),
      "/console/api/macros": () => ({ macros: [] }),
      "/console/api/notices": () => new Promise((done) => setTimeout(() => done({ notices: [notice("both"), notice("listed")], unread: 2 }), 20)),
    });
    const desk = new Desk("", new Bell());
    await desk.enter();
    await settled();
    Line.last.tell("ready");
    await settled();
    for (const id of ["both", "late"]) Line.last.tell("event", "staff", "handoff.notice", { to: "asha", notice: notice(id) });
    Line.last.tell("event", "staff", "handoff.notice", { to: "ben", notice: notice("another's") });
    Line.last.tell("event", "staff", "agent", { ...agent, name: "Asha K." });
    Line.last.tell("event", "staff", "agent", { ...agent, id: "chen" });
    answer({});
    await vi.waitFor(() => expect(desk.notices.map((one) => one.id)).toEqual(["late", "both", "listed"]));
    expect(desk.unread).toBe(3);
    expect(desk.agents.map((one) => [one.id, one.name])).toEqual([["asha", "Asha K."], ["ben", undefined], ["chen", "Asha"]]);
    Line.last.tell("event", "staff", "handoff.notice", { to: "asha", notice: notice("listed") });
    expect(desk.unread).toBe(3);
    desk.leave();
  });

  test("keeps nothing of a contact who was erased: neither what is shown nor what waits to be sent", async () => {
    const about = { conversation: { id: "a" }, contact: { id: "priya" }, messages: [{ id: "m1", seq: 1, text: "mine" }], past: "" };
    page({
      "/console/api/me": () => ({ agent, channels: [], languages: [], teams: [] }),
      "/console/api/inbox": () => ({ items: [], next: "", counts: {} }),
      "/api/v1/handoff/tasks": () => ({ tasks: [], next: "" }),
      "/console/api/conversations/a": () => about,
      "/console/api/notices": () => ({ notices: [], unread: 0 }),
    });
    const desk = new Desk("", new Bell());
    await desk.enter();
    desk.inbox.put(item("a", "claimed", {}, { contact: { id: "priya" } } as Partial<Item>));
    desk.inbox.put(item("b", "claimed", {}, { contact: { id: "jean" } } as Partial<Item>));
    const open = desk.open("a");
    await vi.waitFor(() => expect(open.messages).toHaveLength(1));
    desk.keep.saveDraft("a", "reply", "Dear Priya");
    desk.keep.saveDraft("b", "reply", "Dear Jean");
    desk.notices = ["a", "b"].map((conversation) => ({ id: conversation, conversation }) as (typeof desk.notices)[number]);
    Line.last.tell("event", "staff", "handoff.erased", { contact: "priya", conversations: ["a", "older"] });
    expect([open.gone, open.thread, open.messages]).toEqual([true, null, []]);
    expect([...desk.inbox.items.keys()]).toEqual(["b"]);
    expect([desk.keep.draft("a", "reply"), desk.keep.draft("b", "reply")]).toEqual(["", "Dear Jean"]);
    expect(desk.notices.map((one) => one.id)).toEqual(["b"]);
    desk.leave();
  });

  test("gives tags one after the other, each to the conversation that it was begun in", async () => {
    const kept: string[][] = [];
    page({});
    vi.stubGlobal("fetch", async (_: string, init: RequestInit) => {
      const { tags } = JSON.parse(String(init.body)) as { tags: string[] };
      kept.push(tags);
      await settled();
      return Response.json({ tags });
    });
    const desk = new Desk("", new Bell());
    for (const id of ["a", "b"]) desk.inbox.put(item(id, "claimed"));
    const both = [desk.tag("a", (now) => [...now, "bill"]), desk.tag("a", (now) => [...now, "net"])];
    await Promise.all(both);
    expect(kept).toEqual([["bill"], ["bill", "net"]]);
    expect([desk.tagsOf("a"), desk.tagsOf("b")]).toEqual([["bill", "net"], []]);
  });

  test("keeps the files of a reply while another conversation is shown", () => {
    page({});
    const desk = new Desk("", new Bell());
    expect(desk.files("a")).toBe(desk.files("a"));
    expect(desk.files("a")).not.toBe(desk.files("b"));
  });

  test("fetches an open conversation anew when its contact turns out to be another", async () => {
    const asked = page({
      "/console/api/me": () => ({ agent, channels: [], languages: [], teams: [] }),
      "/console/api/conversations/a": () => thread([]),
    });
    const desk = new Desk("", new Bell());
    await desk.enter();
    desk.open("a");
    await vi.waitFor(() => expect(desk.current?.thread).toBeTruthy());
    await settled();
    const times = () => asked.filter((url) => url.includes("/conversations/a?")).length;
    Line.last.tell("event", "staff", "handoff.merged", { contact: "others", from: "other" });
    Line.last.tell("event", "staff", "handoff.merged", { contact: "p", from: "q" });
    await vi.waitFor(() => expect(times()).toBe(2));
    desk.leave();
  });
});

test("what was written while a draft went out stays", () => {
  expect(rest(" look at this", "look at this")).toBe("");
  expect(rest("look at this and that", "look at this")).toBe("and that");
  expect(rest("another thing", "look at this")).toBe("another thing");
});

test("a panel keeps what it has changed itself until the server says something new", () => {
  const panel: { data?: unknown } = {};
  const [first, second] = [{ status: "new" }, { status: "lost" }];
  give(panel, first);
  panel.data = { status: "won" };
  give(panel, first);
  expect(panel.data).toEqual({ status: "won" });
  give(panel, second);
  expect(panel.data).toBe(second);
  give(panel, first);
  expect(panel.data).toBe(first);
});

describe("a menu over the box", () => {
  test("opens for a word that begins with its mark at the start or after a space", () => {
    expect(wordAt("/hou", 4, "/")).toEqual({ from: 0, to: 4, typed: "hou" });
    expect(wordAt("see /ra", 7, "/")).toEqual({ from: 4, to: 7, typed: "ra" });
    for (const text of ["and/or", "https://x", "/hours of", ""]) expect(wordAt(text, text.length, "/")).toBeNull();
    expect(wordAt("Ask @Jean Du", 12, "@")?.typed).toBe("Jean Du");
    expect(wordAt("a@b", 3, "@")).toBeNull();
  });
});

describe("keys", () => {
  const press = (more: Partial<KeyboardEvent>) => ({ key: "", code: "", altKey: false, ctrlKey: false, metaKey: false, ...more }) as KeyboardEvent;

  test("with Alt count also where Alt makes another letter, and while one writes", () => {
    expect(deedOf(press({ key: "∆", code: "KeyJ", altKey: true }), true, false)).toBe("next");
    expect(deedOf(press({ key: "e", code: "KeyE", altKey: true, ctrlKey: true }), true, false)).toBe("resolve-next");
    expect(deedOf(press({ key: "e", code: "KeyE", altKey: true }), false, false)).toBe("resolve");
  });

  test("without it are letters while one writes", () => {
    expect(deedOf(press({ key: "/" }), true, false)).toBeNull();
    expect(deedOf(press({ key: "/" }), false, false)).toBe("canned");
    expect(deedOf(press({ key: "m" }), false, true)).toBe("view:mine");
    expect(deedOf(press({ key: "m" }), false, false)).toBeNull();
  });

  test("are each there once", () => {
    const all = KEYS.map((one) => JSON.stringify([one.code ?? one.key, one.alt, one.mod, one.after]));
    expect(new Set(all).size).toBe(all.length);
  });
});

describe("what is kept", () => {
  class Area extends Map<string, string> {
    getItem = (key: string) => this.get(key) ?? null;
    setItem = (key: string, value: string) => void this.set(key, value);
    removeItem = (key: string) => void this.delete(key);
  }
  const area = () => new Area() as unknown as Storage;
  const pending = (id: string): Pending => ({ id, conversation: "c", kind: "reply", text: id, at: 1, state: "sending", error: "", mentions: [], attachments: [] });

  test("belongs to one person of one tenant", () => {
    const shared = area();
    new Keep("/t/acme", "asha", shared).saveDraft("c", "reply", "half a sen");
    expect(new Keep("/t/acme", "asha", shared).draft("c", "reply")).toBe("half a sen");
    expect(new Keep("/t/acme", "jean", shared).draft("c", "reply")).toBe("");
    expect(new Keep("/t/acme", "asha", shared).draft("c", "note")).toBe("");
  });

  test("of another tab stays until it is settled", () => {
    const shared = area();
    const [one, two] = [new Keep("", "asha", shared), new Keep("", "asha", shared)];
    one.savePending([pending("1")], new Set());
    two.savePending([pending("2")], new Set());
    expect(one.pending().map((p) => p.id)).toEqual(["1", "2"]);
    two.savePending([], new Set(["2"]));
    expect(one.pending().map((p) => p.id)).toEqual(["1"]);
  });
});

describe("words", () => {
  test("of every language are whole and keep the places of what is put in", () => {
    for (const words of [fr, hi]) {
      for (const [name, text] of Object.entries(en)) {
        const other = words[name as keyof typeof words];
        expect(typeof other, name).toBe(typeof text);
        if (typeof text !== "string" || typeof other !== "string") continue;
        expect(other.match(/\{[nmt]\}/g)?.sort() ?? [], name).toEqual(text.match(/\{[nmt]\}/g)?.sort() ?? []);
      }
    }
  });

  test("say spans in their largest unit, reasons with what they fired on, and channels by their names", () => {
    expect([5, 65, 3_700, 90_000, 700_000].map((one) => brief(one, en))).toEqual(["5s", "1m", "1h", "1d", ""]);
    expect(en.reason("frustration: cancel")).toBe("Upset: cancel");
    expect(en.reason("my own words, said so")).toBe("my own words, said so");
    expect([en.channel("whatsapp"), en.channel("webchat"), en.channel("pigeon_post")]).toEqual(["WhatsApp", "Web chat", "pigeon post"]);
  });
});
