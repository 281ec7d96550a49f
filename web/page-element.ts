import { render, type TemplateResult } from "lit/html.js";

/**
 * A custom element with a shadow root that is drawn again, once a microtask, after one of its `watched` properties
 * changed. What of LitElement this needs, in a tenth of its size: the widget has a limit.
 */
export abstract class PageElement extends HTMLElement {
  static sheets: CSSStyleSheet[] = [];
  /** Properties declared (not defined) in the class whose change draws it again. */
  static watched: readonly string[] = [];

  readonly root: ShadowRoot = this.attachShadow({ mode: "open" });
  /** Resolves when what was asked for is drawn. */
  drawn: Promise<void> = Promise.resolve();
  #queued = false;

  constructor() {
    super();
    const { sheets, watched } = this.constructor as typeof PageElement;
    this.root.adoptedStyleSheets = sheets;
    for (const name of watched) {
      let value: unknown;
      Object.defineProperty(this, name, {
        get: () => value,
        set: (next: unknown) => {
          if (next === value) return;
          value = next;
          this.draw();
        },
      });
    }
  }

  connectedCallback(): void {
    this.draw();
  }

  draw(): void {
    if (this.#queued) return;
    this.#queued = true;
    this.drawn = Promise.resolve().then(() => {
      this.#queued = false;
      if (!this.isConnected) return;
      this.beforeDraw();
      render(this.template(), this.root, { host: this });
      this.afterDraw();
    });
  }

  find<T extends HTMLElement>(selector: string): T | null {
    return this.root.querySelector<T>(selector);
  }

  protected abstract template(): TemplateResult;

  /** The old picture is still there: measure it. */
  protected beforeDraw(): void {}

  protected afterDraw(): void {}
}

/** A style sheet from its text; works under a page's content security policy, unlike a style element. */
export function sheet(text: string): CSSStyleSheet {
  const made = new CSSStyleSheet();
  made.replaceSync(text);
  return made;
}
