import type { Pending } from "./thread.js";

/** `token`: who we are; `conversation`: for other tabs to follow; `accent`: for a launcher before any session. */
export type Kept = "token" | "conversation" | "language" | "accent" | "draft" | "pending";

/** What of this tenant's chat outlives a reload: who we are, what is half written, what is not sent yet. */
export class Store {
  readonly #base: string;
  readonly #area: Storage | null;
  readonly #memory = new Map<string, string>();

  /** `area` may be missing or forbidden (a blocked third-party frame); then it lasts as long as the page. */
  constructor(base: string, area: Storage | null) {
    this.#base = base;
    this.#area = area;
  }

  get pending(): Pending[] {
    try {
      const list: unknown = JSON.parse(this.get("pending") || "[]");
      return Array.isArray(list) ? list.filter(isPending) : [];
    } catch {
      return [];
    }
  }

  /** Written by every tab: each keeps the other's by merging on its own ids. */
  savePending(mine: readonly Pending[], settled: ReadonlySet<string>): void {
    const own = new Set(mine.map((p) => p.id));
    const others = this.pending.filter((p) => !own.has(p.id) && !settled.has(p.id));
    const all = [...others, ...mine];
    this.set("pending", all.length ? JSON.stringify(all) : "");
  }

  /** Whether a storage event of another tab means that the conversation is another one now. */
  changedBy(event: StorageEvent): boolean {
    return event.key === this.#key("conversation") && !!event.newValue;
  }

  #key(name: string): string {
    return `hookline:${this.#base}:${name}`;
  }

  /** "" where nothing is kept. */
  get(name: Kept): string {
    try {
      const value = this.#area?.getItem(this.#key(name));
      if (value != null) return value;
    } catch {
      // Fall through to what this page remembers.
    }
    return this.#memory.get(name) ?? "";
  }

  set(name: Kept, value: string): void {
    this.#memory.set(name, value);
    try {
      if (value) this.#area?.setItem(this.#key(name), value);
      else this.#area?.removeItem(this.#key(name));
    } catch {
      // Full or forbidden: the page itself still remembers it.
    }
  }
}

/** The browser's storage, where this page may use it. */
export function localArea(): Storage | null {
  try {
    return window.localStorage;
  } catch {
    return null;
  }
}

function isPending(value: unknown): value is Pending {
  const p = value as Partial<Pending> | null;
  return typeof p?.id === "string" && typeof p.text === "string" && typeof p.at === "number" && typeof p.state === "string";
}
