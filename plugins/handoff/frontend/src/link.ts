import type { ServerFrame } from "./protocol.js";

/** How the page is connected; `connecting` is also every wait between two tries. */
export type Status = "connecting" | "online" | "offline";

export interface Port {
  /** The socket is open: fetch what is shown. */
  ready(): void;
  event(frame: ServerFrame): void;
  /** Something was missed: fetch what is shown anew. */
  missed(): void;
  status(status: Status): void;
  /** The session is over; true where it could be renewed. */
  expired(): Promise<boolean>;
  /** The role is not enough. */
  refused(): void;
  watched(): string[];
}

const SILENCE_MS = 10_000;
const MAX_WAIT_MS = 20_000;

/** How long to wait before try number `tries` (from 0): doubling from 400 ms, spread over ±50 %. */
export function backoff(tries: number, random: number): number {
  return Math.min(MAX_WAIT_MS, 400 * 2 ** Math.min(tries, 10)) * (0.5 + random);
}

/** Keeps the console's WebSocket open, notices a dead one and a gap, and says hello with what is watched. */
export class Link {
  #socket: WebSocket | undefined;
  #tries = 0;
  #n = 0;
  #ready = false;
  #closed = false;
  #next: number | undefined;
  #heart: number | undefined;
  #every = 25_000;

  constructor(
    readonly url: string,
    readonly port: Port,
  ) {}

  open(): void {
    this.#closed = false;
    window.addEventListener("online", this.#wake);
    window.addEventListener("offline", this.#lose);
    document.addEventListener("visibilitychange", this.#wake);
    this.#dial();
  }

  close(): void {
    this.#closed = true;
    window.removeEventListener("online", this.#wake);
    window.removeEventListener("offline", this.#lose);
    document.removeEventListener("visibilitychange", this.#wake);
    window.clearTimeout(this.#next);
    this.#drop();
  }

  /** True if it went out. */
  send(frame: object): boolean {
    if (!this.#ready || this.#socket?.readyState !== WebSocket.OPEN) return false;
    this.#socket.send(JSON.stringify(frame));
    return true;
  }

  watch(conversations: string[]): void {
    this.send({ type: "watch", conversations });
  }

  #dial(): void {
    window.clearTimeout(this.#next);
    this.#drop();
    if (this.#closed) return;
    this.port.status(navigator.onLine ? "connecting" : "offline");
    const socket = new WebSocket(this.url);
    this.#socket = socket;
    this.#n = 0;
    this.#listen(SILENCE_MS);
    socket.onopen = () => socket.send(JSON.stringify({ type: "hello", token: "", watch: this.port.watched() }));
    socket.onmessage = (event) => {
      if (socket === this.#socket) this.#take(String(event.data));
    };
    socket.onclose = (event) => {
      if (socket === this.#socket) void this.#ended(event.code);
    };
  }

  #take(data: string): void {
    let frame: ServerFrame;
    try {
      frame = JSON.parse(data) as ServerFrame;
    } catch {
      return;
    }
    const gap = frame.n !== this.#n + 1;
    this.#n = frame.n;
    this.#listen(this.#every + SILENCE_MS);
    if (frame.type === "ready") {
      const told = frame.data as { heartbeat?: number } | null;
      this.#every = (told?.heartbeat ?? 20) * 1000;
      this.#ready = true;
      this.#tries = 0;
      this.port.status("online");
      this.port.ready();
      return;
    }
    if (gap || frame.type === "lost") this.port.missed();
    if (frame.type === "event" || frame.type === "beat") this.port.event(frame);
  }

  async #ended(code: number): Promise<void> {
    this.#drop();
    if (this.#closed) return;
    this.port.status(navigator.onLine ? "connecting" : "offline");
    if (code === 4403) return this.port.refused();
    if (code === 4401 && !(await this.port.expired().catch(() => true))) return;
    this.#again();
  }

  /** Where nothing is heard for `ms`, not even a beat, the socket is dead. */
  #listen(ms: number): void {
    window.clearTimeout(this.#heart);
    this.#heart = window.setTimeout(() => {
      this.#drop();
      this.#again();
    }, ms);
  }

  #again(): void {
    if (this.#closed) return;
    window.clearTimeout(this.#next);
    this.#next = window.setTimeout(() => this.#dial(), backoff(this.#tries++, Math.random()));
  }

  #drop(): void {
    const socket = this.#socket;
    this.#socket = undefined;
    this.#ready = false;
    window.clearTimeout(this.#heart);
    socket?.close();
  }

  readonly #lose = () => this.port.status("offline");

  /** The network came back, or the page is looked at again: don't wait for the timer. */
  readonly #wake = () => {
    if (this.#closed || document.visibilityState !== "visible") return;
    if (this.#ready) {
      this.port.status(navigator.onLine ? "online" : "offline");
      this.send({ type: "ping" });
      this.#listen(SILENCE_MS);
    } else if (!this.#socket) {
      this.#tries = 0;
      this.#dial();
    }
  };
}
