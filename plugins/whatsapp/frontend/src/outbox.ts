import { randomId } from "../../../../web/random.js";
import { Refused } from "../../../../web/request.js";
import type { Api, Content, Phone, Row, Uploaded } from "./api.js";
import { key } from "./list.js";
import type { Store } from "./store.js";

const TRIES = 3;
const LONGEST = 5; // seconds

export interface OutboxEar {
  /** What is not on the phone yet is another. */
  pending(rows: readonly Row[]): void;
  sent(phone: Phone): Promise<void>;
  /** The server could not be asked, or does not know what to say. */
  failed(error: unknown): void;
}

/** What the customer has written and the server does not have yet: sent one after the other, kept until it is. */
export class Outbox {
  #phone: Phone | null = null;
  #rows: readonly Row[] = [];
  #last: Promise<void> = Promise.resolve();

  constructor(
    readonly api: Api,
    readonly store: Store,
    readonly ear: OutboxEar,
  ) {}

  open(phone: Phone | null): void {
    this.#phone = phone;
    this.#rows = phone ? this.store.pending(key(phone)) : [];
    this.ear.pending(this.#rows);
  }

  /** These are on the phone now. */
  settle(known: ReadonlySet<string>): void {
    if (this.#rows.some((row) => known.has(row.id))) this.#keep(this.#rows.filter((row) => !known.has(row.id)));
  }

  /** Say it on the phone, which may not be the one that is open any more. */
  say(message: Content, at: number, phone: Phone): void {
    const id = `wamid.SIM${randomId().replaceAll("-", "")}`;
    const row: Row = { id, direction: "inbound", at, message, state: "sending", error: "" };
    if (phone === this.#phone) this.#keep([...this.#rows, row]);
    else this.store.keepPending(key(phone), [...this.store.pending(key(phone)), row]);
    this.again(row, phone);
  }

  /** Send it, after what is being sent; a repeat has the same id, so that it is there once. */
  again(row: Row, phone: Phone | null = this.#phone): void {
    if (phone) this.#last = this.#last.then(() => this.#post(phone, row));
  }

  /** What did not go out for want of a connection. */
  resend(): void {
    for (const row of this.#rows) if (row.state === "unsent" && !row.error) this.again(row);
  }

  /** Put a file on the phone; null where it could not be, and then it shows why. */
  async upload(file: Blob, name: string, at: number): Promise<Uploaded | null> {
    try {
      return await this.api.upload(file, name);
    } catch (error) {
      const message = { type: "document", document: { filename: name } };
      if (error instanceof Refused && error.status < 500) this.#keep([...this.#rows, { id: randomId(), direction: "inbound", at, message, state: "failed", error: error.message }]);
      else this.ear.failed(error);
      return null;
    }
  }

  async #post(phone: Phone, row: Row): Promise<void> {
    const mark = (state: Row["state"], error = "") => {
      if (phone === this.#phone) this.#keep(this.#rows.map((one) => (one.id === row.id ? { ...one, state, error } : one)));
    };
    mark("sending");
    try {
      await this.#patiently(() => this.api.send(phone, row.id, row.message));
      mark("sent");
      await this.ear.sent(phone);
    } catch (error) {
      const refused = error instanceof Refused && error.status < 500;
      mark("unsent", refused ? error.message : "");
      if (!refused) this.ear.failed(error);
    }
  }

  /** Once more where the server says how long to wait for that. */
  async #patiently(send: () => Promise<unknown>): Promise<void> {
    for (let left = TRIES; ; left -= 1) {
      try {
        return void (await send());
      } catch (error) {
        const wait = error instanceof Refused && error.status === 429 ? (error.retryAfter ?? NaN) : NaN;
        if (!left || !(wait <= LONGEST)) throw error;
        await new Promise((go) => setTimeout(go, wait * 1000));
      }
    }
  }

  #keep(rows: readonly Row[]): void {
    this.#rows = rows;
    if (this.#phone) this.store.keepPending(key(this.#phone), rows.filter((row) => row.state !== "failed"));
    this.ear.pending(rows);
  }
}
