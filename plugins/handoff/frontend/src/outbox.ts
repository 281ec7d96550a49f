import { Refused } from "../../../../web/request.js";
import { SignedOut } from "../../../../web/session.js";
import type { Keep, Pending } from "./keep.js";
import { backoff } from "./link.js";

/** Sends one; what it raises decides: `Refused` with 4xx is final, anything else is tried again. */
export type Send = (pending: Pending) => Promise<void>;

/**
 * What was written and has no answer yet: kept over a reload, sent in order in each conversation, tried again with the
 * same id until the server takes or refuses it. Nothing leaves it but by the server's word or the person's.
 */
export class Outbox {
  list: readonly Pending[];
  readonly #keep: Keep;
  readonly #send: Send;
  readonly #changed: (conversation: string) => void;
  readonly #busy = new Set<string>();
  readonly #tries = new Map<string, number>();
  #timer: number | undefined;

  constructor(keep: Keep, send: Send, changed: (conversation: string) => void) {
    this.#keep = keep;
    this.#send = send;
    this.#changed = changed;
    this.list = keep.pending();
  }

  of(conversation: string): readonly Pending[] {
    return this.list.filter((p) => p.conversation === conversation);
  }

  add(pending: Pending): void {
    this.#put([...this.list, pending], pending.conversation);
    this.flush();
  }

  retry(id: string): void {
    const one = this.list.find((p) => p.id === id);
    if (!one) return;
    this.#put(
      this.list.map((p) => (p === one ? { ...p, state: "sending", error: "" } : p)),
      one.conversation,
    );
    this.flush();
  }

  /** Take it out; its text is the caller's to keep. */
  discard(id: string): Pending | undefined {
    const one = this.list.find((p) => p.id === id);
    if (one) this.#put(this.list.filter((p) => p !== one), one.conversation, id);
    return one;
  }

  /** The server has it. */
  settle(id: string): void {
    this.discard(id);
  }

  /** Try what waits, now: at the start, when the network is back. */
  flush(): void {
    window.clearTimeout(this.#timer);
    const first = new Map<string, Pending>();
    for (const p of this.list) if (p.state === "sending" && !first.has(p.conversation)) first.set(p.conversation, p);
    for (const p of first.values()) if (!this.#busy.has(p.conversation)) void this.#try(p);
  }

  async #try(p: Pending): Promise<void> {
    this.#busy.add(p.conversation);
    let wait = 0;
    try {
      await this.#send(p);
      this.#tries.delete(p.id);
      this.settle(p.id);
    } catch (error) {
      const refused = error instanceof Refused ? error : null;
      if (refused && refused.status < 500 && refused.status !== 429 && refused.status !== 408) this.#fail(p.id, refused.message);
      else if (!(error instanceof SignedOut)) wait = Math.max(this.#later(p.id), (refused?.retryAfter ?? 0) * 1000);
      else return;
    } finally {
      this.#busy.delete(p.conversation);
    }
    window.clearTimeout(this.#timer);
    this.#timer = window.setTimeout(() => this.flush(), wait);
  }

  #later(id: string): number {
    const tries = this.#tries.get(id) ?? 0;
    this.#tries.set(id, tries + 1);
    return backoff(tries, Math.random());
  }

  #fail(id: string, error: string): void {
    const one = this.list.find((p) => p.id === id);
    if (!one) return;
    this.#put(
      this.list.map((p) => (p === one ? { ...p, state: "failed", error } : p)),
      one.conversation,
    );
  }

  #put(list: readonly Pending[], conversation: string, settled = ""): void {
    this.list = list;
    this.#keep.savePending(list, new Set(settled ? [settled] : []));
    this.#changed(conversation);
  }
}
