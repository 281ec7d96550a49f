import { html, LitElement, nothing, unsafeCSS, type TemplateResult } from "lit";
import { repeat } from "lit/directives/repeat.js";
import forms from "../../../../web/forms.css?inline";
import { Refused } from "../../../../web/request.js";
import { OWN, signInPage, SignedOut } from "../../../../web/session.js";
import "../../../../web/staff-pages.js";
import tokens from "../../../../web/tokens.css?inline";
import { Api, type Event, type Flow, type Frame, type Live, type Place } from "./api.js";
import look from "./look.css?inline";
import { fill, tongue, when, wordsOf, type Words } from "./words.js";

const AGAIN = 3000;
type Door = "loading" | "open" | "unreachable";

/** The page of flows: `#flow/NAME` shows its picture, `#conversation/ID` where that one is, and how it came there. */
export class FlowsPage extends LitElement {
  static override styles = [unsafeCSS(tokens), unsafeCSS(forms), unsafeCSS(look)];
  static override properties = {
    door: { state: true },
    flows: { state: true },
    live: { state: true },
    flow: { state: true },
    about: { state: true },
    place: { state: true },
    missing: { state: true },
  };

  declare door: Door;
  declare flows: readonly Flow[];
  /** Which conversations are in a flow; null where one may not know. */
  declare live: readonly Live[] | null;
  declare flow: string;
  declare about: string;
  declare place: (Place & { history: Event[] }) | null;
  declare missing: boolean;

  readonly #language = tongue();
  readonly #base = new URL(import.meta.url).pathname.replace(/\/flows\/static\/.*$/, "");
  readonly #api = new Api(this.#base);
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor() {
    super();
    this.door = "loading";
    this.flows = [];
    this.live = [];
    this.flow = this.about = "";
    this.place = null;
    this.missing = false;
  }

  get talk(): Words {
    return wordsOf(this.#language);
  }

  override connectedCallback(): void {
    super.connectedCallback();
    document.documentElement.lang = this.#language;
    document.title = this.talk.title;
    window.addEventListener("hashchange", this.#onHash);
    this.#timer = setInterval(() => void (document.hidden || this.door !== "open" || this.#look()), AGAIN);
    void this.#enter();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    window.removeEventListener("hashchange", this.#onHash);
    clearInterval(this.#timer);
  }

  async #enter(): Promise<void> {
    this.door = "loading";
    try {
      this.flows = await this.#api.flows(this.#language);
      this.door = "open";
      this.#onHash();
    } catch (error) {
      if (error instanceof SignedOut) location.replace(signInPage(this.#base));
      else this.door = "unreachable";
    }
  }

  readonly #onHash = () => {
    const [what = "", name = ""] = location.hash.slice(1).split("/").map(decodeURIComponent);
    this.about = what === "conversation" ? name : "";
    this.flow = this.flows.find((one) => what === "flow" && one.name === name)?.name ?? this.flows[0]?.name ?? "";
    this.place = null;
    this.missing = false;
    void this.#look();
  };

  /** What changes by itself: the conversation that is looked at, else the list of those in a flow. */
  async #look(): Promise<void> {
    const about = this.about;
    try {
      if (about) {
        const place = await this.#api.place(about);
        if (about === this.about && JSON.stringify(place) !== JSON.stringify(this.place)) this.place = place;
      } else if (this.live) {
        const live = await this.#api.live();
        if (JSON.stringify(live) !== JSON.stringify(this.live)) this.live = live;
      }
    } catch (error) {
      if (error instanceof SignedOut) location.replace(signInPage(this.#base));
      else if (error instanceof Refused && error.status === 404) this.missing = true;
      else if (error instanceof Refused && error.status === 403) this.live = null;
      else if (!this.place && about) this.door = "unreachable";
    }
  }

  override render(): TemplateResult {
    const talk = this.talk;
    return html`<header>
        ${this.door === "open" ? html`<hookline-pages .base=${this.#base} .language=${this.#language}></hookline-pages>` : nothing}
        <h1>${talk.title}</h1>
        <span class="grow"></span>
        ${this.door === "open" ? html`<button class="link" type="button" @click=${this.#leave}>${talk.leave}</button>` : nothing}
      </header>
      <main>${this.#content()}</main>`;
  }

  #content(): TemplateResult {
    const talk = this.talk;
    if (this.door === "loading") return html`<p class="empty" role="status">${talk.loading}</p>`;
    if (this.door === "unreachable")
      return html`<div class="empty" role="alert"><p>${talk.unreachable}</p>
        <button class="button" type="button" @click=${() => void this.#enter()}>${talk.retry}</button></div>`;
    if (!this.flows.length) return html`<p class="empty">${talk.none}</p>`;
    return this.about ? this.#conversation() : this.#all();
  }

  #all(): TemplateResult {
    const talk = this.talk;
    const flow = this.flows.find((one) => one.name === this.flow);
    return html`<nav aria-label=${talk.flows}>
        ${this.flows.map((one) => html`<a class="button" href="#flow/${encodeURIComponent(one.name)}" aria-current=${one.name === this.flow}>${one.title}</a>`)}
      </nav>
      <div class="columns">
        <div>${flow ? this.#shown(flow, null) : nothing}</div>
        <aside><section><h2>${talk.now}</h2>
          ${this.live === null
            ? html`<p class="soft">${talk.forbidden}</p>`
            : this.live.length
              ? html`<ul class="plain">${repeat(this.live, (one) => one.id, (one) => html`<li>
                  <a href="#conversation/${encodeURIComponent(one.id)}">${this.#title(one.flow)} · ${one.step}</a>
                  <time datetime=${one.updated_at}>${one.channel} · ${when(one.updated_at, this.#language)}</time></li>`)}</ul>`
              : html`<p class="soft">${talk.nobody}</p>`}
        </section></aside>
      </div>`;
  }

  #shown(flow: Flow, frame: Frame | null): TemplateResult {
    const talk = this.talk;
    const about = {
      language: this.#language,
      ...(frame ? { step: frame.step, conversation: this.about, seen: String(this.place?.history.length ?? 0) } : {}),
    };
    const starts = [...flow.intents, ...flow.words].join(", ");
    return html`<p class="soft">${flow.name} · ${fill(talk.version, flow.version)}${starts ? html` · ${fill(talk.begins, starts)}` : nothing}</p>
      <div class="picture" tabindex="0" role="region" aria-label=${flow.title}>
        <img src=${this.#api.picture(flow.name, about)} alt=${fill(talk.picture, flow.title)} />
      </div>
      <details><summary>${talk.steps}</summary><ol>
        ${flow.steps.map((step) => html`<li aria-current=${frame?.step === step.id ? "step" : nothing}>
          ${step.id} <span class="soft">(${step.kind}${step.state ? `, ${step.state}` : ""})</span>
          ${frame?.step === step.id ? html`<span class="now">${talk.live}</span>` : nothing}</li>`)}
      </ol></details>`;
  }

  #conversation(): TemplateResult {
    const talk = this.talk;
    const place = this.place;
    const back = html`<p><a href="#flow/${encodeURIComponent(this.flow)}">${talk.back}</a></p>`;
    if (this.missing) return html`${back}<p class="empty" role="alert">${talk.gone}</p>`;
    if (!place) return html`${back}<p class="empty" role="status">${talk.loading}</p>`;
    const frame = place.stack[0] ?? null;
    const name = frame?.flow ?? place.last?.flow;
    const flow = this.flows.find((one) => one.name === name);
    return html`${back}<div class="columns">
      <div>
        <p role="status">${frame ? html`<strong>${fill(talk.place, frame.title, frame.step)}</strong>` : talk.outside}
          ${!frame && place.last ? fill(talk.ended, place.last.title, place.last.outcome) : nothing}</p>
        ${flow ? this.#shown(flow, frame) : nothing}
      </div>
      <aside>
        ${place.stack.map((one) => html`<section><h2>${fill(talk.of, talk.slots, one.title)}</h2>${slotsOf(one, talk)}</section>`)}
        <section><h2>${talk.history}</h2>
          <ol class="plain">${place.history.map((event) => this.#event(event))}</ol></section>
      </aside></div>`;
  }

  #event(event: Event): TemplateResult {
    const talk = this.talk;
    const flow = this.#title(event.flow ?? "");
    const said =
      event.kind === "started" ? fill(talk.started, flow) : event.kind === "ended" ? fill(talk.ended, flow, event.outcome ?? "") : talk.went;
    return html`<li><time datetime=${event.at}>${when(event.at, this.#language)}</time>${said}
      ${(event.path ?? []).map((one) => html`<span class="way">${one.state ? html`<b>${one.state}</b> · ` : nothing}${one.step} <span class="soft">→ ${talk.edges[one.edge] ?? one.edge}</span></span>`)}</li>`;
  }

  #title(name: string): string {
    return this.flows.find((one) => one.name === name)?.title ?? name;
  }

  readonly #leave = async () => {
    await fetch(`${this.#base}/auth/logout`, { method: "POST", headers: OWN }).catch(() => undefined);
    location.replace(signInPage(this.#base));
  };
}

function slotsOf(frame: Frame, talk: Words): TemplateResult {
  return html`<dl>${frame.slots.map((slot) => html`<dt>${slot.label}</dt><dd class=${slot.value ? "" : "none"}>${slot.value || (slot.filled ? "–" : talk.empty)}</dd>`)}</dl>`;
}

if (!customElements.get("hookline-flows")) customElements.define("hookline-flows", FlowsPage);
