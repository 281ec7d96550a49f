/** What was said of the members of a list while answers that may not know of it yet were on their way: it stands over them. */
export class Meanwhile<T extends { id: string }> {
  readonly #said = new Map<string, T | null>();
  #running = 0;

  /** What it is now; null where it is there no more. */
  say(id: string, one: T | null): void {
    if (!this.#running) return;
    this.#said.delete(id); // what is new comes in the order in which it was said
    this.#said.set(id, one);
  }

  /** The answer, with what was said since it was asked for. */
  async over(asked: Promise<readonly T[]>): Promise<readonly T[]> {
    this.#running += 1;
    try {
      const list = await asked;
      const here = new Set(list.map((one) => one.id));
      const said = (one: T) => (this.#said.has(one.id) ? this.#said.get(one.id) : one);
      return [...list.map(said), ...[...this.#said.values()].filter((one) => one && !here.has(one.id))].filter((one): one is T => !!one);
    } finally {
      this.#running -= 1;
      if (!this.#running) this.#said.clear();
    }
  }
}
