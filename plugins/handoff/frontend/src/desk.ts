import { Refused } from "../../../../web/request.js";
import { SignedOut } from "../../../../web/session.js";
import { Api } from "./api.js";
import type { Bell } from "./bell.js";
import { Duty } from "./duty.js";
import { Inbox, type Heard } from "./inbox.js";
import { Keep, localArea, type Pending } from "./keep.js";
import { Link, type Status } from "./link.js";
import { Meanwhile } from "./meanwhile.js";
import { News } from "./news.js";
import { OpenThread } from "./open.js";
import { Outbox } from "./outbox.js";
import type { Agent, Availability, Handoff, Item, Me, Message, ServerFrame, Sla, Team } from "./protocol.js";
import { Uploads } from "./uploads.js";
import type { Filter, Macro, Note, Notice, Summary, Task } from "./tools.js";

export type Door = "loading" | "open" | "login" | "forbidden" | "unreachable";

/** So many conversations stay open behind the one that is shown; coming back to them is then immediate. */
const MOST_OPEN = 6;
const ACTIVE_MS = 15_000;
const MOST_NOTICES = 50;

/** Something that was done, told once, maybe with a way back. */
export interface Notified {
  text: string;
  undo?: () => void;
  bad?: boolean;
}

/** Everything the page knows and does, with no picture of it. */
export class Desk {
  readonly news = new News();
  readonly api: Api;
  readonly inbox: Inbox;
  readonly duty: Duty;
  keep: Keep;
  outbox: Outbox;
  door: Door = "loading";
  status: Status = "connecting";
  me: Me | null = null;
  agents: readonly Agent[] = [];
  teams: readonly Team[] = [];
  filters: readonly Filter[] = [];
  macros: readonly Macro[] = [];
  notices: readonly Notice[] = [];
  unread = 0;
  problem = "";
  notified: Notified | null = null;
  /** The conversation that is shown; "" for none. */
  shown = "";

  readonly #threads = new Map<string, OpenThread>();
  readonly #agents = new Meanwhile<Agent>();
  readonly #teams = new Meanwhile<Team>();
  readonly #tagging = new Map<string, Promise<void>>();
  readonly #files = new Map<string, Uploads>();
  /** Notices that came since their list was asked for. */
  #late: readonly Notice[] = [];
  #askedNotices = 0;
  readonly #bell: Bell;
  #link: Link;
  #activeAt = 0;

  constructor(base: string, bell: Bell) {
    this.api = new Api(base);
    this.#bell = bell;
    this.keep = new Keep(base, "", localArea());
    this.outbox = new Outbox(this.keep, this.#send, this.#sent);
    this.inbox = new Inbox(this.api, () => this.news.changed("inbox"));
    this.duty = new Duty(this.api, () => this.news.changed("tasks"));
    this.#link = new Link(`${new URL(base || "/", location.href).href.replace(/^http/, "ws").replace(/\/$/, "")}/console/socket`, {
      ready: () => void this.#refresh(),
      missed: () => void this.#refresh(),
      event: (frame) => this.#take(frame),
      status: (status) => this.#turned(status),
      expired: () => this.#renew(),
      refused: () => this.#shut("forbidden"),
      watched: () => this.#watched(),
    });
  }

  get can(): { write: boolean; supervise: boolean } {
    const role = this.me?.agent.role ?? "viewer";
    return { write: role !== "viewer", supervise: role === "supervisor" || role === "admin" };
  }

  /** Find out who is here, and begin. */
  async enter(): Promise<void> {
    this.door = "loading";
    this.#say();
    try {
      this.me = await this.api.me();
      this.inbox.me = this.me.agent;
      this.keep = new Keep(this.api.base, this.me.agent.id, localArea());
      this.outbox = new Outbox(this.keep, this.#send, this.#sent);
      this.door = "open";
      this.#say();
      this.#link.open();
      void this.#furnish();
    } catch (error) {
      this.problem = error instanceof Refused ? error.message : "";
      const status = error instanceof Refused ? error.status : 0;
      this.#shut(error instanceof SignedOut ? "login" : status === 403 ? "forbidden" : "unreachable");
    }
  }

  /** Nobody is here any more; what was not sent stays kept for whoever wrote it. */
  end(): void {
    for (const one of this.#threads.values()) one.close();
    this.#threads.clear();
    this.#files.clear();
    this.inbox.forget();
    this.duty.forget();
    this.me = null;
    this.#shut("login");
  }

  leave(): void {
    this.#link.close();
    for (const one of this.#threads.values()) one.close();
  }

  // -- conversations -------------------------------------------------------------------------------------------------

  /** The open thread of that id, opened where it is not; the one longest unused goes. */
  open(id: string): OpenThread {
    let one = this.#threads.get(id);
    const fresh = !one;
    one ??= new OpenThread(id, this.api, () => this.news.changed(`thread:${id}`));
    this.#threads.delete(id);
    this.#threads.set(id, one);
    for (const [old, thread] of this.#threads) {
      if (this.#threads.size <= MOST_OPEN) break;
      thread.close();
      this.#threads.delete(old);
    }
    const back = this.shown !== id;
    if (back) {
      this.shown = id;
      this.#link.watch(this.#watched());
    }
    // Nothing was heard of it while another one was shown.
    if (fresh || back) void this.#load(one);
    return one;
  }

  show(id: string): OpenThread | null {
    if (id) return this.open(id);
    this.shown = "";
    return null;
  }

  get current(): OpenThread | null {
    return this.#threads.get(this.shown) ?? null;
  }

  /** Up to which message the person has read; said once, and only by somebody who looks. */
  read(thread: OpenThread): void {
    const item = this.inbox.items.get(thread.id);
    const seq = thread.last;
    if (!seq || document.visibilityState !== "visible" || !document.hasFocus()) return;
    if (!item?.unread && !thread.thread?.unread) return;
    this.#link.send({ type: "read", conversation: thread.id, seq });
    if (thread.thread?.unread) thread.patch({ unread: 0 });
    if (item) this.inbox.put({ ...item, unread: 0 });
  }

  typing(conversation: string, on: boolean): void {
    this.#link.send({ type: "typing", conversation, on });
  }

  /** Somebody uses the page. */
  active(): void {
    if (Date.now() - this.#activeAt < ACTIVE_MS) return;
    this.#activeAt = Date.now();
    this.#link.send({ type: "active" });
  }

  write(pending: Pending): void {
    this.outbox.add(pending);
  }

  /** A transition of the handoff; what the server says against it is thrown. */
  async act(id: string, what: string, body: object = {}): Promise<Item> {
    const item = await this.api.act(id, what, body);
    this.inbox.put(item);
    this.#threads.get(id)?.soon();
    return item;
  }

  /** Change a conversation's tags, one change after the other: each begins with what the one before has left. */
  tag(id: string, change: (tags: readonly string[]) => string[]): Promise<void> {
    const before = this.#tagging.get(id) ?? Promise.resolve();
    const done = before.catch(() => undefined).then(async () => {
      const kept = await this.api.tag(id, change(this.tagsOf(id)));
      this.inbox.patch(id, { tags: kept });
      this.#threads.get(id)?.patch({ tags: kept });
    });
    this.#tagging.set(id, done);
    const over = () => void (this.#tagging.get(id) === done && this.#tagging.delete(id));
    done.then(over, over);
    return done;
  }

  tagsOf(id: string): readonly string[] {
    return this.inbox.items.get(id)?.tags ?? this.#threads.get(id)?.thread?.tags ?? [];
  }

  /** The files of a reply to that conversation that is being written. */
  files(id: string): Uploads {
    let files = this.#files.get(id);
    if (!files) this.#files.set(id, (files = new Uploads(id, this.api, () => this.news.changed(`thread:${id}`))));
    return files;
  }

  notify(text: string, more: Omit<Notified, "text"> = {}): void {
    this.notified = { text, ...more };
    this.#say();
  }

  forget(): void {
    this.notified = null;
    this.#say();
  }

  async available(availability: Availability): Promise<void> {
    this.me = await this.api.availability(availability);
    this.inbox.me = this.me.agent;
    this.#say();
  }

  async readNotices(): Promise<void> {
    await this.#noticed(this.api.readNotices());
    this.#say();
  }

  /** What is saved for this person: filters, macros, notices, and who else is here. */
  async #furnish(): Promise<void> {
    const nothing = () => undefined;
    await Promise.all([
      this.#agents.over(this.api.agents()).then((found) => (this.agents = found), nothing),
      this.#teams.over(this.api.teams()).then((found) => (this.teams = found), nothing),
      this.api.filters().then((found) => (this.filters = found), nothing),
      this.can.write ? this.api.macros().then((found) => (this.macros = found), nothing) : undefined,
      this.#noticed(this.api.notices()).catch(nothing),
    ]);
    this.#say();
  }

  async refurnish(): Promise<void> {
    await this.#furnish();
  }

  // -- what comes ------------------------------------------------------------------------------------------------------

  #take(frame: ServerFrame): void {
    if (frame.type === "beat") return this.inbox.compare(frame.data["counts"] as Record<string, number>);
    if (frame.topic === "staff") return this.#staff(frame);
    const id = frame.topic.replace(/^conversation:/, "");
    const thread = this.#threads.get(id);
    if (!thread) return;
    if (frame.kind === "message") {
      const message = frame.data["message"] as Message;
      if (message.client_id) this.outbox.settle(message.client_id);
    }
    thread.take(frame);
  }

  #staff(frame: ServerFrame): void {
    const { kind, data } = frame;
    const handoff = data["handoff"] as Handoff | string | undefined;
    const id = typeof handoff === "object" ? handoff.conversation : String(data["conversation"] ?? "");
    const thread = this.#threads.get(id);
    switch (kind) {
      case "message":
        this.inbox.message(id, data as unknown as Heard, this.#looking(id));
        if (data["author"] === "contact") this.#bell.message(this.inbox.items.get(id), String(data["preview"]), this.#looking(id));
        return;
      case "agent":
        this.#agent(data as unknown as Agent);
        return;
      case "team":
        this.#teams.say(String(data["id"]), data["deleted"] ? null : (data as unknown as Team));
        this.teams = [...this.teams.filter((one) => one.id !== data["id"]), ...(data["deleted"] ? [] : [data as unknown as Team])];
        this.#say();
        return;
      case "handoff.noted":
        this.#noted(id, data["note"] as Note & { deleted?: boolean });
        return;
      case "handoff.notice":
        if (data["to"] === this.me?.agent.id) this.#notice(data["notice"] as Notice);
        return;
      case "handoff.task":
        this.duty.put(data["task"] as Task);
        return;
      case "handoff.tagged":
        this.inbox.patch(id, { tags: data["tags"] as string[] });
        thread?.patch({ tags: data["tags"] as string[] });
        return;
      case "handoff.summarised":
        this.inbox.summarised(id, (data["summary"] as Summary).problem);
        if (thread) thread.summary = { state: "ready", value: data["summary"] as Summary };
        thread?.patch({});
        return;
      case "handoff.sla_warning":
      case "handoff.sla_breach": {
        const clock = data["clock"] as { state: string; due_at: number | null } | undefined;
        const item = this.inbox.items.get(id);
        const sla = item?.sla && clock ? ({ ...item.sla, state: clock.state, due_at: clock.due_at ?? item.sla.due_at } satisfies Sla) : item?.sla;
        if (sla) this.inbox.patch(id, { sla });
        return;
      }
      case "handoff.merged": {
        void this.inbox.load();
        void this.duty.load();
        const persons = [data["contact"], data["from"]];
        for (const one of this.#threads.values()) if (persons.includes(one.thread?.contact.id)) one.soon();
        return;
      }
      case "handoff.erased":
        return this.#erased(String(data["contact"]), data["conversations"] as string[]);
      default:
        if (typeof handoff === "object") this.#moved(kind, handoff, data);
    }
  }

  /** A contact was erased: what this page has of them is, too. */
  #erased(contact: string, conversations: readonly string[]): void {
    const ids = new Set(conversations);
    for (const [id, one] of this.#threads) if (one.thread?.contact.id === contact) ids.add(id);
    for (const id of ids) {
      this.#threads.get(id)?.erase();
      this.#files.delete(id);
      for (const pending of this.outbox.of(id)) this.outbox.discard(pending.id);
      for (const kind of ["reply", "note"]) this.keep.saveDraft(id, kind, "");
    }
    this.inbox.erase(contact, ids);
    this.duty.erase(contact);
    this.#late = this.#late.filter((one) => !ids.has(one.conversation));
    this.notices = this.notices.filter((one) => !ids.has(one.conversation));
    this.#say();
    void this.#noticed(this.api.notices()).then(() => this.#say(), () => undefined);
  }

  #notice(notice: Notice): void {
    this.#bell.notice(notice);
    if (this.notices.some((one) => one.id === notice.id)) return; // the list was faster
    this.#late = [notice, ...this.#late];
    this.notices = [notice, ...this.notices].slice(0, MOST_NOTICES);
    this.unread += 1;
    this.#say();
  }

  /** The notices as the server has them, and over them those that came while they were on their way. */
  async #noticed(asked: Promise<{ notices: readonly Notice[]; unread: number }>): Promise<void> {
    const turn = ++this.#askedNotices;
    this.#late = [];
    const told = await asked;
    if (turn !== this.#askedNotices) return; // asked again meanwhile: that answer knows more
    const late = this.#late.filter((one) => !told.notices.some((known) => known.id === one.id));
    this.notices = [...late, ...told.notices].slice(0, MOST_NOTICES);
    this.unread = told.unread + late.length;
  }

  #noted(id: string, note: Note & { deleted?: boolean }): void {
    const thread = this.#threads.get(id);
    if (note.deleted) return thread?.dropNote(note.id);
    // The event may be faster than the answer to one's own note: it is not to stand there twice meanwhile.
    const mine = note.author === this.me?.agent.id && this.outbox.list.find((one) => one.kind === "note" && one.conversation === id && one.text === note.text);
    if (mine) this.outbox.settle(mine.id);
    thread?.putNote(note);
  }

  #moved(kind: string, handoff: Handoff, data: Record<string, unknown>): void {
    const before = this.inbox.items.get(handoff.conversation);
    this.inbox.handoff(handoff);
    this.#threads.get(handoff.conversation)?.soon();
    this.#bell.moved(kind, handoff, before, String(data["by"] ?? ""), this.me?.agent.id ?? "");
  }

  #agent(agent: Agent): void {
    this.#agents.say(agent.id, agent);
    this.agents = this.agents.some((one) => one.id === agent.id) ? this.agents.map((one) => (one.id === agent.id ? agent : one)) : [...this.agents, agent];
    if (this.me?.agent.id === agent.id) {
      this.me = { ...this.me, agent };
      this.inbox.me = agent;
    }
    this.#say();
  }

  #looking(id: string): boolean {
    return this.shown === id && document.visibilityState === "visible" && document.hasFocus();
  }

  // -- the connection --------------------------------------------------------------------------------------------------

  #turned(status: Status): void {
    if (status === this.status) return;
    this.status = status;
    this.#say();
  }

  async #refresh(): Promise<void> {
    this.outbox.flush();
    await Promise.allSettled([this.inbox.load(), this.current?.load(), this.duty.load(), this.#furnish()]);
  }

  async #load(thread: OpenThread): Promise<void> {
    try {
      await thread.load();
    } catch (error) {
      if (error instanceof SignedOut) this.#shut("login");
    }
  }

  async #renew(): Promise<boolean> {
    const renewed = await this.api.renew();
    if (!renewed) this.#shut("login");
    return renewed;
  }

  #shut(door: Door): void {
    this.door = door;
    if (door !== "unreachable") this.#link.close();
    this.#say();
  }

  #watched(): string[] {
    return this.shown ? [this.shown] : [];
  }

  #say(): void {
    this.news.changed("desk");
  }

  readonly #send = async (p: Pending): Promise<void> => {
    const thread = this.#threads.get(p.conversation);
    if (p.kind === "note") {
      const note = await this.api.note(p.conversation, { text: p.text, mentions: p.mentions, client_id: p.id });
      thread?.putNote(note);
      return;
    }
    const sent = await this.api.reply(p.conversation, { text: p.text, client_id: p.id, attachments: p.attachments });
    thread?.put(sent.message);
    if (sent.handoff) this.inbox.handoff(sent.handoff);
  };

  readonly #sent = (conversation: string): void => {
    const thread = this.#threads.get(conversation);
    if (thread) thread.version += 1;
    this.news.changed(`thread:${conversation}`);
    this.#say();
  };
}
