import { html, LitElement, nothing, unsafeCSS, type TemplateResult } from "lit";
import forms from "../../../../web/forms.css?inline";
import tokens from "../../../../web/tokens.css?inline";
import type { Api, Hit, Why } from "./api.js";
import look from "./look.css?inline";
import { fill, wordsOf, type Words } from "./words.js";

/** A test question: its answer, and which passages were found and why. */
export class AskView extends LitElement {
  static override styles = [unsafeCSS(tokens), unsafeCSS(forms), unsafeCSS(look)];
  static override properties = { language: {}, why: { state: true }, notice: { state: true }, busy: { state: true } };

  declare api: Api;
  declare language: string;
  declare why: Why | null;
  declare notice: string;
  declare busy: boolean;

  constructor() {
    super();
    this.language = "en";
    this.why = null;
    this.notice = "";
    this.busy = false;
  }

  override render(): TemplateResult {
    const talk = wordsOf(this.language);
    return html`<form class="question" @submit=${this.#onAsk}>
        <label for="question">${talk.question}</label>
        <div class="row">
          <input id="question" name="question" autocomplete="off" required aria-describedby="hint" />
          <button class="button primary" type="submit" ?disabled=${this.busy}>${talk.askButton}</button>
        </div>
        <p id="hint" class="soft">${talk.askHint}</p>
      </form>
      ${this.notice ? html`<p class="notice" role="alert">${this.notice}</p>` : nothing}
      <div aria-live="polite">${this.why ? this.#result(this.why, talk) : nothing}</div>`;
  }

  #result(why: Why, talk: Words): TemplateResult {
    const answer = why.answer;
    const total = Object.values(why.ms).reduce((sum, one) => sum + one, 0);
    return html`<section class="answer ${answer?.answered ? "yes" : "no"}">
        <h2>${answer?.answered ? talk.answered : fill(talk.unanswered, this.#share(why.min_confidence))}</h2>
        <p class="said">${answer?.text ?? ""}</p>
        <p class="soft">${talk.sureness}: ${this.#share(answer?.confidence ?? 0)}
          <meter min="0" max="1" low=${why.min_confidence} .value=${answer?.confidence ?? 0} aria-label=${talk.sureness}></meter></p>
      </section>
      <p class="soft">${fill(talk.weight, why.language || "?", why.dense_weight.toFixed(2), total.toFixed(1))}</p>
      ${why.passages.length
        ? html`<ol class="hits">${why.passages.map((hit) => this.#hit(hit, talk))}</ol>`
        : html`<p class="empty">${talk.nothing}</p>`}`;
  }

  #hit(hit: Hit, talk: Words): TemplateResult {
    const at = hit.answer ? hit.text.replace(/\s+/g, " ").indexOf(hit.answer.replace(/\s+/g, " ")) : -1;
    const text = hit.text.replace(/\s+/g, " ");
    const end = at + hit.answer.replace(/\s+/g, " ").length;
    const side = (value: number | null, rank: number | null) =>
      value === null ? html`<span class="soft">${talk.notFound}</span>` : html`${value.toFixed(3)} <span class="soft">${fill(talk.rank, rank ?? "?")}</span>`;
    return html`<li>
      <h3><button class="link" type="button" @click=${() => this.#open(hit)}>${hit.title}</button></h3>
      <dl>
        <div><dt>${talk.score}</dt><dd>${hit.score.toFixed(3)}</dd></div>
        <div><dt>${talk.vectors}</dt><dd>${side(hit.dense, hit.dense_rank)}</dd></div>
        <div><dt>${talk.words}</dt><dd>${side(hit.lexical, hit.lexical_rank)}</dd></div>
        <div><dt>${talk.sureness}</dt><dd>${this.#share(hit.confidence)}</dd></div>
      </dl>
      <p class="passage">${at < 0 ? text : html`${text.slice(0, at)}<mark>${text.slice(at, end)}</mark>${text.slice(end)}`}</p>
    </li>`;
  }

  #share(value: number): string {
    return new Intl.NumberFormat(this.language, { style: "percent", maximumFractionDigits: 0 }).format(value);
  }

  #open(hit: Hit): void {
    this.dispatchEvent(new CustomEvent("knowledge-open", { detail: hit.document }));
  }

  readonly #onAsk = async (event: Event) => {
    event.preventDefault();
    const said = new FormData(event.target as HTMLFormElement).get("question");
    this.busy = true;
    this.notice = "";
    try {
      this.why = await this.api.search(String(said ?? ""));
    } catch (error) {
      this.why = null;
      this.notice = error instanceof Error ? error.message : String(error);
    }
    this.busy = false;
  };
}

if (!customElements.get("hookline-knowledge-ask")) customElements.define("hookline-knowledge-ask", AskView);
