import { renew } from "../../../../web/session.js";

const MAX_WAIT = 20_000;

export interface Ear {
  /** Connected: what is shown may be old. */
  ready(): void;
  changed(address: string): void;
  typing(address: string, message: string): void;
  lost(): void;
}

/** What happens on the phones; it connects again by itself. */
export class Feed {
  #source: EventSource | undefined;
  #again: ReturnType<typeof setTimeout> | undefined;
  #tries = 0;

  constructor(
    readonly base: string,
    readonly url: string,
    readonly ear: Ear,
  ) {}

  open(): void {
    this.close();
    const source = new EventSource(this.url);
    this.#source = source;
    const told = (event: Event) => JSON.parse((event as MessageEvent<string>).data) as { address: string; message?: string };
    source.addEventListener("ready", () => {
      this.#tries = 0;
      this.ear.ready();
    });
    source.addEventListener("chat", (event) => this.ear.changed(told(event).address));
    source.addEventListener("typing", (event) => this.ear.typing(told(event).address, told(event).message ?? ""));
    source.addEventListener("lost", () => this.ear.ready());
    source.onerror = () => {
      this.ear.lost();
      if (source.readyState === EventSource.CLOSED) this.#later();
    };
  }

  close(): void {
    clearTimeout(this.#again);
    this.#source?.close();
  }

  /** The server has answered with a refusal, as where the session has ended: then the browser gives up. */
  #later(): void {
    const wait = Math.min(MAX_WAIT, 500 * 2 ** this.#tries) * (0.5 + Math.random());
    this.#tries += 1;
    this.#again = setTimeout(() => {
      renew(this.base).then(
        () => this.open(),
        () => this.#later(),
      );
    }, wait);
  }
}
