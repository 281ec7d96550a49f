import type { Content, Row } from "./api.js";

/** A message as it is shown: what came later about it (an edit, a reaction, its end) is part of it. */
export interface Item {
  row: Row;
  content: Content;
  mine: boolean;
  edited: boolean;
  deleted: boolean;
  /** The emoji that the customer has put on it; "" for none. */
  reaction: string;
  /** The message that it answers. */
  answers: Item | undefined;
}

type Part = Record<string, unknown>;

/** The message's own part; {} where it has none. */
export function part(content: Content, key: string = content.type): Part {
  const found = content[key];
  return found && typeof found === "object" ? (found as Part) : {};
}

export const text = (value: unknown): string => (typeof value === "string" ? value : "");

/** The rows as messages, oldest first; `pending` are those that the server does not have yet. */
export function thread(rows: readonly Row[], pending: readonly Row[]): Item[] {
  const known = new Set(rows.map((row) => row.id));
  const items = new Map<string, Item>();
  for (const row of [...rows, ...pending.filter((one) => !known.has(one.id))]) {
    const content = row.message;
    const about = part(content);
    if (row.direction === "inbound" && content.type === "reaction") {
      const on = items.get(text(about["message_id"]));
      if (on) on.reaction = text(about["emoji"]);
    } else if (row.direction === "inbound" && content.type === "edit") {
      const old = items.get(text(about["original_message_id"]));
      if (old && about["message"]) Object.assign(old, { content: about["message"] as Content, edited: true });
    } else if (row.direction === "inbound" && content.type === "revoke") {
      const old = items.get(text(about["original_message_id"]));
      if (old) old.deleted = true;
    } else {
      const answers = items.get(content.context?.id ?? content.context?.message_id ?? "");
      items.set(row.id, { row, content, mine: row.direction === "inbound", edited: false, deleted: false, reaction: "", answers });
    }
  }
  return [...items.values()];
}

/** What a message says, in a line, for a quotation and for who only listens. */
export function gist(content: Content, kinds: Record<string, string>): string {
  const about = part(content);
  const said =
    content.type === "interactive"
      ? text(part(about as Content, "button_reply")["title"]) || text(part(about as Content, "list_reply")["title"]) || text(part(about as Content, "body")["text"])
      : text(about["body"]) || text(about["caption"]) || text(about["filename"]) || text(about["name"]);
  return said || kinds[content.type] || content.type;
}
