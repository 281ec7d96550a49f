import type { html as Html, TemplateResult } from "lit/html.js";
import { clock, obstacle, Recording, refusal } from "../../../../web/recording.js";
import { Player } from "./player.js";
import type { ChatClient } from "./client.js";
import { Uploads } from "./uploads.js";
import css from "./voice.css?inline";
import { voiceWords, type VoiceWords } from "./voice-words.js";

/**
 * Speaking and listening: a file of its own, which the chat loads where the tenant writes down what is said. It has no
 * templates of its own library: the chat hands its own over.
 */

export interface Host {
  html: typeof Html;
  root: ShadowRoot;
  /** Draw again; resolves when it is done. */
  draw(): Promise<void>;
  client: ChatClient;
  /** Something is sent. */
  sends(): void;
  /** The longest recording, in seconds. */
  longest: number;
}

const LEVELS = 48;
const LOOK_MS = 100;
const SHORTEST = 0.4;
const MARGIN = 0.5; // what is longer by a breath would be refused

export class Speech {
  words: VoiceWords = voiceWords("en");
  /** What went wrong, or "". */
  note = "";
  #recording: Recording | null = null;
  #full: Blob | null = null;
  #asking = false;
  #ending = false;
  #clock: number | undefined;
  #levels: number[] = [];
  readonly #player: Player;
  readonly #uploads: Uploads;

  constructor(readonly host: Host) {
    const look = new CSSStyleSheet();
    look.replaceSync(css);
    host.root.adoptedStyleSheets = [...host.root.adoptedStyleSheets, look];
    this.#player = new Player(() => void host.draw());
    this.#uploads = new Uploads(host.client);
  }

  speak(language: string, own: Record<string, string | Record<string, string>>): void {
    this.words = voiceWords(language, own);
  }

  /** Whether something is being recorded, or is recorded and not sent. */
  get on(): boolean {
    return this.#recording !== null;
  }

  /** The button that begins. Where nothing can be recorded it says why instead. */
  mic(): TemplateResult {
    const { html } = this.host;
    const why = obstacle();
    const label = this.words.record;
    return html`<button class="icon mic" type="button" aria-label=${label} title=${why ? this.words[why] : label}
      aria-disabled=${!!why} aria-busy=${this.#asking} @click=${this.#begin}>
      <svg viewBox="0 0 24 24" aria-hidden="true"><path d="M12 15a3.5 3.5 0 0 0 3.5-3.5v-5a3.5 3.5 0 0 0-7 0v5A3.5 3.5 0 0 0 12 15zM5.5 11.5a6.5 6.5 0 0 0 13 0M12 18v3" /></svg>
    </button>`;
  }

  /** What takes the place of the field and its buttons while one speaks. */
  bar(): TemplateResult {
    const { html } = this.host;
    const { recording, dropRecording, stopSend } = this.words;
    return html`<div class="voice" role="group" aria-label=${recording}>
      <button class="icon drop" type="button" aria-label=${dropRecording} title=${dropRecording} @click=${() => void this.drop()}>
        <svg viewBox="0 0 24 24" aria-hidden="true"><path d="M5 7h14M10 7V4h4v3M7 7l1 13h8l1-13M10.5 11v5M13.5 11v5" /></svg>
      </button>
      <i class="lamp"></i><span class="time" role="timer" aria-label=${recording}>0:00</span>
      <svg class="levels" viewBox="0 0 ${LEVELS * 3} 24" preserveAspectRatio="none" aria-hidden="true"><path /></svg>
      <button class="send" type="submit" aria-label=${stopSend} title=${stopSend}>
        <svg viewBox="0 0 24 24" aria-hidden="true"><path d="M4 12h15M13 6l6 6-6 6" /></svg>
      </button>
    </div>`;
  }

  /** A sound to play, a customer's own or a reply's; `fetch` brings it where it was not recorded here. */
  sound(key: string, own: boolean, fetch: () => Promise<Blob>): TemplateResult {
    const { html } = this.host;
    const said = own ? this.#uploads.said(key.replace(/\/\d+$/, "")) : undefined;
    const load = () => (said ? Promise.resolve(said.sound) : fetch());
    const { play, playReply, pause, listen, voiceMessage, soundLost } = this.words;
    const { state, at, whole } = this.#player.of(key);
    const label = state === "playing" ? pause : own ? play : playReply;
    const time = at || whole || (said?.seconds ?? 0);
    const done = whole ? Math.round((at / whole) * 100) : 0;
    return html`<span class="sound ${own ? "mine" : ""}">
      <button class="play" type="button" aria-label=${label} title=${label} aria-busy=${state === "loading"}
        @click=${() => void this.#player.toggle(key, load)}>
        <svg viewBox="0 0 24 24" aria-hidden="true"><path d=${state === "playing" ? "M9 6v12M15 6v12" : "M8 5.5v13l10.5-6.5z"} /></svg>
      </button>
      ${state === "failed"
        ? html`<span>${soundLost}</span>`
        : html`${whole || own
              ? html`<svg class="track" viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true"><path class="rest" d="M0 2H100" /><path d=${done ? `M0 2H${done}` : ""} /></svg>`
              : ""}<span class="length">${time ? clock(time) : own ? voiceMessage : listen}</span>`}
    </span>`;
  }

  readonly #begin = async (): Promise<void> => {
    if (this.#asking || this.#recording) return;
    const why = obstacle();
    if (why) return this.#say(this.words[why]);
    this.#asking = true;
    this.#player.pause();
    this.#say("");
    try {
      this.#recording = await Recording.begin();
      this.#levels = [];
      this.#clock = window.setInterval(this.#look, LOOK_MS);
    } catch (error) {
      this.#say(this.words[refusal(error)]);
    }
    this.#asking = false;
    // Whoever closed the chat while the browser asked does not want to be heard.
    if (this.host.root.host.checkVisibility?.() === false) this.cancel();
    await this.host.draw();
    if (this.#recording) this.#focus(".voice .send");
  };

  /** Stop, and send what was said. */
  async finish(): Promise<void> {
    const mine = this.#recording;
    if (!mine || this.#ending) return;
    this.#ending = true;
    const sound = this.#full ?? (await mine.end());
    this.#ending = false;
    if (this.#recording !== mine) return;
    this.#forget();
    if (mine.seconds < SHORTEST || !sound.size) this.#say(this.words.tooShort);
    else {
      this.host.sends();
      this.#uploads.say(sound, mine.seconds);
    }
    await this.host.draw();
    this.#focus(".mic");
  }

  /** Stop, and forget what was said. */
  cancel(): void {
    const mine = this.#recording;
    if (!mine) return;
    void mine.end();
    this.#forget();
    void this.host.draw();
  }

  /** Be silent and deaf, as when the chat is closed; it can begin again. */
  close(): void {
    this.cancel();
    this.#player.close();
  }

  /** Forget what was said, and go back to the button that begins. */
  async drop(): Promise<void> {
    this.cancel();
    await this.host.draw();
    this.#focus(".mic");
  }

  #forget(): void {
    window.clearInterval(this.#clock);
    this.#recording = this.#full = null;
    this.note = "";
  }

  #say(note: string): void {
    this.note = note;
    void this.host.draw();
  }

  #focus(selector: string): void {
    this.host.root.querySelector<HTMLElement>(selector)?.focus();
  }

  /** Show how long and how loud it is; the longest recording waits to be sent. */
  readonly #look = (): void => {
    const mine = this.#recording;
    if (!mine) return;
    this.#levels = [...this.#levels, mine.level].slice(-LEVELS);
    const bars = this.#levels.map((level, n) => `M${(LEVELS - this.#levels.length + n) * 3 + 1.5} ${11.5 - level * 11}v${1 + level * 22}`);
    const { root, longest } = this.host;
    root.querySelector(".levels path")?.setAttribute("d", bars.join(""));
    const time = root.querySelector(".voice .time");
    if (time) time.textContent = clock(mine.seconds);
    if (mine.seconds < longest - MARGIN || this.#ending) return;
    window.clearInterval(this.#clock);
    this.#ending = true;
    void mine.end().then((sound) => {
      this.#ending = false;
      if (this.#recording !== mine) return;
      this.#full = sound;
      this.#say(this.words.full);
    });
  };
}

export const speech = (host: Host): Speech => new Speech(host);
