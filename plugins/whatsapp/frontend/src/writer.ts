import type { Content, Phone, Uploaded } from "./api.js";
import type { Extra, Writing } from "./composer.js";
import { CARD, filed, ODDITY, PLACE, sticker } from "./extras.js";
import { key } from "./list.js";
import { obstacle, Recording } from "./recorder.js";
import type { Store } from "./store.js";
import { part, text, type Item } from "./thread.js";

export interface WriterEar {
  changed(): void;
  focus(what: string): void;
  say(message: Content, phone: Phone): void;
  /** Put a file on a phone; null where it could not be. */
  upload(file: Blob, name: string): Promise<Uploaded | null>;
  /** Have a file chosen. */
  pick(): void;
}

/** What the customer is writing on the phone that is open: a draft, a file, a reply or an edit, a voice note. */
export class Writer implements Writing {
  draft = "";
  file: File | null = null;
  about: Writing["about"] = null;
  recorded: number | null = null;
  obstacle: Writing["obstacle"] = obstacle();
  attaching = false;
  #phone: Phone | null = null;
  #recording: Recording | null = null;
  /** A voice note that could not be sent: it is the file then. */
  #note: File | null = null;

  constructor(
    readonly store: Store,
    readonly ear: WriterEar,
  ) {}

  /** Another phone is open: what was being recorded on the last one ends, its draft is kept. */
  open(phone: Phone | null): void {
    this.close();
    this.#phone = phone;
    this.draft = phone ? this.store.draft(key(phone)) : "";
    this.file = this.about = null;
    this.attaching = false;
    this.ear.changed();
  }

  close(): void {
    void this.#recording?.drop();
    this.#recording = this.recorded = null;
  }

  type(draft: string): void {
    this.draft = draft;
    if (this.#phone) this.store.keepDraft(key(this.#phone), draft);
    this.ear.changed();
  }

  take(file: File): void {
    this.file = file;
    this.ear.changed();
  }

  attach(open: boolean): void {
    this.attaching = open;
    this.ear.changed();
  }

  drop(what: "file" | "about"): void {
    if (what === "about" && this.about?.what === "edit") this.type("");
    this[what] = null;
    this.ear.changed();
  }

  reply(item: Item): void {
    this.about = { what: "reply", item };
    this.ear.focus("textarea");
  }

  edit(item: Item): void {
    this.about = { what: "edit", item };
    this.type(text(part(item.content)["body"]));
    this.ear.focus("textarea");
  }

  async submit(): Promise<void> {
    const { draft, file, about } = this;
    const phone = this.#phone;
    const body = draft.trim();
    if (!phone || (!body && !file)) return;
    this.about = this.file = null;
    this.type("");
    const context = about?.what === "reply" ? { context: { id: about.item.row.id } } : {};
    if (file) {
      const sent = await this.ear.upload(file, file.name);
      if (!sent) {
        if (phone !== this.#phone) return;
        this.file = file;
        this.type(draft);
        return;
      }
      const content = filed(sent, body, file === this.#note);
      this.ear.say({ ...content, ...context }, phone);
      if (!body || "caption" in part(content)) return;
    }
    const message = { type: "text", text: { body } };
    if (about?.what === "edit") this.ear.say({ type: "edit", edit: { original_message_id: about.item.row.id, message } }, phone);
    else this.ear.say({ ...message, ...context }, phone);
  }

  async extra(what: Extra): Promise<void> {
    this.attach(false);
    const phone = this.#phone;
    if (what === "file" || !phone) return this.ear.pick();
    if (what === "sticker") {
      const sent = await this.ear.upload(await sticker(), "sticker.webp");
      if (sent) this.ear.say({ type: "sticker", sticker: { id: sent.id, mime_type: "image/webp", animated: false } }, phone);
    } else this.ear.say(what === "place" ? PLACE : what === "card" ? CARD : ODDITY, phone);
    this.ear.focus("textarea");
  }

  record(what: "begin" | "send" | "drop"): Promise<void> {
    return what === "begin" ? this.#begin() : this.#end(what === "send");
  }

  /** Another half second has gone by. */
  tick(): void {
    if (!this.#recording) return;
    this.recorded = this.#recording.seconds;
    this.ear.changed();
  }

  /** Close what is uppermost; false where nothing is open. */
  escape(): boolean {
    if (this.attaching) this.attach(false);
    else if (this.recorded !== null) void this.record("drop");
    else if (this.about) this.drop("about");
    else return false;
    return true;
  }

  async #begin(): Promise<void> {
    const phone = this.#phone;
    try {
      const recording = await Recording.begin();
      if (phone !== this.#phone) return await recording.drop();
      this.#recording = recording;
      this.recorded = 0;
      this.ear.focus(".recording .primary");
    } catch {
      this.obstacle = "denied";
    }
    this.ear.changed();
  }

  async #end(send: boolean): Promise<void> {
    const recording = this.#recording;
    const phone = this.#phone;
    this.#recording = this.recorded = null;
    this.ear.focus("textarea");
    this.ear.changed();
    if (!recording || !phone) return;
    if (!send) return recording.drop();
    const { sound, name } = await recording.end();
    const sent = await this.ear.upload(sound, name);
    if (sent) this.ear.say(filed(sent, "", true), phone);
    else if (phone === this.#phone) this.take((this.#note = new File([sound], name, { type: sound.type })));
  }
}
