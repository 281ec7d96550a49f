import type { Words } from "./words.js";

/** What a key does; the frame knows how. */
export type Deed =
  | "next" | "previous" | "resolve" | "resolve-next" | "note" | "reply" | "snooze" | "canned" | "keys" | "take" | "transfer"
  | "return" | "macros" | "panel" | "search" | "suggest" | "tags" | "task" | "canneds" | "list" | "thread" | `view:${string}`; // prettier-ignore

export interface Key {
  deed: Deed;
  /** `code` of the keyboard event where letters change with Alt, else `key`. */
  code?: string;
  key?: string;
  alt?: boolean;
  /** Ctrl, or ⌘ on a Mac. */
  mod?: boolean;
  /** Also while somebody writes. */
  always?: boolean;
  /** After G. */
  after?: boolean;
  show: string[];
  word: keyof Words & `key${string}`;
  group: "keysTalks" | "keysWrite" | "keysGo";
}

const MOD = /Mac|iP(hone|ad)/.test(globalThis.navigator?.platform ?? "") ? "⌘" : "Ctrl";

const alt = (deed: Deed, letter: string, word: Key["word"], group: Key["group"], mod = false): Key => ({
  deed,
  code: `Key${letter}`,
  alt: true,
  mod,
  always: true,
  show: [...(mod ? [MOD] : []), "Alt", letter],
  word,
  group,
});
const go = (view: string, letter: string, word: Key["word"]): Key => ({ deed: `view:${view}`, key: letter.toLowerCase(), after: true, show: ["G", letter], word, group: "keysGo" });

/** Chatwoot's well-known keys, and ours beside them. */
export const KEYS: readonly Key[] = [
  alt("next", "J", "keyNext", "keysTalks"),
  alt("previous", "K", "keyPrevious", "keysTalks"),
  alt("resolve", "E", "keyResolve", "keysTalks"),
  alt("resolve-next", "E", "keyResolveNext", "keysTalks", true),
  alt("snooze", "M", "keySnooze", "keysTalks"),
  alt("take", "A", "keyTake", "keysTalks"),
  alt("transfer", "T", "keyTransfer", "keysTalks"),
  alt("return", "B", "keyReturn", "keysTalks"),
  alt("tags", "G", "keyTags", "keysTalks"),
  alt("macros", "X", "keyMacros", "keysTalks"),
  alt("task", "N", "keyTask", "keysTalks"),
  alt("reply", "L", "keyReply", "keysWrite"),
  alt("note", "P", "keyNote", "keysWrite"),
  alt("suggest", "Y", "keySuggest", "keysWrite"),
  { deed: "canned", key: "/", show: ["/"], word: "keyCanned", group: "keysWrite" },
  alt("canneds", "C", "keyCanneds", "keysWrite"),
  alt("panel", "O", "keyPanel", "keysGo"),
  { deed: "search", key: "k", mod: true, always: true, show: [MOD, "K"], word: "keySearch", group: "keysGo" },
  go("mine", "M", "keyMine"),
  go("unassigned", "U", "keyUnassigned"),
  go("waiting", "W", "keyWaiting"),
  go("all", "A", "keyAll"),
  go("sla", "S", "keySla"),
  go("tasks", "K", "keyTasks"),
  { deed: "list", key: "l", after: true, show: ["G", "L"], word: "keyList", group: "keysGo" },
  { deed: "thread", key: "t", after: true, show: ["G", "T"], word: "keyThread", group: "keysGo" },
  { deed: "keys", key: "?", show: ["?"], word: "keyHelp", group: "keysGo" },
];

/** What a key press means; `writing` while it goes into a field, `after` where G came before it. */
export function deedOf(event: KeyboardEvent, writing: boolean, after: boolean): Deed | null {
  const mod = event.ctrlKey || event.metaKey;
  const hit = KEYS.find(
    (one) =>
      (one.code ? one.code === event.code : one.key === event.key.toLowerCase()) &&
      !!one.alt === event.altKey &&
      !!one.mod === mod &&
      (one.always || !writing) &&
      !!one.after === after,
  );
  return hit?.deed ?? null;
}
