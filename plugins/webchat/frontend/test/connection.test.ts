import { beforeEach, describe, expect, test, vi } from "vitest";
import { Refused, request } from "../../../../web/request.js";
import { Connection, backoff, type Browser, type Port } from "../src/connection.js";
import type { ServerFrame } from "../src/protocol.js";
import type { Pending } from "../src/thread.js";

/** A clock whose timers run when the test says so. */
class Clock {
  time = 0;
  private timers = new Map<number, { at: number; run: () => void }>();
  private last = 0;

  set = (run: () => void, ms: number): number => {
    this.timers.set(++this.last, { at: this.time + ms, run });
    return this.last;
  };
  clear = (timer: number): void => void this.timers.delete(timer);

  advance(ms: number): void {
    const end = this.time + ms;
    for (;;) {
      const due = [...this.timers].filter(([, t]) => t.at <= end).sort((a, b) => a[1].at - b[1].at)[0];
      if (!due) break;
      this.timers.delete(due[0]);
      this.time = due[1].at;
      due[1].run();
    }
    this.time = end;
  }
}

class Socket {
  static all: Socket[] = [];
  readyState = 0;
  sent: { type: string; id?: string; after?: number; token?: string; text?: string }[] = [];
  onopen = () => {};
  onclose = () => {};
  onmessage = (_: { data: string }) => {};

  constructor(readonly url: string) {
    Socket.all.push(this);
  }
  send(text: string) {
    this.sent.push(JSON.parse(text));
  }
  close() {
    this.readyState = 3;
  }
  /** The server takes the connection, says it is ready. */
  accept(last_seq = 0) {
    this.readyState = 1;
    this.onopen();
    this.frame({ type: "ready", conversation: "c", last_seq });
  }
  frame(frame: ServerFrame) {
    this.onmessage({ data: JSON.stringify(frame) });
  }
  lose() {
    this.readyState = 3;
    this.onclose();
  }
  get messages() {
    return this.sent.filter((f) => f.type === "message").map((f) => f.id);
  }
}

class Source {
  static all: Source[] = [];
  onopen = () => {};
  onerror = () => {};
  onmessage = (_: { data: string }) => {};
  readonly #listeners = new Map<string, ((event: { data: string }) => void)[]>();
  addEventListener(kind: string, listener: (event: { data: string }) => void) {
    this.#listeners.set(kind, [...(this.#listeners.get(kind) ?? []), listener]);
  }
  close() {}
  constructor(readonly url: string) {
    Source.all.push(this);
  }
  /** As browsers do: an event of the kind `message` goes to `onmessage` and to those who listen for `message`. */
  event(kind: string, frame: object) {
    const told = { data: JSON.stringify(frame) };
    if (kind === "message") this.onmessage(told);
    for (const listener of this.#listeners.get(kind) ?? []) listener(told);
  }
}

let clock: Clock;
let posts: { body: { id: string }; answer: (status: number, body: object, headers?: Record<string, string>) => void }[];
let browser: Browser;
let pending: Pending[];
let heard: ServerFrame[];
let states: string[];
let ways: string[];
let expired: number;
let connection: Connection;

const last = () => Socket.all.at(-1)!;

beforeEach(() => {
  clock = new Clock();
  Socket.all = [];
  Source.all = [];
  posts = [];
  pending = [];
  heard = [];
  states = [];
  ways = [];
  expired = 0;
  browser = {
    fetch: (_, init) =>
      new Promise((resolve) =>
        posts.push({
          body: JSON.parse(String(init?.body)),
          answer: (status, body, headers = {}) => resolve(new Response(JSON.stringify(body), { status, headers })),
        }),
      ),
    WebSocket: Socket as unknown as Browser["WebSocket"],
    EventSource: Source as unknown as NonNullable<Browser["EventSource"]>,
    setTimeout: clock.set,
    clearTimeout: clock.clear,
    random: () => 0.5,
    now: () => clock.time,
  };
  const port: Port = {
    frame: (frame) => {
      heard.push(frame);
      if (frame.type === "ack") pending = pending.filter((p) => p.id !== frame.id);
      if (frame.type === "nack" && frame.retry_after === undefined) pending = pending.filter((p) => p.id !== frame.id);
    },
    status: (status) => states.push(status),
    opened: (way) => ways.push(way),
    expired: () => expired++,
    unsent: () => pending,
    known: () => 4,
  };
  connection = new Connection("https://host.example/t/acme", "tok", port, browser);
  connection.open();
});

const write = (...ids: string[]) => {
  pending.push(...ids.map((id) => ({ id, text: id, at: 0, state: "sending" as const })));
  connection.flush();
};
const ack = (id: string): ServerFrame => ({ type: "ack", id, message_id: `m-${id}`, seq: 1, duplicate: false });

describe("the web socket", () => {
  test("says who it is and what it has, and then sends what was written before", () => {
    write("a", "b");
    expect(last().url).toBe("wss://host.example/t/acme/webchat/ws");
    last().accept();
    expect(last().sent.map((f) => f.type)).toEqual(["hello", "message", "message"]);
    expect(last().sent[0]).toEqual({ type: "hello", token: "tok", after: 4 });
    expect(states).toEqual(["connecting", "online"]);
  });

  test("sends each message once, and again with the same id after a loss", () => {
    last().accept();
    write("a");
    connection.flush();
    write("b");
    expect(last().messages).toEqual(["a", "b"]);
    last().frame(ack("a"));
    last().lose();
    clock.advance(500);
    last().accept();
    expect(Socket.all).toHaveLength(2);
    expect(last().messages).toEqual(["b"]);
  });

  test("is opened again after longer and longer waits while the server is away", () => {
    last().accept();
    const opened = () => Socket.all.length + Source.all.length;
    last().lose();
    const waits: number[] = [];
    for (let i = 0; i < 5; i++) {
      const [count, from] = [opened(), clock.time];
      while (opened() === count) clock.advance(50);
      waits.push(clock.time - from);
      if (Socket.all.at(-1)?.readyState === 0) last().lose();
      else Source.all.at(-1)?.onerror();
    }
    expect(waits).toEqual([500, 1000, 2000, 4000, 8000]);
  });

  test("is given up as dead when nothing answers a ping or a message", () => {
    last().accept();
    clock.advance(25_000);
    expect(last().sent.at(-1)).toEqual({ type: "ping" });
    last().frame({ type: "pong" });
    clock.advance(25_000);
    clock.advance(10_000 + 500);
    expect(Socket.all).toHaveLength(2);
    last().accept();
    write("a");
    clock.advance(10_000 + 500);
    expect(Socket.all).toHaveLength(3);
  });

  test("waits as long as the server asks, and then sends in the order of writing", () => {
    last().accept();
    write("a");
    last().frame({ type: "nack", id: "a", problem: { title: "Too many" }, retry_after: 3 });
    write("b");
    clock.advance(2_900);
    expect(last().messages).toEqual(["a"]);
    clock.advance(200);
    expect(last().messages).toEqual(["a", "a", "b"]);
  });

  test("does not send again what was refused for good", () => {
    last().accept();
    write("a");
    last().frame({ type: "nack", id: "a", problem: { title: "Empty" } });
    connection.flush();
    expect(last().messages).toEqual(["a"]);
    expect(heard.at(-1)).toMatchObject({ type: "nack", id: "a" });
  });

  test("is opened at once when the network is back", () => {
    last().accept();
    for (let i = 0; i < 6; i++) {
      last().lose();
      Source.all.at(-1)?.onerror();
      clock.advance(40_000);
    }
    last().lose();
    Source.all.at(-1)?.onerror();
    const count = Socket.all.length;
    connection.wake();
    expect(Socket.all.length).toBe(count + 1);
  });

  test("tells when the token is no longer good", () => {
    last().accept();
    last().frame({ type: "error", code: "token", detail: "" });
    expect(expired).toBe(1);
  });

  test("is left alone once closed", () => {
    last().accept();
    connection.close();
    clock.advance(100_000);
    expect(Socket.all).toHaveLength(1);
  });
});

describe("server-sent events, where no socket opens", () => {
  beforeEach(() => {
    last().lose();
    clock.advance(500);
    Source.all[0]!.onopen();
  });

  test("take its place, and what was missed is to be fetched", () => {
    expect(Source.all[0]!.url).toBe("https://host.example/t/acme/webchat/events?token=tok&after=4");
    expect(ways).toEqual(["events"]);
    Source.all[0]!.event("typing", { type: "typing", author: "agent" });
    expect(heard).toEqual([{ type: "typing", author: "agent" }]);
    Source.all[0]!.event("message", { type: "message", message: { seq: 1 } });
    expect(heard.map((frame) => frame.type)).toEqual(["typing", "message"]);
  });

  test("have messages posted one after the other", async () => {
    write("a", "b");
    expect(posts.map((p) => p.body.id)).toEqual(["a"]);
    posts[0]!.answer(202, { id: "a", message_id: "m1", seq: 1, duplicate: false });
    await vi.waitFor(() => expect(posts.map((p) => p.body.id)).toEqual(["a", "b"]));
  });

  test("send again after a 429 with its Retry-After", async () => {
    write("a");
    posts[0]!.answer(429, { title: "Too many" }, { "Retry-After": "2" });
    await vi.waitFor(() => expect(heard.at(-1)).toMatchObject({ type: "nack", id: "a", retry_after: 2 }));
    clock.advance(2_000);
    expect(posts.map((p) => p.body.id)).toEqual(["a", "a"]);
  });

  test("report what was refused for good", async () => {
    write("a");
    posts[0]!.answer(422, { title: "Bad text", detail: "It is empty.", field: "text" });
    await vi.waitFor(() => expect(heard.at(-1)).toEqual({ type: "nack", id: "a", problem: { title: "Bad text", detail: "It is empty.", field: "text" } }));
  });

  test("ask for a new session after a 401", async () => {
    write("a");
    posts[0]!.answer(401, { title: "Unknown token" });
    await vi.waitFor(() => expect(expired).toBe(1));
  });
});

test("the wait before a try doubles from half a second to thirty, spread by half", () => {
  expect([0, 1, 2, 20].map((n) => backoff(n, 0.5))).toEqual([500, 1000, 2000, 30_000]);
  expect([backoff(0, 0), backoff(0, 1)]).toEqual([250, 750]);
});

test("a refusal carries the problem's own words, or the status where the answer is no problem", async () => {
  const ask = (body: string, status: number) => request({ fetch: async () => new Response(body, { status }) }, "https://x.example/");
  await expect(ask('{"title":"Gone","detail":"It was deleted."}', 410)).rejects.toThrow(new Refused({ title: "Gone", detail: "It was deleted." }, 410, undefined));
  await expect(ask("<html>", 502)).rejects.toThrow("HTTP 502");
});
