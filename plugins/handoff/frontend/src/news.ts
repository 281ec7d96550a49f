/** Who is told of what changed: at most once a frame, however much comes. */

export type Topic = "desk" | "inbox" | "tasks" | `thread:${string}`;

const HIDDEN_MS = 250;

export class News {
  readonly #ears = new Set<(topics: ReadonlySet<Topic>) => void>();
  #topics = new Set<Topic>();
  #asked = false;

  listen(ear: (topics: ReadonlySet<Topic>) => void): () => void {
    this.#ears.add(ear);
    return () => this.#ears.delete(ear);
  }

  changed(topic: Topic): void {
    this.#topics.add(topic);
    if (this.#asked) return;
    this.#asked = true;
    // A page that is not looked at gets no frames.
    if (document.visibilityState === "visible") requestAnimationFrame(this.#tell);
    else setTimeout(this.#tell, HIDDEN_MS);
  }

  readonly #tell = () => {
    const topics = this.#topics;
    this.#topics = new Set();
    this.#asked = false;
    for (const ear of this.#ears) ear(topics);
  };
}
