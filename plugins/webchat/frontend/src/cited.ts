import type { Item } from "./items.js";
import type { Citation } from "./protocol.js";

export interface Cited {
  mark: HTMLElement;
  citation: Citation;
}

/** The citation whose mark, or whose line among the sources, `event` is about; `list` is what the rows show. */
export function citedBy(event: Event, root: ShadowRoot, list: readonly Item[]): Cited | null {
  const mark = (event.target as Element).closest<HTMLElement>("[data-cite]");
  const row = mark?.closest(".row");
  if (!mark || !row) return null;
  const item = list[[...root.querySelectorAll(".row")].indexOf(row)];
  const citation = item?.citations[Number(mark.dataset["cite"]) - 1];
  return citation ? { mark, citation } : null;
}
