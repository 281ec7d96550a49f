const AT_BOTTOM = 48;
const NEAR_TOP = 240;
const WINDOW = 100;
const MORE = 50;

/**
 * The part of a long conversation that is drawn, and where it is scrolled to: at the bottom it stays there whatever
 * comes; anywhere else what is being read stays where it is.
 */
export class Viewport {
  /** The view follows what comes. */
  stick = true;
  /** How many of the last bubbles are drawn. */
  size = WINDOW;
  #scroller: HTMLElement | null = null;
  #anchor: { row: Element; top: number } | null = null;
  // Images, fonts and the phone's keyboard change heights without a drawing of ours.
  readonly #resized = new ResizeObserver(() => this.#toBottom());

  /** Look after `scroller` and the `content` in it. */
  watch(scroller: HTMLElement | null, content: HTMLElement | null): void {
    if (scroller === this.#scroller || !scroller || !content) return;
    this.#scroller = scroller;
    this.#resized.observe(scroller);
    this.#resized.observe(content);
  }

  close(): void {
    this.#resized.disconnect();
    this.#scroller = null;
  }

  /** Remember what is being read, before a drawing. */
  hold(): void {
    this.#anchor = null;
    if (this.stick || !this.#scroller) return;
    const { top } = this.#scroller.getBoundingClientRect();
    for (const row of this.#scroller.querySelectorAll(".row")) {
      const box = row.getBoundingClientRect();
      if (box.bottom <= top) continue;
      this.#anchor = { row, top: box.top };
      return;
    }
  }

  /** Put it back where it was, after a drawing. */
  settle(): void {
    const anchor = this.#anchor;
    if (anchor?.row.isConnected && this.#scroller) {
      this.#scroller.scrollTop += anchor.row.getBoundingClientRect().top - anchor.top;
    } else {
      this.#toBottom();
    }
  }

  grow(): void {
    this.size += MORE;
  }

  /** Somebody scrolled; true where the top is near and more is wanted. */
  scrolled(): boolean {
    const el = this.#scroller;
    if (!el) return false;
    this.stick = el.scrollHeight - el.scrollTop - el.clientHeight < AT_BOTTOM;
    if (this.stick) this.size = WINDOW;
    return !this.stick && el.scrollTop < NEAR_TOP;
  }

  #toBottom(): void {
    if (this.stick && this.#scroller) this.#scroller.scrollTop = this.#scroller.scrollHeight;
  }
}
