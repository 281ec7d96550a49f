import { Refused } from "../../../../web/request.js";
import type { Api } from "./api.js";
import type { Message, ServerFrame, Step, Thread } from "./protocol.js";
import type { Note, Suggestion, Summary } from "./tools.js";

const PAGE = 50;
/** So many messages are kept of a conversation that goes on and on; it is then fetched anew. */
const MOST = 1_200;
const TYPING_MS = 6_000;

/** What was asked of the server: under way, here, or refused with these words. */
export type Asked<T> = { state: "none" } | { state: "loading" } | { state: "ready"; value: T } | { state: "error"; error: string };

const inTime = (notes: readonly Note[]) => [...notes].sort((a, b) => a.created_at - b.created_at);

/** A conversation that is open in the page: its messages and all that is known beside them. */
export class OpenThread {
  thread: Thread | null = null;
  error = "";
  gone = false;
  /** Of this conversation, by `seq`. */
  messages: readonly Message[] = [];
  /** What was before, over all channels, oldest first. */
  past: readonly Message[] = [];
  steps: readonly Step[] = [];
  notes: readonly Note[] = [];
  cursor = "";
  loadingPast = false;
  pastError = "";
  /** The bot's reply while it is being written; null where the bot is not at work. */
  writing: { turn: string; attempt: number; parts: string[] } | null = null;
  /** Who is typing, until when (ms): "" is the customer. */
  readonly typing = new Map<string, { name: string; until: number }>();
  summary: Asked<Summary> = { state: "none" };
  suggestion: Asked<Suggestion> = { state: "none" };
  translations: Readonly<Record<string, string>> = {};
  version = 0;

  #erased = false;
  #loading = false;
  #again = false;
  /** Notes that were written or removed (null) since the last `load` was begun, by id. */
  readonly #meanwhile = new Map<string, Note | null>();
  /** Messages, their delivery, and what else was said since then. */
  readonly #late = new Map<number, Message>();
  readonly #delivered = new Map<string, Pick<Message, "delivery" | "error">>();
  #patched: Partial<Thread> = {};
  /** The newest message of which the server knew when it began to tell of new ones. */
  #seen = 0;
  #stepsTimer: number | undefined;

  constructor(
    readonly id: string,
    readonly api: Api,
    readonly changed: () => void,
  ) {}

  get last(): number {
    return this.messages.at(-1)?.seq ?? 0;
  }

  #touch(): void {
    this.version += 1;
    this.changed();
  }

  /** Fetch it, or what is newer where it is here. */
  async load(): Promise<void> {
    if (this.#erased) return;
    if (this.#loading) {
      this.#again = true;
      return;
    }
    this.#loading = true;
    this.#meanwhile.clear();
    this.#late.clear();
    this.#delivered.clear();
    this.#patched = {};
    this.error = "";
    try {
      const [thread, steps, notes] = await Promise.all([
        this.api.thread(this.id, PAGE),
        this.api.steps(this.id).catch(() => this.steps),
        this.api.notes(this.id).catch(() => this.notes),
      ]);
      if (this.#erased) return;
      this.gone = false;
      const first = thread.messages[0]?.seq ?? 1;
      const joins = this.last >= first - 1 && this.messages.length < MOST;
      // What is here stays where the two overlap; else there is a hole between, and the new page starts over.
      const told = thread.messages.map((one) => ({ ...one, ...this.#delivered.get(one.id) }));
      this.messages = merged(joins ? merged(this.messages, told) : told, [...this.#late.values()]);
      if (!joins || !this.thread) {
        this.past = [];
        this.cursor = thread.past;
      }
      const read = Math.max(thread.read_by_customer ?? -1, this.thread?.read_by_customer ?? -1);
      this.thread = { ...thread, ...this.#patched, read_by_customer: read < 0 ? null : read };
      this.steps = steps;
      // What was written or removed while they were on their way is newer than they are.
      this.notes = notes.filter((one) => !this.#meanwhile.has(one.id));
      for (const note of this.#meanwhile.values()) if (note) this.notes = inTime([...this.notes, note]);
      this.writing = null;
      const end = told.at(-1)?.seq ?? 0;
      // Of what came before it was heard of new ones, and not in the answer any more.
      if (this.last < this.#seen || this.messages.filter((one) => one.seq > end).length < this.last - end) void this.#fill(end);
    } catch (error) {
      this.gone = error instanceof Refused && error.status === 404;
      this.error = error instanceof Error ? error.message || error.name : String(error);
      if (this.gone) this.#empty();
      if (!(error instanceof Refused) && !this.thread) throw error;
    } finally {
      this.#loading = false;
      this.#touch();
      if (this.#again) {
        this.#again = false;
        void this.load().catch(() => undefined);
      }
    }
  }

  /** The page before the first message that is here. */
  async older(): Promise<void> {
    const { cursor } = this;
    if (!cursor || this.loadingPast) return;
    this.loadingPast = true;
    this.pastError = "";
    this.#touch();
    try {
      const page = await this.api.past(this.id, cursor, PAGE);
      if (cursor !== this.cursor) return; // the thread was begun anew meanwhile
      const known = new Set([...this.past, ...this.messages].map((m) => m.id));
      this.past = [...page.messages.filter((m) => !known.has(m.id)).reverse(), ...this.past];
      this.cursor = page.next;
    } catch (error) {
      this.pastError = error instanceof Error ? error.message : String(error);
    } finally {
      this.loadingPast = false;
      this.#touch();
    }
  }

  /** It was erased: nothing of it stays here, nor comes back by an answer that was under way. */
  erase(): void {
    this.close();
    this.#erased = true;
    this.#empty();
    this.#touch();
  }

  #empty(): void {
    this.gone = true;
    this.thread = null;
    this.messages = this.past = [];
    this.steps = [];
    this.notes = [];
    this.cursor = "";
    this.writing = null;
    this.typing.clear();
    this.summary = this.suggestion = { state: "none" };
    this.translations = {};
    this.error ||= "gone";
  }

  /** A live event of this conversation. */
  take(frame: ServerFrame): void {
    if (this.#erased) return;
    const { data } = frame;
    switch (frame.kind) {
      case "message":
        this.put(data["message"] as Message);
        return;
      case "watching":
        this.#seen = Math.max(this.#seen, Number(data["seq"]));
        if (this.thread && !this.#loading && this.last < this.#seen) void this.#fill(this.last);
        return;
      case "delivery": {
        const delivered = { delivery: String(data["delivery"]), ...("error" in data ? { error: String(data["error"]) } : {}) } as Pick<Message, "delivery" | "error">;
        if (this.#loading) this.#delivered.set(String(data["message"]), delivered);
        this.messages = this.messages.map((m) => (m.id === data["message"] ? { ...m, ...delivered } : m));
        break;
      }
      case "read":
        if (data["author"] !== "contact" || !this.thread) return;
        this.thread = { ...this.thread, read_by_customer: Math.max(this.thread.read_by_customer ?? 0, Number(data["seq"])) };
        break;
      case "typing": {
        const who = data["author"] === "contact" ? "" : String(data["agent"]);
        if (data["on"]) this.typing.set(who, { name: String(data["agent_name"] ?? ""), until: Date.now() + TYPING_MS });
        else this.typing.delete(who);
        break;
      }
      case "turn":
        this.#turn(String(data["turn"]), String(data["state"]));
        break;
      case "segment":
        this.#segment(String(data["turn"]), Number(data["attempt"]), Number(data["offset"]), String(data["text"]));
        break;
      default:
        return;
    }
    this.#touch();
  }

  /** A message that the server has: new, or the answer to what was sent from here. */
  put(message: Message): void {
    if (this.#erased) return;
    const last = this.last;
    if (this.#loading) this.#late.set(message.seq, message);
    this.messages = merged(this.messages, [message]);
    if (message.author === "contact") this.typing.delete("");
    if (message.author === "bot") this.writing = null;
    if (message.agent) this.typing.delete(message.agent);
    this.#touch();
    if (this.thread && (message.seq > last + 1 || this.messages.length > MOST)) void this.#fill(last);
  }

  putNote(note: Note): void {
    if (this.#erased) return;
    this.#meanwhile.set(note.id, note);
    this.notes = inTime([...this.notes.filter((one) => one.id !== note.id), note]);
    this.#touch();
  }

  dropNote(id: string): void {
    this.#meanwhile.set(id, null);
    this.notes = this.notes.filter((one) => one.id !== id);
    this.#touch();
  }

  patch(change: Partial<Thread>): void {
    const { unread: _, ...said } = change; // an answer that is on its way counts anew
    if (this.#loading) this.#patched = { ...this.#patched, ...said };
    if (!this.thread) return;
    this.thread = { ...this.thread, ...change };
    this.#touch();
  }

  /** Something happened to the handoff: its steps and what may be written are asked for once the burst is over. */
  soon(): void {
    window.clearTimeout(this.#stepsTimer);
    this.#stepsTimer = window.setTimeout(() => void this.load().catch(() => undefined), 150);
  }

  async summarise(anew: boolean): Promise<void> {
    if (this.summary.state === "loading") return;
    const told = await this.#asked(this.api.summary(this.id, anew), () => (this.summary = { state: "loading" }));
    if (this.#erased) return;
    this.summary = told;
    this.#touch();
  }

  async suggest(): Promise<void> {
    if (this.suggestion.state === "loading") return;
    const told = await this.#asked(this.api.suggest(this.id), () => (this.suggestion = { state: "loading" }));
    if (this.#erased) return;
    this.suggestion = told;
    this.#touch();
  }

  forgetSuggestion(): void {
    this.suggestion = { state: "none" };
    this.#touch();
  }

  async translate(target: string): Promise<void> {
    const wanted = this.messages.filter((m) => m.text && m.language && m.language.slice(0, 2) !== target.slice(0, 2)).map((m) => m.seq);
    const seqs = wanted.filter((seq) => !(seq in this.translations)).slice(-50);
    if (seqs.length) this.translations = { ...this.translations, ...(await this.api.translate(this.id, seqs, target)).messages };
    this.#touch();
  }

  close(): void {
    window.clearTimeout(this.#stepsTimer);
  }

  async #asked<T>(question: Promise<T>, begin: () => void): Promise<Asked<T>> {
    begin();
    this.#touch();
    try {
      return { state: "ready", value: await question };
    } catch (error) {
      return { state: "error", error: error instanceof Error ? error.message : String(error) };
    }
  }

  async #fill(after: number): Promise<void> {
    if (this.messages.length > MOST) return this.load().catch(() => undefined);
    try {
      const page = await this.api.messages(this.id, `after=${after}&limit=200`);
      if (this.#erased) return;
      this.messages = merged(this.messages, page.messages);
      this.#touch();
    } catch {
      // The next reconnection fetches it.
    }
  }

  #turn(turn: string, state: string): void {
    if (state === "started") this.writing = { turn, attempt: 0, parts: [] };
    else if (this.writing?.turn === turn) this.writing = null;
  }

  #segment(turn: string, attempt: number, offset: number, text: string): void {
    if (this.writing?.turn !== turn || this.writing.attempt < attempt) this.writing = { turn, attempt, parts: [] };
    if (this.writing.attempt === attempt) this.writing.parts[offset] = text;
  }
}

/** How far a message has come; what goes wrong on the way, or is sent again, is news whatever was known. */
const ARRIVAL: Readonly<Record<string, number>> = { "": 0, pending: 1, sending: 2, sent: 3, delivered: 4, read: 5 };

/** Both, by `seq`, each once; the newer copy of a message counts, but for a delivery that it does not know of yet. */
export function merged(a: readonly Message[], b: readonly Message[]): readonly Message[] {
  if (b.length === 1 && b[0] && b[0].seq > (a.at(-1)?.seq ?? 0)) return [...a, b[0]];
  const all = new Map(a.map((m) => [m.seq, m]));
  for (const m of b) {
    const known = all.get(m.seq);
    const behind = known && (ARRIVAL[known.delivery] ?? 0) > (ARRIVAL[m.delivery] ?? 9);
    all.set(m.seq, behind ? { ...m, delivery: known.delivery, error: known.error } : m);
  }
  return [...all.values()].sort((x, y) => x.seq - y.seq);
}
