/** What outlives a reload: drafts, what is not sent yet, what somebody chose. Of one person with one tenant. */

/** A reply or note that has no answer of the server yet. */
export interface Pending {
  id: string;
  conversation: string;
  kind: "reply" | "note";
  text: string;
  at: number;
  state: "sending" | "failed";
  error: string;
  mentions: string[];
  /** As the upload returned them. */
  attachments: Record<string, unknown>[];
}

export interface Choices {
  theme: "" | "light" | "dark";
  language: string;
  sound: boolean;
  notify: boolean;
  rail: boolean;
  panel: boolean;
  order: string;
}

export const CHOICES: Choices = { theme: "", language: "", sound: false, notify: false, rail: true, panel: true, order: "" };

const MOST_DRAFTS = 300;

export class Keep {
  readonly #area: Storage | null;
  readonly #prefix: string;
  readonly #memory = new Map<string, string>();

  /** `area` may be missing or forbidden; then it lasts as long as the page. */
  constructor(base: string, who: string, area: Storage | null) {
    this.#area = area;
    this.#prefix = `hookline:console:${base}:${who}:`;
  }

  choices(): Choices {
    return { ...CHOICES, ...(this.#json("choices") as Partial<Choices> | null) };
  }

  choose(choices: Choices): void {
    this.#set("choices", JSON.stringify(choices));
  }

  draft(conversation: string, kind: string): string {
    return this.#get(`draft:${kind}:${conversation}`) ?? "";
  }

  saveDraft(conversation: string, kind: string, text: string): void {
    this.#set(`draft:${kind}:${conversation}`, text);
    if (text) this.#thin();
  }

  pending(): Pending[] {
    const list = this.#json("pending");
    return Array.isArray(list) ? list.filter(isPending) : [];
  }

  /** Written by every tab: each keeps the others' by merging on its own ids. */
  savePending(mine: readonly Pending[], settled: ReadonlySet<string>): void {
    const own = new Set(mine.map((p) => p.id));
    const all = [...this.pending().filter((p) => !own.has(p.id) && !settled.has(p.id)), ...mine];
    this.#set("pending", all.length ? JSON.stringify(all) : "");
  }

  /** Forget the oldest drafts where there are too many; what is newest comes last. */
  #thin(): void {
    if (!this.#area) return;
    const mark = `${this.#prefix}draft:`;
    const names = Object.keys(this.#area).filter((name) => name.startsWith(mark));
    for (const name of names.slice(0, Math.max(0, names.length - MOST_DRAFTS))) this.#area.removeItem(name);
  }

  #json(name: string): unknown {
    try {
      return JSON.parse(this.#get(name) ?? "null");
    } catch {
      return null;
    }
  }

  #get(name: string): string | null {
    try {
      const kept = this.#area?.getItem(this.#prefix + name);
      if (kept != null) return kept;
    } catch {
      // Forbidden: what this page remembers.
    }
    return this.#memory.get(name) ?? null;
  }

  #set(name: string, value: string): void {
    this.#memory.set(name, value);
    try {
      if (value) this.#area?.setItem(this.#prefix + name, value);
      else this.#area?.removeItem(this.#prefix + name);
    } catch {
      // Full or forbidden: the page itself still remembers it.
    }
  }
}

/** What is left of a draft of which `sent` went out. */
export function rest(draft: string, sent: string): string {
  return draft.trimStart().startsWith(sent) ? draft.trimStart().slice(sent.length).trimStart() : draft;
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
  return typeof p?.id === "string" && typeof p.conversation === "string" && typeof p.text === "string" && Array.isArray(p.attachments);
}
