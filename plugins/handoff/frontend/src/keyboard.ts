import type { ReactiveController } from "lit";
import { deedOf, type Deed } from "./keys.js";

const SEQUENCE_MS = 1_200;

/** What the keyboard does to the page. */
export interface Ways {
  /** Somebody is there. */
  stir(): void;
  /** Whether keys mean something now: not behind the door, not under a sheet, which has its own. */
  listens(): boolean;
  do(deed: Deed): void;
  /** Close one layer; `writing`: the cursor is in a field. */
  escape(writing: boolean): void;
}

/** The keys of the page, and sequences of two. */
export class Keyboard implements ReactiveController {
  #after = 0;

  constructor(readonly ways: Ways) {}

  hostConnected(): void {
    window.addEventListener("keydown", this.#onKey);
  }

  hostDisconnected(): void {
    window.removeEventListener("keydown", this.#onKey);
  }

  readonly #onKey = (event: KeyboardEvent) => {
    this.ways.stir();
    if (event.isComposing || !this.ways.listens()) return;
    const inside = event.composedPath()[0];
    const writing = inside instanceof HTMLInputElement || inside instanceof HTMLTextAreaElement || inside instanceof HTMLSelectElement;
    const after = !writing && Date.now() - this.#after < SEQUENCE_MS;
    this.#after = 0;
    if (event.key === "Escape") return event.defaultPrevented ? undefined : this.ways.escape(writing);
    if (event.key === "g" && !writing && !after && !event.altKey && !event.ctrlKey && !event.metaKey) {
      this.#after = Date.now();
      return;
    }
    const deed = deedOf(event, writing, after);
    if (!deed) return;
    event.preventDefault();
    this.ways.do(deed);
  };
}
