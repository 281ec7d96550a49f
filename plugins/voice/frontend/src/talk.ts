import { html, nothing, type TemplateResult } from "lit/html.js";
import { direction } from "../../../../web/direction.js";
import { PageElement, sheet } from "../../../../web/page-element.js";
import { Refused, request } from "../../../../web/request.js";
import { rich } from "../../../../web/rich.js";
import tokens from "../../../../web/tokens.css?inline";
import css from "./talk.css?inline";
import { clock, obstacle, Recording, refusal } from "../../../../web/recording.js";
import { words, type Words } from "./talkwords.js";

interface Said {
  key: number;
  who: "me" | "bot";
  text: string;
  /** The address of sound to play. */
  sound?: string;
  state?: "sending" | "failed";
  /** What went wrong, and what is sent again. */
  problem?: string;
  again?: () => void;
  choices?: string[];
}

interface Answer {
  session_id: string;
  turn_id: number;
  status: string;
  transcript?: string;
  answer?: string;
  quick_replies?: string[];
  audio?: string;
  poll?: string;
}

const KEPT = "hookline-voice-session";
const POLLS = 60;

/** A conversation that is spoken or typed: one session, whichever way. */
export class Talk extends PageElement {
  static override sheets = [sheet(tokens), sheet(css)];
  static override watched = ["said", "recording", "hint", "draft"];

  private declare said: Said[];
  private declare recording: Recording | null;
  private declare hint: string;
  private declare draft: string;

  /** The tenant's base address, without a trailing slash. */
  readonly base = new URL("../..", import.meta.url).pathname.replace(/\/$/, "");
  #session = "";
  #count = 0;
  #clock = 0;
  readonly #tongue = (navigator.languages[0] ?? "en").toLowerCase();

  constructor() {
    super();
    this.said = [];
    this.recording = null;
    this.hint = this.draft = "";
  }

  override connectedCallback(): void {
    super.connectedCallback();
    const talk = this.#words;
    document.documentElement.lang = talk.tag;
    document.documentElement.dir = direction(talk.tag);
    document.title = talk.title;
    try {
      this.#session = sessionStorage.getItem(KEPT) ?? "";
    } catch {
      this.#session = ""; // a browser that keeps nothing
    }
    const why = obstacle();
    this.hint = why ? talk[why] : "";
  }

  get #words(): Words {
    return words(this.#tongue);
  }

  protected override template(): TemplateResult {
    const talk = this.#words;
    const busy = this.said.some((one) => one.state === "sending");
    const last = this.said.at(-1);
    return html`<main lang=${talk.tag} dir=${direction(talk.tag)}>
      <h1>${talk.title}</h1>
      <div class="log" role="log" aria-live="polite" aria-label=${talk.messages} aria-busy=${busy}>
        ${this.said.length ? this.said.map((one) => this.#bubble(one, talk)) : html`<p class="empty">${talk.empty}</p>`}
        ${busy ? html`<p class="soft" role="status">${talk.wait}</p>` : nothing}
      </div>
      ${last?.choices?.length
        ? html`<div class="choices">${last.choices.map((one) => html`<button type="button" @click=${() => this.#write(one)}>${one}</button>`)}</div>`
        : nothing}
      <form @submit=${this.#submit}>
        <button
          class="mic ${this.recording ? "on" : ""}"
          type="button"
          aria-pressed=${!!this.recording}
          aria-label=${this.recording ? talk.stop : talk.record}
          title=${this.recording ? talk.stop : talk.record}
          ?disabled=${!!obstacle() || (busy && !this.recording)}
          @click=${this.#toggle}
        >${this.recording ? html`<span class="square"></span>` : MIC}</button>
        ${this.recording
          ? html`<span class="time" role="timer">${talk.recording} ${clock(this.recording.seconds)}</span>
              <button type="button" @click=${this.#drop}>${talk.cancel}</button>`
          : html`<input aria-label=${talk.write} placeholder=${talk.write} maxlength="4000" dir="auto" .value=${this.draft}
                @input=${(event: Event) => (this.draft = (event.target as HTMLInputElement).value)} />
              <button class="send" type="submit" ?disabled=${busy || !this.draft.trim()}>${talk.send}</button>`}
      </form>
      ${this.hint ? html`<p class="hint" role="alert">${this.hint}</p>` : nothing}
    </main>`;
  }

  #bubble(one: Said, talk: Words): TemplateResult {
    return html`<div class="bubble ${one.who}" dir="auto">
      ${one.text ? rich(one.text, { list: [], links: [], label: String }) : one.sound ? nothing : html`<p class="soft">${talk.voiceNote}</p>`}
      ${one.sound ? html`<audio controls preload="metadata" src=${one.sound} aria-label=${talk.voiceNote}></audio>` : nothing}
      ${one.problem
        ? html`<p class="error" role="alert">${one.problem}
            ${one.again ? html`<button class="link" type="button" @click=${one.again}>${talk.retry}</button>` : nothing}</p>`
        : nothing}
    </div>`;
  }

  protected override afterDraw(): void {
    this.find(".log")?.lastElementChild?.scrollIntoView({ block: "nearest" });
  }

  readonly #toggle = async (): Promise<void> => {
    if (this.recording) return this.#finish();
    const talk = this.#words;
    try {
      this.recording = await Recording.begin();
      this.hint = "";
      this.#clock = window.setInterval(() => this.draw(), 250);
    } catch (error) {
      this.hint = talk[refusal(error)];
    }
  };

  async #finish(): Promise<void> {
    const sound = await this.#stop();
    if (sound?.size) this.#speak(sound);
  }

  readonly #drop = async (): Promise<void> => {
    await this.#stop();
  };

  async #stop(): Promise<Blob | null> {
    const mine = this.recording;
    window.clearInterval(this.#clock);
    const sound = mine ? await mine.end() : null;
    this.recording = null;
    return sound;
  }

  readonly #submit = (event: Event): void => {
    event.preventDefault();
    const text = this.draft.trim();
    if (!text || this.said.some((one) => one.state === "sending")) return;
    this.draft = "";
    this.#write(text);
  };

  #speak(sound: Blob): void {
    const mine = this.#add({ who: "me", text: "", sound: URL.createObjectURL(sound) });
    void this.#send(mine, () => {
      const form = new FormData();
      if (this.#session) form.set("session_id", this.#session);
      form.set("language", this.#words.tag);
      form.set("audio", sound, "recording");
      return request<Answer>(window, `${this.base}/voice/chat`, { method: "POST", body: form });
    });
  }

  #write(text: string): void {
    const mine = this.#add({ who: "me", text });
    void this.#send(mine, () =>
      request<Answer>(window, `${this.base}/chat`, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ message: text, session_id: this.#session || undefined, language: this.#words.tag }),
      }),
    );
  }

  async #send(mine: number, ask: () => Promise<Answer>): Promise<void> {
    this.#change(mine, { state: "sending", problem: "" });
    try {
      const told = await this.#whole(await ask());
      this.#keep(told.session_id);
      this.#change(mine, told.transcript ? { text: told.transcript } : {}, true);
      if (told.answer || told.audio) {
        const said: Omit<Said, "key"> = { who: "bot", text: told.answer ?? "", choices: told.quick_replies ?? [] };
        this.#add(told.audio ? { ...said, sound: told.audio } : said);
      }
    } catch (error) {
      if (error instanceof Refused && error.status === 404) this.#keep("");
      const problem = error instanceof Refused && error.status !== 404 ? error.message : this.#words.lost;
      this.#change(mine, { state: "failed", problem, again: () => void this.#send(mine, ask) });
    }
  }

  /** The answer, waited for where the server said that it takes longer. */
  async #whole(told: Answer): Promise<Answer> {
    let found = told;
    for (let n = 0; found.status === "pending" && n < POLLS; n++) {
      await new Promise((done) => window.setTimeout(done, Math.min(500 * (n + 1), 3000)));
      found = await request<Answer>(window, `${this.base}/${told.poll}`);
    }
    return found;
  }

  #keep(session: string): void {
    this.#session = session;
    try {
      sessionStorage.setItem(KEPT, session);
    } catch {
      // then it lasts as long as the page
    }
  }

  #add(one: Omit<Said, "key">): number {
    const key = ++this.#count;
    this.said = [...this.said, { ...one, key }];
    return key;
  }

  #change(key: number, more: Partial<Said>, done = false): void {
    this.said = this.said.map((one) => {
      if (one.key !== key) return one;
      const { state: _, ...rest } = one;
      return done ? { ...rest, ...more } : { ...one, ...more };
    });
  }
}

const MIC = html`<svg viewBox="0 0 24 24" width="22" height="22" aria-hidden="true" fill="currentColor">
  <path d="M12 15a3.5 3.5 0 0 0 3.5-3.5v-6a3.5 3.5 0 0 0-7 0v6A3.5 3.5 0 0 0 12 15Zm6.5-3.5a6.5 6.5 0 0 1-13 0H4a8 8 0 0 0 7.2 7.95V22h1.6v-2.55A8 8 0 0 0 20 11.5Z" />
</svg>`;

customElements.define("hookline-talk", Talk);
