import type { Api } from "./api.js";
import { newer } from "./newer.js";
import { OPEN, type Agent, type Author, type Handoff, type Item, type Message } from "./protocol.js";
import { belongs, REMOTE } from "./views.js";

const PAGE = 200;
/** So many open handoffs are held in the page; of more the newest. */
const MOST = 2_000;
const HEAD = 50;

/** A view of which the server sends a page at a time. */
export interface Paged {
  ids: readonly string[];
  next: string;
  state: "none" | "loading" | "ready" | "error";
}

/** What is said of a message to all pages of the staff. */
export interface Heard {
  seq: number;
  author: Author;
  preview: string;
  at: number;
  agent?: string;
  agent_name?: string;
}

const NONE: Paged = { ids: [], next: "", state: "none" };

/** The conversations: all with an open handoff, kept up to date by events, and pages of the others. */
export class Inbox {
  items: Map<string, Item> = new Map();
  state: "none" | "loading" | "ready" | "error" = "none";
  /** All open handoffs are here, so that what is counted here counts. */
  whole = false;
  counts: Readonly<Record<string, number>> = {};
  version = 0;
  me: Agent | null = null;
  readonly #pages = new Map<string, Paged>();
  /** What was said of conversations while answers that may be older were on their way: it stands over them. */
  readonly #meanwhile = new Map<string, Partial<Item>>();
  /** The same of handoffs, by conversation: also of those that are not known here yet. */
  readonly #heard = new Map<string, Handoff>();
  readonly #erased = new Set<string>();
  #running = 0;
  #asked = 0;
  #headTimer: number | undefined;
  #off = 0;
  readonly #changed: () => void;

  constructor(
    readonly api: Api,
    changed: () => void,
  ) {
    this.#changed = changed;
  }

  /** Fetch all open handoffs anew, and what pages were shown. */
  async load(): Promise<void> {
    const asked = ++this.#asked;
    if (this.state !== "ready") this.state = "loading";
    this.#touch();
    this.#running += 1;
    try {
      const found = new Map<string, Item>();
      let cursor = "";
      do {
        const page = await this.api.inbox({ view: "all", limit: String(PAGE), ...(cursor ? { cursor } : {}) });
        if (asked !== this.#asked) return;
        for (const item of page.items) found.set(item.conversation.id, item);
        [cursor, this.counts] = [page.next, page.counts];
        if (this.state === "loading") this.#merge(found); // the first page shows at once
      } while (cursor && found.size < MOST);
      this.whole = !cursor;
      // What is no longer open is gone from the list, but for what a page of another view shows and what came meanwhile.
      const kept = [...this.items].filter(([id, item]) => !found.has(id) && (this.#heard.has(id) || !(item.handoff && OPEN.has(item.handoff.state))));
      this.items = new Map([...kept, ...this.#over(found.values())]);
      this.state = "ready";
      this.#off = 0;
    } catch {
      if (asked === this.#asked && this.state !== "ready") this.state = "error";
    } finally {
      this.#done();
    }
    this.#touch();
    for (const [view, page] of this.#pages) if (page.state === "ready") void this.page(view, true);
  }

  /** How many belong into the view; null where that is not known. */
  count(view: string): number | null {
    if (!this.me) return null;
    if (!this.whole || REMOTE.has(view)) return this.counts[view] ?? null;
    let count = 0;
    for (const item of this.items.values()) if (belongs(item, view, this.me)) count += 1;
    return count;
  }

  channelCount(channel: string): number {
    let count = 0;
    for (const item of this.items.values()) if (item.conversation.channel === channel && item.handoff && OPEN.has(item.handoff.state)) count += 1;
    return count;
  }

  paged(view: string): Paged {
    return this.#pages.get(view) ?? NONE;
  }

  /** The next page of a view that is not all here; `anew` the first. */
  async page(view: string, anew = false): Promise<void> {
    const known = this.paged(view);
    if (known.state === "loading") return;
    const first = anew || known.state === "none";
    if (!first && !known.next) return;
    this.#pages.set(view, { ...known, state: "loading" });
    this.#touch();
    this.#running += 1;
    try {
      const page = await this.api.inbox({ view, limit: String(HEAD), ...(first ? {} : { cursor: known.next }) });
      for (const [id, item] of this.#over(page.items)) this.items.set(id, item);
      const ids = page.items.map((item) => item.conversation.id);
      const late = this.paged(view).ids.filter((id) => !known.ids.includes(id)); // an event brought them meanwhile
      this.#pages.set(view, { ids: [...new Set([...late, ...(first ? [] : known.ids), ...ids])], next: page.next, state: "ready" });
      this.counts = page.counts;
    } catch {
      this.#pages.set(view, { ...this.paged(view), state: "error" });
    } finally {
      this.#done();
    }
    this.#touch();
  }

  put(item: Item): void {
    if (this.#erased.has(item.conversation.id)) return;
    if (item.handoff) this.#hear(item.handoff);
    this.items.set(item.conversation.id, newest(this.items.get(item.conversation.id), item));
    this.#touch();
  }

  /** A contact was erased: what is here of them goes, and no answer that was under way brings it back. */
  erase(contact: string, conversations: Iterable<string>): void {
    const gone = new Set(conversations);
    for (const [id, item] of this.items) if (item.contact.id === contact) gone.add(id);
    for (const id of gone) this.#erased.add(id);
    this.items = new Map([...this.items].filter(([id]) => !gone.has(id)));
    for (const [view, page] of this.#pages) this.#pages.set(view, { ...page, ids: page.ids.filter((id) => !gone.has(id)) });
    this.#touch();
  }

  forget(): void {
    this.items = new Map();
    this.#pages.clear();
    this.whole = false;
    this.state = "none";
    this.#asked += 1;
  }

  patch(id: string, change: Partial<Pick<Item, "tags" | "sla" | "handoff">>): void {
    const { handoff: _, ...said } = change; // a handoff has an epoch, which tells the newer one
    if (this.#running) this.#meanwhile.set(id, { ...this.#meanwhile.get(id), ...said });
    const known = this.items.get(id);
    if (known) this.items.set(id, { ...known, ...change });
    this.#touch();
  }

  /** A handoff changed; one that is not known here is asked for with its contact. */
  handoff(handoff: Handoff): void {
    this.#hear(handoff);
    const known = this.items.get(handoff.conversation);
    if (!known) return this.#soon();
    if (known.handoff?.id === handoff.id && known.handoff.epoch > handoff.epoch) return;
    this.patch(handoff.conversation, { handoff });
    for (const [view, page] of this.#pages) {
      if (!this.me || page.ids.includes(handoff.conversation)) continue;
      const item = this.items.get(handoff.conversation);
      if (item && belongs(item, view, this.me)) this.#pages.set(view, { ...page, ids: [handoff.conversation, ...page.ids] });
    }
    this.#count(known.handoff, handoff);
  }

  #hear(handoff: Handoff): void {
    const { conversation } = handoff;
    if (this.#running) this.#heard.set(conversation, newer(handoff, this.#heard.get(conversation) ?? null)!);
  }

  summarised(id: string, summary: string): void {
    const handoff = this.items.get(id)?.handoff;
    if (handoff) this.patch(id, { handoff: { ...handoff, summary } });
  }

  message(id: string, { seq, author, preview, at, agent = "", agent_name = "" }: Heard, looking: boolean): void {
    const known = this.items.get(id);
    if (!known) return this.#soon();
    if (seq && known.last && known.last.seq >= seq) return;
    const contact = author === "contact";
    const { handoff } = known;
    const waiting = contact ? (handoff?.waiting_since ?? at) : author === "agent" ? null : (handoff?.waiting_since ?? null);
    this.items.set(id, {
      ...known,
      unread: contact && !looking ? known.unread + 1 : known.unread,
      last: { ...(known.last ?? BLANK), seq, author, agent, agent_name, text: preview, created_at: at, delivery: "" },
      handoff: handoff ? { ...handoff, activity_at: at, waiting_since: waiting } : null,
    });
    this.#touch();
  }

  /** The server's counts: where they differ from ours twice in a row, something was missed. */
  compare(counts: Record<string, number>): void {
    this.counts = counts;
    const same = !this.whole || ["mine", "unassigned", "all"].every((view) => !(view in counts) || counts[view] === this.count(view));
    this.#off = same ? 0 : this.#off + 1;
    if (this.#off >= 2) void this.load();
    else this.#touch();
  }

  #count(before: Handoff | null, after: Handoff): void {
    const [was, is] = [before?.state === "resolved", after.state === "resolved"];
    if (was !== is && "resolved" in this.counts) this.counts = { ...this.counts, resolved: (this.counts["resolved"] ?? 0) + (is ? 1 : -1) };
  }

  #merge(found: Map<string, Item>): void {
    this.items = new Map([...this.items, ...this.#over(found.values())]);
    this.#touch();
  }

  /** Items that the server told, with what was said of them since it was asked. */
  *#over(told: Iterable<Item>): Iterable<[string, Item]> {
    for (const item of told) {
      const { id } = item.conversation;
      if (this.#erased.has(id)) continue;
      const known = newest(this.items.get(id), item);
      yield [id, { ...known, handoff: newer(known.handoff, this.#heard.get(id) ?? null), ...this.#meanwhile.get(id) }];
    }
  }

  /** Once no answer is on its way, what comes next is newer than all that was said. */
  #done(): void {
    this.#running -= 1;
    if (this.#running) return;
    this.#meanwhile.clear();
    this.#heard.clear();
  }

  /** Ask for the newest once a burst is over. */
  #soon(): void {
    window.clearTimeout(this.#headTimer);
    this.#headTimer = window.setTimeout(async () => {
      this.#running += 1;
      try {
        const page = await this.api.inbox({ view: "all", limit: String(HEAD) });
        for (const [id, item] of this.#over(page.items)) this.items.set(id, item);
        this.counts = page.counts;
      } catch {
        // The next beat sees that the counts differ.
      } finally {
        this.#done();
      }
      this.#touch();
    }, 120);
  }

  #touch(): void {
    this.version += 1;
    this.#changed();
  }
}

/** What the server said, where it is not older than what an event said meanwhile. */
export function newest(known: Item | undefined, told: Item): Item {
  if (!known) return told;
  const [was, is] = [known.handoff, told.handoff];
  const same = !!was && was.id === is?.id;
  const behind = (known.last?.seq ?? 0) > (told.last?.seq ?? 0);
  if (!behind) return { ...told, handoff: same && was.epoch > is.epoch ? was : is };
  // A message sets these without a transition.
  const handoff = !same ? is : was.epoch > is.epoch ? was : { ...is, activity_at: was.activity_at, waiting_since: was.waiting_since };
  return { ...told, handoff, last: known.last, unread: known.unread };
}

const BLANK: Message = {
  id: "",
  conversation: "",
  channel: "",
  seq: 0,
  direction: "inbound",
  author: "contact",
  text: "",
  created_at: 0,
  language: "",
  agent: "",
  agent_name: "",
  client_id: "",
  delivery: "",
  error: "",
  attachments: [],
  citations: [],
  quick_replies: [],
  confidence: null,
  answered: null,
};

