import { LitElement, unsafeCSS, type CSSResult, type PropertyValues } from "lit";
import tokens from "../../../../web/tokens.css?inline";
import type { Desk } from "./desk.js";
import base from "./look/base.css?inline";
import type { Topic } from "./news.js";
import type { Words } from "./words.js";

const BASE: CSSResult[] = [unsafeCSS(tokens), unsafeCSS(base)];

/** The style sheets of an element: the tokens and our base, and its own over them. */
export const looks = (...own: string[]): CSSResult[] => [...BASE, ...own.map((text) => unsafeCSS(text))];

/** Drawn anew when what it `hears` of changed, and when a property did. */
export abstract class Part extends LitElement {
  static override properties: Record<string, object> = { desk: { attribute: false }, talk: { attribute: false }, language: {} };

  declare desk: Desk;
  declare talk: Words;
  declare language: string;
  #stop: (() => void) | undefined;

  protected abstract hears(topics: ReadonlySet<Topic>): boolean;

  override connectedCallback(): void {
    super.connectedCallback();
    if (this.desk) this.#listen();
  }

  override willUpdate(changed: PropertyValues): void {
    if (changed.has("desk")) this.#listen();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#stop?.();
    this.#stop = undefined;
  }

  find<T extends HTMLElement>(selector: string): T | null {
    return this.renderRoot.querySelector<T>(selector);
  }

  /** Tell the frame around: `name` and what belongs to it. */
  tell(name: string, detail?: unknown): void {
    this.dispatchEvent(new CustomEvent(name, { detail, bubbles: true, composed: true }));
  }

  #listen(): void {
    this.#stop?.();
    this.#stop = this.desk.news.listen((topics) => {
      if (this.hears(topics)) this.requestUpdate();
    });
  }
}

/** Extra properties of a part: each is state that draws it anew. */
export const state = (...names: string[]): Record<string, object> => ({
  ...Part.properties,
  ...Object.fromEntries(names.map((name) => [name, { attribute: false }])),
});
