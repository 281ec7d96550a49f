import type { Api } from "./api.js";
import type { Agent } from "./protocol.js";
import type { Canned } from "./tools.js";
import { fill, type Words } from "./words.js";

/** One line of a menu over the box; `text` replaces the word that was typed. */
export interface Choice {
  id: string;
  name: string;
  about: string;
  text: string;
  /** Variables without a value, with commas between. */
  missing: string;
}

const WAIT_MS = 90;

/** The word under the cursor that begins with `mark` at the start of the text or after a space; null where none does. */
export function wordAt(text: string, cursor: number, mark: "/" | "@"): { from: number; to: number; typed: string } | null {
  const from = text.lastIndexOf(mark, cursor - 1);
  if (from < 0 || (from > 0 && !/\s/.test(text[from - 1] ?? ""))) return null;
  const typed = text.slice(from + 1, cursor);
  // Names of people have spaces, shortcuts have none.
  if (mark === "/" ? /\s/.test(typed) : /\n|\s\s/.test(typed) || typed.length > 40) return null;
  return { from, to: cursor, typed };
}

abstract class Menu {
  choices: readonly Choice[] = [];
  at = 0;
  from = 0;
  to = 0;
  busy = false;

  constructor(protected readonly redraw: () => void) {}

  move(by: number): void {
    this.at = (this.at + by + this.choices.length) % Math.max(1, this.choices.length);
  }

  abstract seek(word: { from: number; to: number; typed: string }, people: readonly Agent[]): void;
  abstract label(talk: Words): string;
  abstract none(talk: Words): string;
  abstract picked(choice: Choice): void;
}

/** Canned replies, searched by the server with their variables put in. */
export class CannedMenu extends Menu {
  #typed: string | null = null;
  #timer: number | undefined;
  #error = "";

  constructor(
    readonly api: Api,
    readonly conversation: string,
    redraw: () => void,
  ) {
    super(redraw);
  }

  seek(word: { from: number; to: number; typed: string }): void {
    [this.from, this.to] = [word.from, word.to];
    if (word.typed === this.#typed) return;
    this.#typed = word.typed;
    this.busy = true;
    window.clearTimeout(this.#timer);
    this.#timer = window.setTimeout(() => void this.#ask(word.typed), this.choices.length ? WAIT_MS : 0);
  }

  async #ask(typed: string): Promise<void> {
    try {
      const found = await this.api.canned(typed, this.conversation);
      if (typed !== this.#typed) return;
      this.choices = found.map(choiceOf);
      this.#error = "";
    } catch (error) {
      this.choices = [];
      this.#error = error instanceof Error ? error.message : String(error);
    }
    this.at = 0;
    this.busy = false;
    this.redraw();
  }

  label = (talk: Words) => talk.cannedReplies;
  none = (talk: Words) => this.#error || (this.#typed ? fill(talk.noCanned, this.#typed) : talk.noCannedMenu);

  picked(choice: Choice): void {
    // The count of uses orders the menu; that it could not be counted matters to nobody.
    this.api.used(choice.id, this.conversation).catch(() => undefined);
  }
}

function choiceOf(one: Canned): Choice {
  const text = one.filled ?? one.text;
  return { id: one.id, name: `/${one.shortcut}`, about: one.title || text, text, missing: one.missing.join(", ") };
}

/** People of the staff, for a mention in a note. */
export class PeopleMenu extends Menu {
  #typed = "";

  seek(word: { from: number; to: number; typed: string }, people: readonly Agent[]): void {
    [this.from, this.to] = [word.from, word.to];
    if (word.typed !== this.#typed) this.at = 0;
    this.#typed = word.typed;
    const wanted = word.typed.toLocaleLowerCase();
    this.choices = people
      .filter((one) => one.name.toLocaleLowerCase().includes(wanted))
      .slice(0, 8)
      .map((one) => ({ id: one.id, name: one.name, about: one.email, text: `@${one.name} `, missing: "" }));
  }

  label = (talk: Words) => talk.mention;
  none = (talk: Words) => fill(talk.nobodyNamed, this.#typed);
  picked(): void {}
}
