/** The flow of a conversation beside it: where it is, what it waits for, what was found out. */
import { html, nothing, type TemplateResult } from "lit/html.js";

import { PageElement, sheet } from "../../../../web/page-element.js";
import tokens from "../../../../web/tokens.css?inline";
import type { Frame, Place } from "./api.js";
import look from "./panel.css?inline";
import { fill, wordsOf, type Words } from "./words.js";

/** Where the tenant's paths begin: this script is served at `flows/static/` below it. */
const BASE = new URL(/* @vite-ignore */ "../../", import.meta.url);

export class FlowPanel extends PageElement {
  static override sheets = [sheet(tokens.replaceAll(":root,", "")), sheet(look)];

  #data: Place | null = null;
  #language = "";

  /** What the console says; it may have said it before this script was there. */
  override connectedCallback(): void {
    for (const name of ["data", "language"] as const) {
      const early = Object.getOwnPropertyDescriptor(this, name);
      if (!early) continue;
      delete (this as Partial<FlowPanel>)[name];
      if (name === "data") this.data = early.value as Place;
      else this.language = early.value as string;
    }
    super.connectedCallback();
  }

  get data(): Place | null {
    return this.#data;
  }

  set data(data: Place | null) {
    this.#data = data;
    this.draw();
  }

  get language(): string {
    return this.#language;
  }

  set language(tag: string) {
    this.#language = tag;
    this.draw();
  }

  get heading(): string {
    return wordsOf(this.#language || document.documentElement.lang || navigator.language).flow;
  }

  protected template(): TemplateResult {
    const talk = wordsOf(this.#language || document.documentElement.lang || navigator.language);
    const place = this.#data;
    if (!place) return html`<p class="soft">${talk.outside}</p>`;
    const picture = new URL(`flows#conversation/${encodeURIComponent(place.id)}`, BASE).href;
    return html`${place.stack.length
        ? place.stack.map((frame) => this.#frame(frame, talk))
        : html`<p>${talk.outside} ${place.last ? fill(talk.ended, place.last.title, place.last.outcome) : nothing}</p>`}
      <p><a href=${picture} target="_blank" rel="noopener">${talk.open}</a></p>`;
  }

  #frame(frame: Frame, talk: Words): TemplateResult {
    return html`<p><strong>${frame.title}</strong></p>
      <dl>
        ${frame.state ? html`<dt>${talk.state}</dt><dd>${frame.state}</dd>` : nothing}
        <dt>${talk.step}</dt><dd>${frame.step}</dd>
        ${frame.waiting ? html`<dt>${talk.waiting}</dt><dd>${talk[frame.waiting]}</dd>` : nothing}
      </dl>
      ${frame.slots.length
        ? html`<dl aria-label=${talk.slots}>${frame.slots.map(
            (slot) => html`<dt>${slot.label}</dt><dd class=${slot.value ? "" : "none"}>${slot.value || (slot.filled ? "–" : talk.empty)}</dd>`,
          )}</dl>`
        : nothing}`;
  }
}

if (!customElements.get("hookline-flow-panel")) customElements.define("hookline-flow-panel", FlowPanel);
