import { Refused, request } from "../../../../web/request.js";
import type { Pending } from "./thread.js";
import type { Page, ServerFrame } from "./protocol.js";

/** How the page is connected. `connecting` is also every wait between two tries. */
export type Status = "connecting" | "online" | "offline";

export interface Port {
  /** A frame of the server, whichever way it came. */
  frame(frame: ServerFrame): void;
  status(status: Status): void;
  /** The socket is open: what was missed must be fetched where the way itself does not bring it. */
  opened(way: Way): void;
  /** The token is no longer good. */
  expired(): void;
  /** What still has no acknowledgement, oldest first. */
  unsent(): readonly Pending[];
  /** The last seq that is here. */
  known(): number;
}

export type Way = "socket" | "events";
type Timer = "next" | "heart" | "hold";

/** What of the browser is used; tests bring their own, pages have `REAL`. */
export interface Browser {
  fetch: typeof fetch;
  WebSocket: new (url: string) => WebSocket;
  EventSource?: new (url: string) => EventSource;
  setTimeout(run: () => void, ms: number): number;
  clearTimeout(timer: number): void;
  random(): number;
  now(): number;
}

export const REAL: Browser = {
  fetch: (...args) => fetch(...args),
  // Looked up when it is used: pages may have none, and tests have no window.
  get WebSocket() {
    return WebSocket;
  },
  get EventSource() {
    return EventSource;
  },
  setTimeout: (run, ms) => window.setTimeout(run, ms),
  clearTimeout: (timer) => window.clearTimeout(timer),
  random: Math.random,
  now: Date.now,
};

const EXPIRED = new Set(["token", "conversation_expired"]);
const PING_MS = 25_000;
const SILENCE_MS = 10_000;
const MAX_WAIT_MS = 30_000;

/** How long to wait before try number `tries` (from 0): doubling from half a second, spread over ±50 %. */
export function backoff(tries: number, random: number): number {
  return Math.min(MAX_WAIT_MS, 500 * 2 ** Math.min(tries, 10)) * (0.5 + random);
}

/**
 * Keeps one way to the server open: a WebSocket, or where that does not open, server-sent events with POST.
 * Everything unacknowledged is sent again, with its own id, each time a way opens.
 */
export class Connection {
  #socket: WebSocket | undefined;
  #events: EventSource | undefined;
  #tries = 0;
  #next: Way = "socket";
  /** The socket was ready once. */
  #worked = false;
  readonly #timers: Record<Timer, number | undefined> = { next: undefined, heart: undefined, hold: undefined };
  #holdUntil = 0;
  #ready = false;
  #closed = false;
  /** Sent on this way, not acknowledged yet. */
  readonly #sent = new Set<string>();
  #posting = false;

  readonly #base: string;
  readonly #token: string;
  readonly #port: Port;
  readonly #browser: Browser;

  constructor(base: string, token: string, port: Port, browser: Browser) {
    this.#base = base;
    this.#token = token;
    this.#port = port;
    this.#browser = browser;
  }

  open(): void {
    this.#port.status("connecting");
    this.#attempt();
  }

  /** The network came back, or the page is looked at again: don't wait for the timer. */
  wake(): void {
    if (this.#closed) return;
    if (this.#ready) {
      this.#ping();
      return;
    }
    this.#tries = 0;
    this.#next = "socket";
    if (this.#timers.next !== undefined) this.#attempt();
  }

  close(): void {
    this.#closed = true;
    this.#drop();
    this.#clear("next");
    this.#clear("hold");
  }

  /** Send what has not been sent on this way yet. */
  flush(): void {
    if (!this.#ready || this.#closed) return;
    const wait = this.#holdUntil - this.#browser.now();
    if (wait > 0) {
      this.#set("hold", wait, () => this.flush());
      return;
    }
    if (this.#events) {
      void this.#post();
      return;
    }
    for (const p of this.#port.unsent()) {
      if (this.#sent.has(p.id)) continue;
      this.#sent.add(p.id);
      this.#write({ type: "message", id: p.id, text: p.text });
    }
    this.#beat();
  }

  typing(): void {
    if (this.#ready && this.#socket) this.#write({ type: "typing" });
  }

  /** Tell that everything up to `seq` was read; whether it could be told. */
  read(seq: number): boolean {
    if (!this.#ready || !this.#socket) return false;
    this.#write({ type: "read", seq });
    return true;
  }

  /** Messages by `GET messages`, with `query` such as `after=5&limit=50`. */
  page(query: string): Promise<Page> {
    return request<Page>(this.#browser, `${this.#base}/webchat/messages?${query}`, {
      headers: { Authorization: `Bearer ${this.#token}` },
    });
  }

  #attempt(): void {
    this.#clear("next");
    this.#drop();
    if (this.#closed) return;
    if (this.#next === "events" && this.#browser.EventSource) this.#listen(this.#browser.EventSource);
    else this.#dial();
  }

  #dial(): void {
    // A failure tries the other way next; where the socket once worked, only every third time.
    this.#next = this.#worked && this.#tries % 3 < 2 ? "socket" : "events";
    const socket = new this.#browser.WebSocket(`${this.#base.replace(/^http/, "ws")}/webchat/ws`);
    this.#socket = socket;
    this.#beat();
    socket.onopen = () => {
      this.#write({ type: "hello", token: this.#token, after: this.#port.known() });
    };
    socket.onmessage = (event) => {
      if (socket === this.#socket) this.#take(String(event.data), "socket");
    };
    socket.onclose = () => {
      if (socket === this.#socket) this.#again();
    };
  }

  #listen(Source: new (url: string) => EventSource): void {
    const url = `${this.#base}/webchat/events?token=${encodeURIComponent(this.#token)}&after=${this.#port.known()}`;
    const events = new Source(url);
    this.#events = events;
    this.#next = "socket";
    const take = (event: MessageEvent<string>) => {
      if (events === this.#events) this.#take(event.data, "events");
    };
    events.onopen = () => {
      if (events === this.#events && !this.#ready) this.#begin("events");
    };
    // Not by `onmessage` besides: it hears what `message` hears, and each frame would come twice.
    for (const kind of ["ready", "message", "segment", "turn", "typing", "read", "ack", "nack"]) events.addEventListener(kind, take);
    events.onerror = () => {
      if (events === this.#events) this.#again();
    };
  }

  #take(data: string, way: Way): void {
    let frame: ServerFrame;
    try {
      frame = JSON.parse(data) as ServerFrame;
    } catch {
      return;
    }
    if (frame.type === "ready" && !this.#ready) this.#begin(way);
    if (frame.type === "ack") this.#sent.delete(frame.id);
    if (frame.type === "nack") this.#refused(frame.id, frame.retry_after);
    if (frame.type === "error" && EXPIRED.has(frame.code)) {
      this.#port.expired();
      return;
    }
    this.#port.frame(frame);
    if (this.#socket) this.#beat();
  }

  #begin(way: Way): void {
    this.#ready = true;
    this.#tries = 0;
    this.#next = "socket";
    this.#worked ||= way === "socket";
    this.#sent.clear();
    this.#port.status("online");
    this.#port.opened(way);
    this.flush();
  }

  #refused(id: string, retryAfter: number | undefined): void {
    this.#sent.delete(id);
    if (retryAfter === undefined) return;
    this.#holdUntil = this.#browser.now() + Math.max(0.5, retryAfter) * 1000;
    this.flush();
  }

  /** One after the other, so that they arrive in the order in which they were written. */
  async #post(): Promise<void> {
    if (this.#posting) return;
    this.#posting = true;
    try {
      for (;;) {
        const p = this.#port.unsent()[0];
        if (!p || !this.#ready || this.#closed || this.#holdUntil > this.#browser.now()) return;
        try {
          const ack = await request<{ message_id: string; seq: number; duplicate: boolean }>(
            this.#browser,
            `${this.#base}/webchat/messages`,
            {
              method: "POST",
              headers: { Authorization: `Bearer ${this.#token}`, "Content-Type": "application/json" },
              body: JSON.stringify({ id: p.id, text: p.text }),
            },
          );
          this.#port.frame({ type: "ack", ...ack, id: p.id });
        } catch (error) {
          if (!(error instanceof Refused)) {
            this.#again();
            return;
          }
          if (error.status === 401) {
            this.#port.expired();
            return;
          }
          const retry = error.retryAfter ?? (error.status === 429 || error.status >= 500 ? 5 : undefined);
          this.#port.frame({
            type: "nack",
            id: p.id,
            problem: error.problem,
            ...(retry === undefined ? {} : { retry_after: retry }),
          });
          this.#refused(p.id, retry);
        }
      }
    } finally {
      this.#posting = false;
    }
  }

  /** Ping in a while; where nothing at all is heard after it, or after a message, the socket is dead. */
  #beat(): void {
    const waiting = this.#sent.size > 0 || !this.#ready;
    this.#set("heart", waiting ? SILENCE_MS : PING_MS, () => (waiting ? this.#again() : this.#ping()));
  }

  #ping(): void {
    if (!this.#socket) return;
    this.#write({ type: "ping" });
    this.#set("heart", SILENCE_MS, () => this.#again());
  }

  #write(frame: object): void {
    if (this.#socket?.readyState === 1) this.#socket.send(JSON.stringify(frame));
  }

  #again(): void {
    this.#drop();
    if (this.#closed) return;
    this.#port.status("connecting");
    this.#set("next", backoff(this.#tries++, this.#browser.random()), () => this.#attempt());
  }

  #drop(): void {
    const [socket, events] = [this.#socket, this.#events];
    this.#socket = this.#events = undefined;
    this.#ready = false;
    this.#clear("heart");
    socket?.close();
    events?.close();
  }

  #clear(name: Timer): void {
    const timer = this.#timers[name];
    if (timer !== undefined) this.#browser.clearTimeout(timer);
    this.#timers[name] = undefined;
  }

  #set(name: Timer, ms: number, run: () => void): void {
    this.#clear(name);
    this.#timers[name] = this.#browser.setTimeout(run, ms);
  }
}
