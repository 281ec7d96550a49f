import { describe, expect, test, vi } from "vitest";
import { ChatClient } from "../src/client.js";
import type { Browser } from "../src/connection.js";
import { items } from "../src/items.js";
import type { Message, ServerFrame } from "../src/protocol.js";
import { Store } from "../src/storage.js";
import type { Kept, Shelf } from "../src/shelf.js";
import { Uploads } from "../src/uploads.js";
import { EMPTY, reduce, unheard, type Thread } from "../src/thread.js";
import { voiceWords } from "../src/voice-words.js";

const SOUND = new Blob(["OggS"], { type: "audio/ogg" });
const note = (seq: number, over: Partial<Message> = {}): Message => ({
  id: `m${seq}`, seq, direction: "inbound", author: "contact", text: "", created_at: 1_000,
  attachments: [{ url: "/t/acme/files/1", media_type: "audio/ogg", name: "Voice message" }], ...over,
});
const reply = (seq: number, over: Partial<Message> = {}): Message =>
  note(seq, { direction: "outbound", author: "bot", text: "From 50,000.", attachments: [], ...over });
const of = (...messages: Message[]): Thread =>
  reduce(EMPTY, { type: "page", kind: "newest", messages, last: messages.length, full: false });

/** A server that takes recordings as it is told to: a status, or no answer at all (0). */
class Server {
  answers: number[] = [];
  taken: string[] = [];
  page: Message[] = [];
  socket!: { onopen(): void; onmessage(event: { data: string }): void; onclose(): void };

  readonly browser: Browser = {
    fetch: async (input, init) => {
      const url = new URL(String(input));
      if (url.pathname.endsWith("/recordings")) {
        this.taken.push(`${url.searchParams.get("id")} ${(init?.headers as Record<string, string>)["Content-Type"]} ${(init?.body as Blob).size}`);
        const status = this.answers.shift() ?? 202;
        if (!status) throw new TypeError("no network");
        const body = status === 202 ? { id: "", message_id: "m1", seq: 1, duplicate: false } : { title: "No", detail: "not now" };
        return new Response(JSON.stringify(body), { status });
      }
      const config = { title: "", greeting: "", languages: [], quick_replies: [], strings: {}, admin: false };
      const session = { token: "tok", visitor: "v", conversation: "c1", config };
      return new Response(JSON.stringify(url.pathname.endsWith("/session") ? session : { messages: this.page, last_seq: this.page.length }));
    },
    WebSocket: ((server: Server) =>
      class {
        readyState = 1;
        onopen = () => {};
        onmessage = () => {};
        onclose = () => {};
        constructor() {
          server.socket = this;
        }
        send() {}
        close() {}
      })(this) as unknown as Browser["WebSocket"],
    setTimeout: (run, ms) => (ms < 10_000 ? (setTimeout(run) as unknown as number) : 0),
    clearTimeout: (timer) => clearTimeout(timer),
    random: () => 0.5,
    now: () => 1_000,
  };

  frame(frame: ServerFrame) {
    this.socket.onmessage({ data: JSON.stringify(frame) });
  }
}

/** What outlives the page. */
class Cupboard implements Shelf {
  readonly kept = new Map<string, Kept>();
  all = async () => [...this.kept.values()];
  put = async (one: Kept) => void this.kept.set(one.id, one);
  drop = async (id: string) => void this.kept.delete(id);
}

async function opened(server: Server, store = new Store("b", null), shelf: Shelf = new Cupboard()): Promise<ChatClient & { uploads: Uploads }> {
  const client = new ChatClient("https://h.example/t/acme", store, server.browser, () => {});
  await client.start();
  await vi.waitFor(() => expect(server.socket).toBeDefined());
  server.frame({ type: "ready", conversation: "c1", last_seq: 0 });
  return Object.assign(client, { uploads: new Uploads(client, shelf) });
}

describe("what is said", () => {
  test("and not sent is sent after a reload, under the same id, and not again after that", async () => {
    const cupboard = new Cupboard();
    const away = new Server();
    away.answers = [0];
    const before = await opened(away, new Store("b", null), cupboard);
    away.browser.setTimeout = () => 0; // the page is gone before it tries again
    before.uploads.say(SOUND, 3);
    await vi.waitFor(() => expect([away.taken.length, cupboard.kept.size]).toEqual([1, 1]));
    before.close();
    const server = new Server();

    const after = await opened(server, new Store("b", null), cupboard);
    await vi.waitFor(() => expect(after.thread.messages).toHaveLength(1));
    expect(server.taken).toEqual(away.taken);
    await vi.waitFor(() => expect(cupboard.kept.size).toBe(0));
    expect(after.uploads.said(server.taken[0]!.split(" ")[0]!)?.seconds).toBe(3);
    after.close();
  });

  test("and was shown by the server before the reload waits no more, and what is discarded is gone", async () => {
    const server = new Server();
    const cupboard = new Cupboard();
    await cupboard.put({ id: "there", sound: new ArrayBuffer(4), type: "audio/ogg", seconds: 2, at: 1 });
    server.page = [note(1, { data: { client_id: "there" } })];
    const client = await opened(server, new Store("b", null), cupboard);
    await vi.waitFor(() => expect([cupboard.kept.size, client.thread.pending.length]).toEqual([0, 0]));
    server.answers = [413];
    client.uploads.say(SOUND, 1);
    await vi.waitFor(() => expect([client.thread.pending[0]?.state, cupboard.kept.size]).toEqual(["failed", 1]));
    client.discard(client.thread.pending[0]!.id);
    await vi.waitFor(() => expect(cupboard.kept.size).toBe(0));
    client.close();
  });

  test("is there at once, is sent as sound, and becomes a message in the same place", async () => {
    const server = new Server();
    const client = await opened(server);
    client.uploads.say(SOUND, 3);
    const [before] = items(client.thread, "", []);
    expect(before).toMatchObject({ state: "sending", unheard: true, sounds: [{ seq: 0 }] });
    await vi.waitFor(() => expect(client.thread.messages).toHaveLength(1));
    const id = before!.key;
    expect(server.taken).toEqual([`${id} audio/ogg 4`]);
    const [after] = items(client.thread, "", []);
    expect(after).toMatchObject({ key: id, state: "sent", sounds: [{ key: `${id}/0`, seq: 1 }] });
    expect(client.uploads.said(id)).toEqual({ sound: SOUND, seconds: 3 });
  });

  test("is sent again after a lost network and a busy server, under one id, and never by the socket", async () => {
    const server = new Server();
    server.answers = [0, 503, 429];
    const client = await opened(server);
    client.uploads.say(SOUND, 3);
    await vi.waitFor(() => expect(client.thread.messages).toHaveLength(1));
    expect(server.taken).toHaveLength(4);
    expect(new Set(server.taken).size).toBe(1);
  });

  test("fails where it is refused, and can be sent again or be forgotten", async () => {
    const server = new Server();
    server.answers = [413, 413];
    const client = await opened(server);
    client.uploads.say(SOUND, 3);
    await vi.waitFor(() => expect(client.thread.pending[0]).toMatchObject({ state: "failed", problem: { detail: "not now" } }));
    const id = client.thread.pending[0]!.id;
    client.retry(id);
    await vi.waitFor(() => expect(server.taken).toHaveLength(2));
    await vi.waitFor(() => expect(client.thread.pending[0]?.state).toBe("failed"));
    client.discard(id);
    expect(client.thread.pending).toEqual([]);
    expect(client.uploads.said(id)).toBeUndefined();
  });

  test("is not kept among what was typed, as its sound is elsewhere", async () => {
    const store = new Store("b", null);
    const server = new Server();
    server.answers = [413];
    const client = await opened(server, store);
    client.uploads.say(SOUND, 3);
    await vi.waitFor(() => expect(client.thread.pending[0]?.state).toBe("failed"));
    expect(store.pending).toEqual([]);
  });

  test("is fetched as text when its turn is done", async () => {
    const server = new Server();
    const client = await opened(server);
    server.frame({ type: "message", message: note(1) });
    expect(unheard(client.thread)?.seq).toBe(1);
    server.page = [note(1, { text: "I need a loan" })];
    server.frame({ type: "turn", turn: "7", state: "finished" });
    await vi.waitFor(() => expect(client.thread.messages[0]?.text).toBe("I need a loan"));
    expect(unheard(client.thread)).toBeUndefined();
  });
});

describe("a spoken answer", () => {
  const sound = reply(3, { text: "", data: { speaks_for: "m2" }, attachments: note(1).attachments! });

  test("is in the bubble of the text that it speaks", () => {
    const list = items(of(note(1, { text: "hello" }), reply(2), sound), "", []);
    expect(list.map((one) => [one.text, one.sounds.map((s) => s.seq)])).toEqual([["hello", [1]], ["From 50,000.", [3]]]);
  });

  test("has a bubble of its own where that text is not here", () => {
    const list = items(of(sound), "", []);
    expect(list.map((one) => [one.author, one.sounds.length])).toEqual([["bot", 1]]);
  });
});

test("a tenant's words go over ours", () => {
  expect(voiceWords("fr-CA", { fr: { listen: "Entendre" } })).toMatchObject({ listen: "Entendre", pause: "Pause" });
  expect(voiceWords("mr", { record: "Speak" }).record).toBe("Speak");
});
