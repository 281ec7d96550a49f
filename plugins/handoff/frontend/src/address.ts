import type { Asking } from "./floor.js";
import type { Wanted } from "./views.js";

const NARROWING = ["channel", "tag", "agent", "team", "sla"] as const;

/** What of the page its address says, so that a reload or a link shows the same. */
export interface Address {
  view: string;
  /** The conversation that is open. */
  shown: string;
  narrowed: Partial<Wanted>;
  asking: Asking;
}

export function readAddress(asking: Asking): Address {
  const query = new URLSearchParams(location.search);
  return {
    view: query.get("view") ?? "mine",
    shown: query.get("c") ?? "",
    narrowed: Object.fromEntries(NARROWING.flatMap((name) => (query.get(name) ? [[name, query.get(name)]] : []))),
    asking: { by: query.get("by") ?? asking.by, from: query.get("from") ?? asking.from, to: query.get("to") ?? asking.to },
  };
}

/** Say it in the address; `push` where going back shall lead here. */
export function writeAddress({ view, shown, narrowed, asking }: Address, push: boolean): void {
  const query = new URLSearchParams({ view });
  if (shown) query.set("c", shown);
  for (const name of NARROWING) if (narrowed[name]) query.set(name, narrowed[name]!);
  if (view === "floor") for (const [name, value] of Object.entries(asking)) query.set(name, value as string);
  const address = `?${query}`;
  if (address === location.search) return;
  if (push) history.pushState(null, "", address);
  else history.replaceState(null, "", address);
}
