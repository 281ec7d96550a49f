/** The lead of a conversation beside it: its score with the reasons, how it went, and its status. */
import { html, nothing, svg, type TemplateResult } from "lit/html.js";

import { PageElement } from "../../../../web/page-element.js";
import { Refused, request } from "../../../../web/request.js";
import tokens from "../../../../web/tokens.css?inline";
import look from "./look.css?inline";
import { type Line, said } from "./account.js";
import { line, type Point } from "./spark.js";
import { filled, wordsOf, type Words } from "./words.js";

export interface Lead {
  id: string;
  score: number;
  priority: "hot" | "warm" | "cold";
  status: Status;
  interest: "" | "low" | "medium" | "high";
  missing: string[];
  review: boolean;
  source: string;
  crm: { state: "" | "queued" | "sent" | "waiting" | "failed"; error: string };
}

export interface Data {
  lead: Lead | null;
  account?: Line[];
  history?: Point[];
  thresholds: { hot: number; warm: number };
}

const STATUSES = ["new", "contacted", "qualified", "negotiating", "won", "lost"] as const;
type Status = (typeof STATUSES)[number];

/** Where the tenant's paths begin: this script is served at `scoring/static/` below it. */
const BASE = new URL(/* @vite-ignore */ "../../", import.meta.url);
const HEADERS = { "Content-Type": "application/json", "X-Hookline-CSRF": "1" };

function sheet(text: string): CSSStyleSheet {
  const made = new CSSStyleSheet();
  made.replaceSync(text);
  return made;
}

export class LeadPanel extends PageElement {
  static override sheets = [sheet(tokens.replaceAll(":root,", "")), sheet(look)];

  #data: Data | null = null;
  #lead: Lead | null = null;
  #error = "";
  #language = "";

  /** What the console says; it may have said it before this script was there. */
  override connectedCallback(): void {
    for (const name of ["data", "language"] as const) {
      const early = Object.getOwnPropertyDescriptor(this, name);
      if (!early) continue;
      delete (this as Partial<LeadPanel>)[name];
      if (name === "data") this.data = early.value as Data;
      else this.language = early.value as string;
    }
    super.connectedCallback();
  }

  get data(): Data | null {
    return this.#data;
  }

  set data(data: Data | null) {
    this.#data = data;
    this.#lead = data?.lead ?? null;
    this.#error = "";
    this.draw();
  }

  get language(): string {
    return this.#language;
  }

  set language(tag: string) {
    this.#language = tag;
    this.draw();
  }

  /** What the panel is called. */
  get heading(): string {
    return wordsOf(this.#language || document.documentElement.lang).heading;
  }

  protected template(): TemplateResult {
    const language = this.#language || document.documentElement.lang || navigator.language;
    const words = wordsOf(language);
    const lead = this.#lead;
    if (!lead || !this.#data) return html`<p class="none">${words.none}</p>`;
    return html`
      <p class="head">
        <span class="score" aria-label=${words.score}>${lead.score}</span>
        <span class="chip ${lead.priority}">${words[lead.priority]}</span>
      </p>
      ${this.#spark(words)}
      <h4>${words.why}</h4>
      <ul>
        ${(this.#data.account ?? []).map((one) => html`<li>${said(one, words, language)}</li>`)}
      </ul>
      <label>
        ${words.status}
        <select @change=${(event: Event) => this.#change({ status: (event.target as HTMLSelectElement).value as Status })}>
          ${STATUSES.filter((one) => one !== "new" || lead.status === "new").map(
            (one) => html`<option value=${one} .selected=${one === lead.status}>${words[one]}</option>`,
          )}
        </select>
      </label>
      ${lead.review
        ? html`<p>
            ${words.review}
            <button type="button" @click=${() => this.#change({ review: false })}>${words.reviewed}</button>
          </p>`
        : nothing}
      <p class="error" role="status">${this.#error}</p>
      ${this.#facts(lead, words)}
    `;
  }

  #spark(words: Words): TemplateResult | typeof nothing {
    const points = this.#data?.history ?? [];
    const first = points[0];
    const last = points.at(-1);
    if (!first || !last || points.length < 2) return nothing;
    const at = (score: number) => 40 - (score / 100) * 40;
    const { hot, warm } = this.#data?.thresholds ?? { hot: 70, warm: 50 };
    return html`<svg viewBox="0 0 200 40" preserveAspectRatio="none" role="img" aria-label=${filled(words.history, first[1], last[1])}>
      ${[hot, warm].map((one) => svg`<line class="mark" x1="0" x2="200" y1=${at(one)} y2=${at(one)} />`)}
      <polyline points=${line(points, 200, 40)} />
    </svg>`;
  }

  #facts(lead: Lead, words: Words): TemplateResult {
    const crm = lead.crm.state && filled(words[lead.crm.state], lead.crm.error);
    return html`<dl>
      ${lead.interest ? html`<dt>${words.interest}</dt><dd>${words[lead.interest]}</dd>` : nothing}
      ${lead.source ? html`<dt>${words.source}</dt><dd>${lead.source}</dd>` : nothing}
      ${crm ? html`<dt>${words.crm}</dt><dd class=${lead.crm.state === "failed" ? "error" : ""}>${crm}</dd>` : nothing}
    </dl>
    ${lead.missing.length ? html`<p class="soft">${filled(words.missing, lead.missing.join(", "))}</p>` : nothing}`;
  }

  /** Shown at once; taken back where the server says no. */
  async #change(change: Partial<Pick<Lead, "status" | "review">>): Promise<void> {
    const before = this.#lead;
    if (!before) return;
    const words = wordsOf(this.#language || document.documentElement.lang);
    this.#lead = { ...before, ...change };
    this.#error = "";
    this.draw();
    try {
      const url = new URL(`api/v1/leads/${encodeURIComponent(before.id)}`, BASE).href;
      const now = await request<Lead>(window, url, { method: "PATCH", headers: HEADERS, body: JSON.stringify(change) });
      if (this.#lead?.id === now.id) this.#lead = now;
      this.dispatchEvent(new CustomEvent("lead-changed", { bubbles: true, composed: true, detail: now }));
    } catch (error) {
      if (this.#lead?.id === before.id) this.#lead = before;
      this.#error = error instanceof Refused ? filled(words.refused, error.message) : words.unreachable;
    }
    this.draw();
  }
}

if (!customElements.get("hookline-lead-panel")) customElements.define("hookline-lead-panel", LeadPanel);
