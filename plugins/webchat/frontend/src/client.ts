import { randomId } from "../../../../web/random.js";
import { Refused, request } from "../../../../web/request.js";
import { Connection, backoff, type Browser, type Status } from "./connection.js";
import type { Problem, ServerFrame, Session } from "./protocol.js";
import { Store } from "./storage.js";
import { EMPTY, clientId, hasGap, reduce, unheard, type Event, type Pending, type Thread } from "./thread.js";

export { randomId };

const PAGE = 50;
const GAP_MS = 400;
const LOST_REPLY_MS = 1_500;

/** What a session is asked for: its language, or a new conversation. */
export interface Wish {
  language?: string;
  fresh?: boolean;
}

/** One visitor's conversation with one tenant: the session, the connection and the thread, with no picture of it. */
export class ChatClient {
  thread: Thread = EMPTY;
  session: Session | null = null;
  status: Status = "connecting";
  /** Why there is no session; it is tried again by itself where `retrying`. */
  failure: { problem: Problem; retrying: boolean } | null = null;
  /** The first page of messages is here. */
  loaded = false;
  loadingOlder = false;

  #connection: Connection | undefined;
  #lookedAt = 0;
  #tries = 0;
  #renewals = 0;
  #timer: number | undefined;
  #syncTimer: number | undefined;
  #syncing = false;
  #starting = false;
  /** Asked for while a start was under way. */
  #queued: Wish | undefined;
  #closed = false;
  /** What sends recordings, by the message's id, lets go of them, and hears that they wait no more. */
  spoken: { send(id: string): void; drop(id: string): void; settled(id: string): void } | undefined;

  readonly base: string;
  readonly #store: Store;
  readonly browser: Browser;
  readonly #changed: () => void;

  constructor(base: string, store: Store, browser: Browser, changed: () => void) {
    this.base = base;
    this.#store = store;
    this.browser = browser;
    this.#changed = changed;
    // Not told to the view, which has no client yet.
    const pending = store.pending.map((p) => (p.state === "sent" ? { ...p, state: "sending" as const } : p));
    this.thread = reduce(EMPTY, { type: "restore", pending });
  }

  /** Open (or open again) the session; `fresh` begins a new conversation of the same visitor. */
  async start(options: Wish = {}): Promise<void> {
    if (this.#closed) return;
    if (this.#starting) {
      this.#queued = options;
      return;
    }
    this.#starting = true;
    this.#timer = this.#cancel(this.#timer);
    const token = this.#store.get("token");
    try {
      const session = await request<Session>(this.browser, `${this.base}/webchat/session`, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({
          ...(token ? { token } : {}),
          ...(options.language ? { language: options.language } : {}),
          ...(options.fresh ? { fresh: true } : {}),
        }),
      });
      this.#tries = 0;
      this.failure = null;
      this.#enter(session);
    } catch (error) {
      this.#fail(error, options);
    } finally {
      this.#starting = false;
      this.#changed();
      const next = this.#queued;
      this.#queued = undefined;
      if (next) void this.start(next);
    }
  }

  /** Send `text`; it is in the thread at once. */
  send(text: string): void {
    this.#apply({ type: "write", id: randomId(), text, at: this.browser.now() / 1000 });
    this.#connection?.flush();
  }

  /** Put what was spoken into the thread; `spoken` sends it. */
  write(id: string, seconds: number): void {
    this.#apply({ type: "write", id, text: "", at: this.browser.now() / 1000, seconds });
  }

  /** Put what was spoken before a reload into the thread again, unless the server has shown it. */
  restore(pending: Pending): void {
    this.#apply({ type: "restore", pending: [pending] });
  }

  /** A file of a message. */
  async file(seq: number, n: number): Promise<Blob> {
    const response = await this.browser.fetch(`${this.base}/webchat/messages/${seq}/files/${n}`, { headers: this.who });
    if (!response.ok) throw new Error(`HTTP ${response.status}`);
    return response.blob();
  }

  retry(id: string): void {
    this.#apply({ type: "retry", id });
    this.#connection?.flush();
    this.spoken?.send(id);
  }

  discard(id: string): void {
    this.spoken?.drop(id);
    this.#apply({ type: "discard", id });
  }

  typing(): void {
    this.#connection?.typing();
  }

  /** Somebody looks at the newest message: tell so, once for each. */
  looked(): void {
    const last = this.thread.messages.at(-1)?.seq ?? 0;
    if (last > this.#lookedAt && this.#connection?.read(last)) this.#lookedAt = last;
  }

  wake(): void {
    if (this.#connection) this.#connection.wake();
    else if (this.#timer !== undefined) void this.start();
  }

  /** The page before the first message that is here. */
  async older(): Promise<void> {
    const first = this.thread.messages[0];
    const connection = this.#connection;
    if (!connection || !first || !this.thread.older || this.loadingOlder) return;
    this.loadingOlder = true;
    this.#changed();
    try {
      const page = await connection.page(`before=${first.seq}&limit=${PAGE}`);
      if (connection !== this.#connection) return; // it may be another conversation by now
      this.#apply({ type: "page", kind: "older", messages: page.messages, last: page.last_seq, full: page.messages.length >= PAGE });
    } catch {
      // Scrolling up again asks again.
    } finally {
      this.loadingOlder = false;
      this.#changed();
    }
  }

  close(): void {
    this.#closed = true;
    this.#connection?.close();
    this.#timer = this.#cancel(this.#timer);
    this.#syncTimer = this.#cancel(this.#syncTimer);
  }

  #enter(session: Session): void {
    const same = this.session?.token === session.token && this.session.conversation === session.conversation;
    const moved = this.session && this.session.conversation !== session.conversation;
    this.session = session;
    this.#store.set("token", session.token);
    this.#store.set("conversation", session.conversation);
    if (same && this.#connection) return;
    if (moved) {
      this.#lookedAt = 0;
      const { pending } = this.thread;
      this.#apply({ type: "reset" });
      this.#apply({ type: "restore", pending });
      this.loaded = false;
    }
    this.#connection?.close();
    const connection = new Connection(
      this.base,
      session.token,
      {
        frame: (frame) => this.take(frame),
        status: (status) => {
          this.status = status;
          if (status === "online") {
            this.#renewals = 0;
            for (const { id } of this.thread.pending) this.spoken?.send(id);
          }
          this.#changed();
        },
        opened: (way) => {
          if (way === "events" || hasGap(this.thread)) void this.#sync();
          void this.#hear();
        },
        expired: () => this.renew(),
        unsent: () => this.thread.pending.filter((p) => p.state === "sending" && p.seconds === undefined),
        known: () => this.thread.known,
      },
      this.browser,
    );
    this.#connection = connection;
    void this.#load(connection);
  }

  /** The newest page first, so that the socket has little to make up for; later the socket itself makes up. */
  async #load(connection: Connection): Promise<void> {
    if (this.loaded) {
      connection.open();
      return;
    }
    try {
      const page = await connection.page(`limit=${PAGE}`);
      if (connection !== this.#connection) return;
      this.#apply({ type: "page", kind: "newest", messages: page.messages, last: page.last_seq, full: page.messages.length >= PAGE });
      this.#tries = 0;
      this.failure = null;
      this.loaded = true;
      this.#changed();
      connection.open();
    } catch (error) {
      if (connection !== this.#connection) return;
      connection.close();
      this.#connection = undefined;
      this.#fail(error, {});
      this.#changed();
    }
  }

  /** A token that is refused again and again is asked for ever more slowly. */
  renew(): void {
    this.#connection?.close();
    this.#connection = undefined;
    this.#timer = this.browser.setTimeout(() => void this.start(), backoff(this.#renewals++, this.browser.random()));
  }

  #fail(error: unknown, options: Wish): void {
    const refused = error instanceof Refused ? error : null;
    // What the server will say again a minute later is not asked again by itself.
    const retrying = !refused || refused.status >= 500 || refused.status === 429;
    this.failure = { problem: refused?.problem ?? { title: "" }, retrying };
    if (!retrying || this.#closed) return;
    const wait = Math.max(backoff(this.#tries++, this.browser.random()), (refused?.retryAfter ?? 0) * 1000);
    this.#timer = this.browser.setTimeout(() => void this.start(options), wait);
  }

  /** A frame of the server's, whichever way it came. */
  take(frame: ServerFrame): void {
    this.#apply({ type: "frame", frame, now: this.browser.now() });
    if (frame.type === "turn" && frame.state === "finished") void this.#hear();
    if (hasGap(this.thread)) this.#later(GAP_MS);
    else if (frame.type === "turn" && frame.state === "finished" && this.thread.streams.length) this.#later(LOST_REPLY_MS);
  }

  #later(ms: number): void {
    this.#syncTimer = this.#cancel(this.#syncTimer);
    this.#syncTimer = this.browser.setTimeout(() => {
      const lost = this.thread.streams.some((s) => s.state === "finished");
      if (hasGap(this.thread) || lost) void this.#sync();
    }, ms);
  }

  /** Who asks. */
  get who(): Record<string, string> {
    return { Authorization: `Bearer ${this.session?.token ?? ""}` };
  }

  /** What was spoken is written down in its turn: fetch the message as it is then. */
  async #hear(): Promise<void> {
    const spoken = unheard(this.thread);
    const connection = this.#connection;
    if (!spoken || !connection) return;
    try {
      const [message] = (await connection.page(`after=${spoken.seq - 1}&limit=1`)).messages;
      if (message?.id === spoken.id && connection === this.#connection) this.#apply({ type: "frame", frame: { type: "message", message }, now: this.browser.now() });
    } catch {
      // The next turn, or the next connection, asks again.
    }
  }

  /** Fetch what is newer than what is here, until nothing is missing. */
  async #sync(): Promise<void> {
    const connection = this.#connection;
    if (this.#syncing || !connection) return;
    this.#syncing = true;
    try {
      for (let full = true; full && connection === this.#connection; ) {
        const page = await connection.page(`after=${this.thread.known}&limit=${PAGE}`);
        if (connection !== this.#connection) return;
        full = page.messages.length >= PAGE;
        this.#apply({ type: "page", kind: "newer", messages: page.messages, last: page.last_seq, full });
      }
    } catch {
      this.#later(5_000);
    } finally {
      this.#syncing = false;
      if (connection !== this.#connection && hasGap(this.thread)) this.#later(GAP_MS);
    }
  }

  #apply(event: Event): void {
    const before = this.thread;
    this.thread = reduce(before, event);
    if (this.thread === before) return;
    if (this.thread.pending !== before.pending) {
      const here = new Set(this.thread.pending.map((p) => p.id));
      const gone = before.pending.map((p) => p.id).filter((id) => !here.has(id));
      const settled = event.type === "reset" ? [] : gone;
      for (const id of settled) this.spoken?.settled(id);
      const typed = this.thread.pending.filter((p) => p.seconds === undefined);
      this.#store.savePending(typed, new Set([...settled, ...this.thread.messages.map(clientId)]));
    }
    this.#changed();
  }

  #cancel(timer: number | undefined): undefined {
    if (timer !== undefined) this.browser.clearTimeout(timer);
  }
}
