import { OPEN, type Agent, type Item } from "./protocol.js";
import type { Filter } from "./tools.js";
import type { Words } from "./words.js";

/** A way to look at the inbox; `channel:NAME` and `filter:ID` besides these. */
export type ViewName = "mine" | "unassigned" | "waiting" | "all" | "sla" | "snoozed" | "returned" | "resolved" | "bot" | `channel:${string}` | `filter:${string}`;

/** What a saved filter asks for, and what is chosen in the list. */
export interface Wanted {
  view: string;
  channel?: string;
  tag?: string;
  agent?: string;
  team?: string;
  sla?: string;
}

/** What a view asks for, with what is chosen besides. */
export function wantedOf(view: string, narrowed: Partial<Wanted>, filters: readonly Filter[]): Wanted {
  if (view.startsWith("channel:")) return { ...narrowed, view: "all", channel: view.slice(8) };
  if (!view.startsWith("filter:")) return { ...narrowed, view };
  return { view: "all", ...filters.find((one) => `filter:${one.id}` === view)?.query, ...narrowed };
}

/** A view's name as people read it. */
export function nameOfView(view: string, filters: readonly Filter[], talk: Words): string {
  if (view.startsWith("channel:")) return talk.channel(view.slice(8));
  if (view.startsWith("filter:")) return filters.find((one) => `filter:${one.id}` === view)?.name ?? talk.filters;
  return view === "bot" ? talk.botView : ((talk as unknown as Record<string, string>)[view] ?? talk.all);
}

/** Views whose conversations are all here; of the others the server sends a page at a time. */
export const LOCAL: ReadonlySet<string> = new Set(["mine", "unassigned", "waiting", "all", "sla", "snoozed", "returned"]);
export const REMOTE: ReadonlySet<string> = new Set(["resolved", "bot"]);

const isOpen = (item: Item) => !!item.handoff && OPEN.has(item.handoff.state);

/** Whether `item` belongs into the view of `me`; the same rules as the server's (`View` in bodies.py). */
export function belongs(item: Item, view: string, me: Agent): boolean {
  const { handoff } = item;
  if (view === "bot") return !handoff || handoff.state === "resolved";
  if (!handoff) return false;
  switch (view) {
    case "mine":
      return handoff.agent === me.id && ["claimed", "snoozed", "transferred"].includes(handoff.state);
    case "unassigned":
      if (handoff.state === "transferred") return !handoff.agent && (!handoff.team || me.teams.includes(handoff.team));
      return handoff.state === "requested" || handoff.state === "queued";
    case "waiting":
      return handoff.state === "claimed" && handoff.waiting_since !== null;
    case "sla":
      return isOpen(item) && !!item.sla && (item.sla.due_at !== null || item.sla.state === "breached");
    case "snoozed":
    case "returned":
    case "resolved":
      return handoff.state === view;
    default:
      return isOpen(item);
  }
}

export function wanted(item: Item, { view, channel, tag, agent, team, sla }: Wanted, me: Agent): boolean {
  return (
    belongs(item, view, me) &&
    (!channel || item.conversation.channel === channel) &&
    (!tag || item.tags.includes(tag)) &&
    (!agent || item.handoff?.agent === agent) &&
    (!team || item.handoff?.team === team) &&
    (!sla || item.sla?.state === sla)
  );
}

export type Order = "newest" | "waiting" | "due" | "priority";

/** The order that a view has of itself. */
export function orderOf(view: string): Order {
  if (view === "unassigned") return "priority";
  if (view === "waiting") return "waiting";
  return view === "sla" ? "due" : "newest";
}

const FAR = Number.MAX_SAFE_INTEGER;
const activity = (item: Item) => item.handoff?.activity_at ?? item.last?.created_at ?? item.conversation.updated_at;

/** Compares two items; a stable order, the conversation's id last. */
export function compare(a: Item, b: Item, order: Order, view: string): number {
  const [x, y] = [a.handoff, b.handoff];
  let by = 0;
  if (view === "snoozed") by = (x?.snoozed_until ?? FAR) - (y?.snoozed_until ?? FAR);
  else if (order === "priority") by = (y?.priority ?? 0) - (x?.priority ?? 0) || (y?.score ?? -1) - (x?.score ?? -1) || wait(a) - wait(b);
  else if (order === "waiting") by = wait(a) - wait(b);
  else if (order === "due") by = (a.sla?.due_at ?? FAR) - (b.sla?.due_at ?? FAR);
  return by || activity(b) - activity(a) || (a.conversation.id < b.conversation.id ? -1 : 1);
}

const wait = (item: Item) => item.handoff?.waiting_since ?? item.handoff?.requested_at ?? FAR;
