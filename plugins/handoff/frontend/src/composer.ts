import { html, nothing, type PropertyValues, type TemplateResult } from "lit";
import { rest, type Pending } from "./keep.js";
import look from "./look/composer.css?inline";
import { CannedMenu, PeopleMenu, wordAt, type Choice } from "./menus.js";
import type { Topic } from "./news.js";
import type { OpenThread } from "./open.js";
import { looks, Part, state } from "./part.js";
import type { Composer } from "./protocol.js";
import { randomId } from "../../../../web/random.js";
import * as sign from "./signs.js";
import { brief, clock } from "./spans.js";
import type { Uploads } from "./uploads.js";
import { fill, type Words } from "./words.js";

const TYPING_EVERY_MS = 3_000;
const DRAFT_MS = 250;

export type Mode = "reply" | "note";

/** The box to write in: a reply, or a private note in another colour. What is typed is never lost. */
export class ComposerView extends Part {
  static override styles = looks(look);
  static override properties = state("open", "mode", "text", "menu", "over");

  declare open: OpenThread;
  declare mode: Mode;
  declare text: string;
  /** The menu that is open over the box: canned replies after "/", people after "@". */
  declare menu: CannedMenu | PeopleMenu | null;
  /** A file is dragged over it. */
  declare over: boolean;

  #id = "";
  #saving: number | undefined;
  #typedAt = 0;
  #whisper = false;
  readonly #flush = () => this.#save();

  constructor() {
    super();
    this.mode = "reply";
    this.text = "";
    this.menu = null;
    this.over = false;
  }

  protected hears(topics: ReadonlySet<Topic>): boolean {
    return topics.has(`thread:${this.open.id}`) || topics.has("desk");
  }

  override connectedCallback(): void {
    super.connectedCallback();
    window.addEventListener("pagehide", this.#flush);
  }

  override disconnectedCallback(): void {
    this.#save();
    super.disconnectedCallback();
    window.removeEventListener("pagehide", this.#flush);
  }

  override willUpdate(changed: PropertyValues): void {
    super.willUpdate(changed);
    if (this.#id === this.open.id && !changed.has("mode")) return;
    const before = changed.has("mode") && this.#id === this.open.id ? (changed.get("mode") as Mode | undefined) : this.mode;
    if (this.#id) this.#save(before ?? this.mode);
    if (this.#id !== this.open.id) {
      if (this.#typedAt) this.#stopTyping();
      this.#id = this.open.id;
      // A note to the team and a word to a customer must not be mixed up by going to another conversation.
      if (!changed.has("mode")) this.mode = "reply";
    }
    this.text = this.desk.keep.draft(this.open.id, this.mode);
    this.menu = null;
  }

  /** Put the cursor into the box. */
  override focus(): void {
    this.begin(this.mode);
  }

  /** Put the cursor into the box of that kind. */
  begin(mode: Mode): void {
    this.mode = mode;
    void this.updateComplete.then(() => this.#box?.focus());
  }

  /** Put `text` in place of what is there, or after it, ready to be changed. */
  insert(text: string, mode: Mode = "reply"): void {
    this.mode = mode;
    void this.updateComplete.then(() => {
      this.#write(this.text.trim() ? `${this.text.trimEnd()}\n${text}` : text);
      this.focus();
    });
  }

  /** Begin a canned reply. */
  slash(): void {
    this.mode = "reply";
    void this.updateComplete.then(() => {
      this.#write(this.text && !/\s$/.test(this.text) ? `${this.text} /` : `${this.text}/`);
      void this.updateComplete.then(() => {
        const box = this.#box;
        box?.focus();
        box?.setSelectionRange(box.value.length, box.value.length);
        this.#lookup();
      });
    });
  }

  get #box(): HTMLTextAreaElement | null {
    return this.find<HTMLTextAreaElement>("textarea");
  }

  get #files(): Uploads {
    return this.desk.files(this.open.id);
  }

  override render(): TemplateResult {
    const { talk, open, mode } = this;
    const composer = open.thread?.composer;
    const note = mode === "note";
    const can = this.desk.can.write;
    if (!can) return html`<div class="closed">${talk.readOnly}</div>`;
    const window = note ? null : this.#window();
    const closed = !note && (window?.closed || composer?.allowed === false);
    const over = [...this.text].length - (note ? 4_000 : (composer?.max_length ?? 4_000));
    const files = this.#files;
    const ready = (this.text.trim() || (!note && files.ready.length)) && over <= 0 && !files.busy && !closed;
    return html`<form class="${mode} ${this.over ? "over" : ""}" @submit=${this.#onSubmit} @dragover=${this.#onDrag} @dragleave=${() => (this.over = false)} @drop=${this.#onDrop}>
      <div class="tabs row">
        <div role="tablist" aria-label=${talk.write} class="row" @keydown=${this.#onTabKey}>
          ${(["reply", "note"] as const).map(
            (one) => html`<button role="tab" type="button" id="tab-${one}" aria-selected=${one === mode} tabindex=${one === mode ? 0 : -1}
              title=${one === "note" ? "Alt+P" : "Alt+L"} @click=${() => this.begin(one)}>${one === "note" ? sign.noteIcon : nothing}${talk[one]}</button>`,
          )}
        </div>
        <span class="grow"></span>
        ${window ? html`<span class="badge num ${window.closed ? "danger" : window.soon ? "warning" : ""}" title=${talk.windowWhy}>${window.text}</span>` : nothing}
      </div>
      ${closed ? html`<p class="shut">${window?.closed ? talk.windowClosed : composer ? whyNot(composer, talk) : talk.readOnly} <button class="link" type="button" @click=${() => this.begin("note")}>${talk.writeNote}</button></p>` : nothing}
      ${this.#suggestion()}
      <textarea id="box" rows="1" dir="auto" aria-controls=${this.menu ? "menu" : nothing} aria-autocomplete="list"
        aria-activedescendant=${this.menu?.choices.length ? `choice-${this.menu.at}` : nothing} aria-label=${note ? talk.writeNote : talk.writeReply}
        aria-invalid=${over > 0} placeholder=${note ? talk.notePlaceholder : talk.replyPlaceholder} ?readonly=${closed}
        .value=${this.text} @input=${this.#onInput} @keydown=${this.#onKey} @paste=${this.#onPaste} @blur=${this.#onBlur} @click=${() => this.#lookup()}></textarea>
      ${this.menu ? this.#menu(this.menu) : nothing}
      ${note ? nothing : files.render(talk)}
      ${over > 0 ? html`<p class="shut" role="alert">${fill(talk.tooLong, over)}</p>` : nothing}
      <div class="tools row">
        ${note
          ? html`<button class="icon" type="button" aria-label=${talk.mention} title=${talk.mention} @click=${() => this.#type("@")}>${sign.atIcon}</button>
              ${this.desk.can.supervise ? html`<label class="row soft whisper"><input type="checkbox" .checked=${this.#whisper} @change=${this.#onWhisper} />${talk.whisper}</label>` : nothing}`
          : html`<button class="icon" type="button" aria-label=${talk.attach} title=${talk.attach} ?disabled=${closed} @click=${() => this.find("#file")?.click()}>${sign.clipIcon}</button>
              <input id="file" type="file" multiple hidden @change=${this.#onFiles} />
              <button class="icon" type="button" aria-label=${talk.cannedReplies} title="${talk.cannedReplies} (/)" ?disabled=${closed} @click=${() => this.slash()}>${sign.slashIcon}</button>
              <button class="icon" type="button" aria-label=${talk.suggest} title="${talk.suggest} (Alt+Y)" @click=${() => void open.suggest()}>${sign.sparkIcon}</button>
              <button class="icon" type="button" aria-label=${talk.macros} title="${talk.macros} (Alt+X)" @click=${() => this.tell("open-macros")}>${sign.boltIcon}</button>`}
        <span class="grow soft hint">${talk.enterSends}</span>
        <button class="button primary send" type="submit" ?disabled=${!ready}>${note ? sign.noteIcon : sign.sendIcon}${note ? talk.addNote : talk.send}</button>
      </div>
    </form>`;
  }

  override updated(): void {
    const box = this.#box;
    // What `field-sizing: content` does, for browsers that have none.
    if (!box || CSS.supports("field-sizing", "content")) return;
    box.style.height = "auto";
    box.style.height = `${Math.min(box.scrollHeight + 2, 240)}px`;
  }

  #window(): { text: string; soon: boolean; closed: boolean } | null {
    const until = this.open.thread?.composer.window_until;
    if (until == null) return null;
    const left = until - Date.now() / 1000;
    if (left <= 0) return { text: this.talk.windowOver, soon: false, closed: true };
    return { text: fill(this.talk.windowLeft, clock(until, this.language), brief(left, this.talk)), soon: left < 7_200, closed: false };
  }

  #suggestion(): TemplateResult | typeof nothing {
    const { talk, open, mode } = this;
    const { suggestion } = open;
    if (mode === "note" || suggestion.state === "none") return nothing;
    if (suggestion.state === "loading") return html`<p class="suggestion soft" role="status">${talk.suggesting}</p>`;
    const close = html`<button class="icon" type="button" aria-label=${talk.close} @click=${() => open.forgetSuggestion()}>${sign.closeIcon}</button>`;
    if (suggestion.state === "error") return html`<p class="suggestion soft" role="alert"><span class="grow">${talk.suggestFailed} ${suggestion.error}</span>${close}</p>`;
    const { text, answered, citations } = suggestion.value;
    if (!answered) return html`<p class="suggestion soft" role="status"><span class="grow">${talk.noSuggestion}</span>${close}</p>`;
    return html`<div class="suggestion">
      <div class="grow"><p dir="auto">${text}</p>
        <p class="soft row wrap">${citations.map((one, i) => html`<button class="link" type="button" title=${one.text} @click=${(event: Event) => this.tell("open-citation", { event, citation: one })}>[${i + 1}] ${one.title || one.source}</button>`)}</p></div>
      <button class="button" type="button" title=${talk.useKey} @click=${this.#use}>${talk.use} <kbd>→</kbd></button>${close}
    </div>`;
  }

  #menu(menu: CannedMenu | PeopleMenu): TemplateResult {
    return html`<div class="menu" id="menu" role="listbox" aria-label=${menu.label(this.talk)}>
      ${menu.choices.length
        ? menu.choices.map(
            (one, i) => html`<div class="option" role="option" id="choice-${i}" aria-selected=${i === menu.at} @pointerdown=${(event: Event) => this.#pick(event, one)}>
              <b>${one.name}</b><span class="grow cut soft" dir="auto">${one.about}</span>${one.missing ? html`<span class="badge warning">${fill(this.talk.missing, one.missing)}</span>` : nothing}
            </div>`,
          )
        : html`<p class="soft option">${menu.busy ? this.talk.loading : menu.none(this.talk)}</p>`}
    </div>`;
  }

  #write(text: string): void {
    this.text = text;
    window.clearTimeout(this.#saving);
    this.#saving = window.setTimeout(() => this.#save(), DRAFT_MS);
  }

  #save(mode: Mode = this.mode): void {
    window.clearTimeout(this.#saving);
    if (this.#id && this.desk.keep.draft(this.#id, mode) !== this.text) this.desk.keep.saveDraft(this.#id, mode, this.text);
  }

  #type(text: string): void {
    const box = this.#box;
    if (!box) return;
    const { selectionStart: from, selectionEnd: to } = box;
    const gap = from && !/\s/.test(this.text[from - 1] ?? " ") ? " " : "";
    this.#replace(from, to, gap + text);
    void this.updateComplete.then(() => this.#lookup());
  }

  #replace(from: number, to: number, text: string): void {
    this.#write(this.text.slice(0, from) + text + this.text.slice(to));
    void this.updateComplete.then(() => {
      const box = this.#box;
      box?.focus();
      box?.setSelectionRange(from + text.length, from + text.length);
    });
  }

  /** Whether the cursor is in a word that a menu is for. */
  #lookup(): void {
    const box = this.#box;
    if (!box) return;
    const word = wordAt(box.value, box.selectionStart, this.mode === "note" ? "@" : "/");
    if (!word) {
      this.menu = null;
      return;
    }
    const redraw = () => this.requestUpdate();
    if (this.mode === "reply") this.menu = this.menu instanceof CannedMenu ? this.menu : new CannedMenu(this.desk.api, this.open.id, redraw);
    else this.menu = this.menu instanceof PeopleMenu ? this.menu : new PeopleMenu(redraw);
    this.menu.seek(word, this.desk.agents);
    redraw();
  }

  readonly #pick = (event: Event, choice: Choice) => {
    event.preventDefault();
    const { menu } = this;
    if (!menu) return;
    menu.picked(choice);
    this.#replace(menu.from, menu.to, choice.text);
    this.menu = null;
  };

  readonly #use = () => {
    const { suggestion } = this.open;
    if (suggestion.state !== "ready") return;
    this.open.forgetSuggestion();
    this.insert(suggestion.value.text.replace(/ ?\[\d{1,3}\]/g, ""));
  };

  readonly #onInput = (event: Event) => {
    this.#write((event.target as HTMLTextAreaElement).value);
    this.#lookup();
    if (this.mode === "note" || !this.text || Date.now() - this.#typedAt < TYPING_EVERY_MS) return;
    this.#typedAt = Date.now();
    this.desk.typing(this.open.id, true);
  };

  readonly #onBlur = () => {
    this.#save();
    this.menu = null;
    this.#stopTyping();
  };

  #stopTyping(): void {
    if (this.#typedAt) this.desk.typing(this.#id, false);
    this.#typedAt = 0;
  }

  readonly #onKey = (event: KeyboardEvent) => {
    // While an input method composes, Enter picks a word.
    if (event.isComposing || event.keyCode === 229) return;
    const { menu } = this;
    const choice = menu?.choices[menu.at];
    if (menu && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
      menu.move(event.key === "ArrowDown" ? 1 : -1);
      this.requestUpdate();
    } else if (menu && choice && (event.key === "Enter" || event.key === "Tab")) this.#pick(event, choice);
    else if (menu && event.key === "Escape") {
      event.stopPropagation();
      this.menu = null;
    } else if (event.key === "Enter" && !event.shiftKey && !event.altKey) this.#onSubmit(event);
    else if (event.key === "ArrowRight" && !this.text && this.open.suggestion.state === "ready" && this.open.suggestion.value.answered) this.#use();
    else return;
    event.preventDefault();
  };

  readonly #onSubmit = (event: Event) => {
    event.preventDefault();
    if (this.find<HTMLButtonElement>(".send")?.disabled) return;
    const text = this.text.trim();
    const note = this.mode === "note";
    if (!text && (note || !this.#files.ready.length)) return;
    if (note && this.#whisper) return void this.#say(text);
    const pending: Pending = {
      id: randomId(),
      conversation: this.open.id,
      kind: this.mode,
      text,
      at: Date.now() / 1000,
      state: "sending",
      error: "",
      mentions: note ? this.desk.agents.filter((one) => text.includes(`@${one.name}`)).map((one) => one.id) : [],
      attachments: note ? [] : this.#files.take(),
    };
    this.desk.write(pending);
    this.#write("");
    this.#save();
    this.#stopTyping();
    if (!note) this.open.forgetSuggestion();
    this.#box?.focus();
  };

  /** A note for the agent who has the conversation. */
  async #say(text: string): Promise<void> {
    const { desk, open } = this;
    this.#save();
    try {
      open.putNote(await desk.api.whisper(open.id, text));
      // What was written meanwhile, here or in another conversation, is not what was sent.
      if (this.#id === open.id && this.mode === "note") this.#write(rest(this.text, text));
      else desk.keep.saveDraft(open.id, "note", rest(desk.keep.draft(open.id, "note"), text));
      this.#save();
    } catch (error) {
      this.desk.notify(error instanceof Error ? error.message : String(error), { bad: true });
    }
  }

  readonly #onWhisper = (event: Event) => {
    this.#whisper = (event.target as HTMLInputElement).checked;
  };

  readonly #onTabKey = (event: KeyboardEvent) => {
    if (event.key !== "ArrowLeft" && event.key !== "ArrowRight") return;
    event.preventDefault();
    this.mode = this.mode === "note" ? "reply" : "note";
    void this.updateComplete.then(() => this.find(`#tab-${this.mode}`)?.focus());
  };

  readonly #onFiles = (event: Event) => {
    const input = event.target as HTMLInputElement;
    this.#files.add(input.files ?? []);
    input.value = "";
  };

  readonly #onDrag = (event: DragEvent) => {
    if (this.mode === "note" || !event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    this.over = true;
  };

  readonly #onDrop = (event: DragEvent) => {
    this.over = false;
    if (this.mode === "note" || !event.dataTransfer?.files.length) return;
    event.preventDefault();
    this.#files.add(event.dataTransfer.files);
  };

  readonly #onPaste = (event: ClipboardEvent) => {
    if (this.mode === "note" || !event.clipboardData?.files.length) return;
    event.preventDefault();
    this.#files.add(event.clipboardData.files);
  };
}

/** Why one may not write here, in the reader's language. */
function whyNot(composer: Composer, talk: Words): string {
  if (composer.why === "held") return fill(talk.hasIt, composer.holder);
  if (composer.why === "ended") return talk.hasEnded;
  if (composer.why === "viewer") return talk.readOnly;
  return composer.why === "window" ? talk.windowClosed : composer.reason || talk.readOnly;
}

customElements.define("hookline-console-composer", ComposerView);
