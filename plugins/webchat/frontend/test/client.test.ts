import { describe, expect, test, vi } from "vitest";
import { ChatClient, randomId } from "../src/client.js";
import type { Browser } from "../src/connection.js";
import type { Message, ServerFrame } from "../src/protocol.js";
import { Store } from "../src/storage.js";

/** A server of one conversation, and the browser that talks to it; its timers all run at once. */
class Server {
  messages: Message[] = [];
  asked: string[] = [];
  sockets: { onopen(): void; onmessage(event: { data: string }): void; onclose(): void }[] = [];
  conversation = "c1";
  status = 200;
  /** How many more requests fail with `status`. */
  failures = Infinity;
  problem: object = {};
  waits: number[] = [];

  readonly browser: Browser = {
    fetch: async (input, init) => {
      const url = new URL(String(input));
      this.asked.push(`${init?.method ?? "GET"} ${url.pathname.split("/webchat/")[1]}${url.search} ${init?.body ? String(init.body) : ""}`.trim());
      if (this.status !== 200 && this.failures-- > 0) return new Response(JSON.stringify(this.problem), { status: this.status });
      return new Response(JSON.stringify(url.pathname.endsWith("/session") ? this.session() : this.page(url.searchParams)));
    },
    WebSocket: ((server: Server) =>
      class {
        readyState = 1;
        onopen = () => {};
        onmessage = () => {};
        onclose = () => {};
        constructor() {
          server.sockets.push(this);
        }
        send() {}
        close() {}
      })(this) as unknown as Browser["WebSocket"],
    setTimeout: (run, ms) => {
      this.waits.push(ms);
      return ms < 10_000 ? (setTimeout(run) as unknown as number) : 0;
    },
    clearTimeout: (timer) => clearTimeout(timer),
    random: () => 0.5,
    now: () => 1_000,
  };

  session() {
    const config = { title: "Acme", greeting: "", languages: [], quick_replies: [], strings: {}, admin: false };
    return { token: `tok-${this.conversation}`, visitor: "v", conversation: this.conversation, config };
  }

  page(query: URLSearchParams) {
    const [after, before] = [Number(query.get("after") ?? 0), Number(query.get("before") ?? Infinity)];
    const hits = this.messages.filter((m) => m.seq > after && m.seq < before);
    const limit = Number(query.get("limit"));
    return { messages: query.has("after") ? hits.slice(0, limit) : hits.slice(-limit), last_seq: this.messages.length };
  }

  fill(count: number) {
    for (let i = 0; i < count; i++) {
      const seq = this.messages.length + 1;
      this.messages.push({ id: `m${seq}`, seq, direction: "outbound", author: "bot", text: `t${seq}`, created_at: seq });
    }
  }

  frame(frame: ServerFrame) {
    this.sockets.at(-1)!.onmessage({ data: JSON.stringify(frame) });
  }
}

async function opened(server: Server): Promise<ChatClient> {
  const client = new ChatClient("https://h.example/t/acme", new Store("b", null), server.browser, () => {});
  await client.start({ language: "hi" });
  await vi.waitFor(() => expect(server.sockets).toHaveLength(1));
  server.frame({ type: "ready", conversation: server.conversation, last_seq: server.messages.length });
  return client;
}

describe("a conversation", () => {
  test("opens with the newest page, and gets the older ones when asked", async () => {
    const server = new Server();
    server.fill(120);
    const client = await opened(server);
    expect(server.asked).toEqual(['POST session {"language":"hi"}', "GET messages?limit=50"]);
    expect(client.thread.messages[0]?.seq).toBe(71);
    await client.older();
    await client.older();
    expect(client.thread.messages[0]?.seq).toBe(1);
    expect(client.thread.older).toBe(false);
  });

  test("fetches what it missed, page after page, when a message comes after a gap", async () => {
    const server = new Server();
    server.fill(1);
    const client = await opened(server);
    server.fill(120);
    server.frame({ type: "message", message: server.messages.at(-1)! });
    await vi.waitFor(() => expect(client.thread.messages).toHaveLength(121));
    expect(server.asked.filter((a) => a.includes("after="))).toHaveLength(3);
  });

  test("fetches a reply whose message was lost after its turn ended", async () => {
    const server = new Server();
    const client = await opened(server);
    server.frame({ type: "segment", turn: "9", attempt: 1, offset: 0, text: "Rates " });
    server.messages.push({ id: "m1", seq: 1, direction: "outbound", author: "bot", text: "Rates are 4.", created_at: 1, data: { turn: "9" } });
    server.frame({ type: "turn", turn: "9", state: "finished" });
    await vi.waitFor(() => expect(client.thread.messages.map((m) => m.text)).toEqual(["Rates are 4."]));
    expect(client.thread.streams).toEqual([]);
  });

  test("begins anew on request, and keeps what was not sent yet", async () => {
    const server = new Server();
    server.fill(3);
    const client = await opened(server);
    client.send("still on its way");
    server.conversation = "c2";
    server.messages = [];
    await client.start({ fresh: true });
    await vi.waitFor(() => expect(server.sockets).toHaveLength(2));
    expect(server.asked).toContain('POST session {"token":"tok-c1","fresh":true}');
    expect(client.thread.messages).toEqual([]);
    expect(client.thread.pending.map((p) => p.text)).toEqual(["still on its way"]);
  });
});

test("what was asked of a conversation is not shown in the next one", async () => {
  const server = new Server();
  server.fill(120);
  const client = await opened(server);
  const { fetch } = server.browser;
  let answer: () => void = () => undefined;
  server.browser.fetch = async (...asked) => {
    const response = await fetch(...asked);
    if (/before=|after=/.test(String(asked[0]))) await new Promise<void>((done) => (answer = done));
    return response;
  };
  for (const ask of [() => client.older(), async () => server.frame({ type: "ready", conversation: "c1", last_seq: 500 })]) {
    const asked = ask();
    await vi.waitFor(() => expect(server.asked.at(-1)).toMatch(/before=|after=/));
    server.conversation += "+";
    server.messages = [];
    await client.start({ fresh: true });
    await vi.waitFor(() => expect(client.loaded).toBe(true));
    answer();
    await asked;
    await new Promise((done) => setTimeout(done));
    expect(client.thread.messages).toEqual([]);
    server.fill(60);
    await vi.waitFor(() => expect(server.sockets.length).toBeGreaterThan(1));
    server.frame({ type: "message", message: server.messages.at(-1)! });
  }
});

test("a wish that comes while a session is being opened is granted after it", async () => {
  const server = new Server();
  const client = new ChatClient("https://h.example", new Store("b", null), server.browser, () => {});
  await Promise.all([client.start({ language: "en" }), client.start({ language: "fr" })]);
  await vi.waitFor(() => expect(server.asked.filter((a) => a.startsWith("POST session"))).toHaveLength(2));
  expect(server.asked).toContain('POST session {"token":"tok-c1","language":"fr"}');
});

test("what was not acknowledged before a reload is there from the start, to be sent again", () => {
  const store = new Store("b", null);
  const text = { text: "hello", at: 1 };
  store.savePending([{ id: "1", state: "sent", ...text }, { id: "2", state: "failed", ...text }], new Set());
  const told = vi.fn();
  const client = new ChatClient("https://h.example", store, new Server().browser, told);
  expect(client.thread.pending.map((p) => [p.id, p.state])).toEqual([["1", "sending"], ["2", "failed"]]);
  expect(told).not.toHaveBeenCalled();
});

describe("a server that will not", () => {
  test("is asked again by itself after a 500, ever more slowly", async () => {
    const server = new Server();
    server.status = 500;
    server.problem = { title: "Internal error" };
    const client = new ChatClient("https://h.example", new Store("b", null), server.browser, () => {});
    server.failures = 3;
    await client.start();
    expect(client.failure).toEqual({ problem: server.problem, retrying: true });
    await vi.waitFor(() => expect(client.loaded).toBe(true));
    expect(client.failure).toBeNull();
    expect(server.waits.slice(0, 3)).toEqual([500, 1000, 2000]);
  });

  test("is believed after a 403, with its reason", async () => {
    const server = new Server();
    server.status = 403;
    server.problem = { title: "Origin not allowed", detail: "Ask the admin." };
    const client = new ChatClient("https://h.example", new Store("b", null), server.browser, () => {});
    await client.start();
    expect(client.failure).toEqual({ problem: server.problem, retrying: false });
    expect(server.waits).toEqual([]);
  });
});

test("ids are random UUIDs of version 4", () => {
  const ids = new Set(Array.from({ length: 100 }, randomId));
  expect(ids.size).toBe(100);
  for (const id of ids) expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
});
