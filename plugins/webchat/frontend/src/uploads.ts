import { randomId } from "../../../../web/random.js";
import { Refused, request } from "../../../../web/request.js";
import type { ChatClient } from "./client.js";
import { browserShelf, type Shelf } from "./shelf.js";

const AGAIN_MS = 5_000;

/** Brings what was spoken to the server; what fails for a while is tried again, under the same id, also after a reload. */
export class Uploads {
  readonly #said = new Map<string, { sound: Blob; seconds: number }>();
  readonly #under = new Set<string>();

  constructor(
    readonly client: ChatClient,
    readonly shelf: Shelf = browserShelf(client.base),
  ) {
    client.spoken = { send: (id) => void this.#send(id), drop: (id) => void this.#said.delete(id), settled: (id) => void this.shelf.drop(id) };
    void this.#restore();
  }

  /** Send it; it is in the thread at once. */
  say(sound: Blob, seconds: number): void {
    const id = randomId();
    this.#said.set(id, { sound, seconds });
    this.client.write(id, seconds);
    void this.#keep(id, sound, seconds);
    void this.#send(id);
  }

  async #keep(id: string, sound: Blob, seconds: number): Promise<void> {
    const { at } = this.client.thread.pending.find((p) => p.id === id) ?? { at: this.client.browser.now() / 1000 };
    await this.shelf.put({ id, sound: await sound.arrayBuffer(), type: sound.type, seconds, at });
    // It may have been sent, or taken back, while it was put away.
    if (!this.#waits(id)) await this.shelf.drop(id);
  }

  /** Send what was not sent before the page was loaded anew. */
  async #restore(): Promise<void> {
    for (const { id, sound, type, seconds, at } of await this.shelf.all()) {
      if (this.#said.has(id)) continue;
      this.#said.set(id, { sound: new Blob([sound], { type }), seconds });
      this.client.restore({ id, text: "", at, seconds, state: "sending" });
      if (this.#waits(id)) void this.#send(id);
      else void this.shelf.drop(id); // the server has it
    }
  }

  #waits(id: string): boolean {
    return this.client.thread.pending.some((p) => p.id === id);
  }

  /** What was spoken in this page, by the message's id. */
  said(id: string): { sound: Blob; seconds: number } | undefined {
    return this.#said.get(id);
  }

  async #send(id: string): Promise<void> {
    const { client } = this;
    const said = this.#said.get(id);
    const waits = client.thread.pending.some((p) => p.id === id && p.state === "sending");
    if (!said || !waits || client.status !== "online" || this.#under.has(id)) return;
    this.#under.add(id);
    let again: number | undefined;
    try {
      const ack = await request<{ message_id: string; seq: number; duplicate: boolean }>(
        client.browser,
        `${client.base}/webchat/recordings?id=${id}`,
        { method: "POST", headers: { ...client.who, "Content-Type": said.sound.type }, body: said.sound },
      );
      client.take({ type: "ack", ...ack, id });
    } catch (error) {
      if (!(error instanceof Refused)) again = AGAIN_MS;
      else if (error.status === 401) client.renew();
      else {
        if (error.retryAfter !== undefined) again = error.retryAfter * 1000;
        else if (error.status === 429 || error.status >= 500) again = AGAIN_MS;
        client.take({ type: "nack", id, problem: error.problem, ...(again === undefined ? {} : { retry_after: again / 1000 }) });
      }
    } finally {
      this.#under.delete(id);
    }
    if (again !== undefined) client.browser.setTimeout(() => void this.#send(id), again);
  }
}
