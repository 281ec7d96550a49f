import { randomId } from "../../../../web/random.js";
import { Refused, request } from "../../../../web/request.js";
import type { ChatClient } from "./client.js";

const AGAIN_MS = 5_000;

/** Brings what was spoken to the server; what fails for a while is tried again, under the same id. */
export class Uploads {
  readonly #said = new Map<string, { sound: Blob; seconds: number }>();
  readonly #under = new Set<string>();

  constructor(readonly client: ChatClient) {
    client.spoken = { send: (id) => void this.#send(id), drop: (id) => void this.#said.delete(id) };
  }

  /** Send it; it is in the thread at once. */
  say(sound: Blob, seconds: number): void {
    const id = randomId();
    this.#said.set(id, { sound, seconds });
    this.client.write(id, seconds);
    void this.#send(id);
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
