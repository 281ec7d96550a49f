import type { Api, Phone, Screen } from "./api.js";

const WRITING = 25_000; // how long a typing indicator stands at most, as Meta has it

export interface WatchEar {
  changed(): void;
  /** The screen is as the server has it now. */
  shown(screen: Screen): void;
}

/** What the phone that is open shows, kept as the server has it. */
export class Watch {
  screen: Screen | null = null;
  typing = false;
  #phone: Phone | null = null;
  #looking: Promise<void> | null = null;
  #again = false;
  #skew = 0;
  #typed: ReturnType<typeof setTimeout> | undefined;

  constructor(
    readonly api: Api,
    readonly ear: WatchEar,
  ) {}

  /** The server's time now, in seconds. */
  get at(): number {
    return Date.now() / 1000 + this.#skew;
  }

  open(phone: Phone | null): void {
    this.#phone = phone;
    this.screen = null;
    this.typing = false;
  }

  /** Ask what it shows now; once more where something happens meanwhile.  Raises what the request does. */
  look(): Promise<void> {
    this.#again = true;
    this.#looking ??= this.#ask().finally(() => (this.#looking = null));
    return this.#looking;
  }

  async #ask(): Promise<void> {
    while (this.#again && this.#phone) {
      this.#again = false;
      const phone = this.#phone;
      const screen = await this.api.screen(phone);
      if (phone !== this.#phone) continue;
      const first = screen.messages[0];
      const older = first && screen.more ? (this.screen?.messages ?? []).filter((row) => row.at < first.at) : [];
      this.#skew = screen.window.now - Date.now() / 1000;
      this.screen = { ...screen, messages: [...older, ...screen.messages], more: older.length ? (this.screen?.more ?? false) : screen.more };
      if (screen.messages.at(-1)?.direction === "outbound") this.typing = false;
      this.ear.shown(screen);
      this.ear.changed();
    }
  }

  /** Show the messages before those that are shown.  Raises what the request does. */
  async earlier(): Promise<void> {
    const phone = this.#phone;
    const first = this.screen?.messages[0];
    if (!phone || !first) return;
    const found = await this.api.screen(phone, first.at);
    if (phone !== this.#phone || !this.screen) return;
    const known = new Set(this.screen.messages.map((row) => row.id));
    const older = found.messages.filter((row) => !known.has(row.id));
    this.screen = { ...this.screen, messages: [...older, ...this.screen.messages], more: found.more };
    this.ear.changed();
  }

  /** An answer to this address is being written. */
  writes(address: string): void {
    if (address !== this.#phone?.address) return;
    this.#types(true);
    clearTimeout(this.#typed);
    this.#typed = setTimeout(() => this.#types(false), WRITING);
  }

  #types(typing: boolean): void {
    this.typing = typing;
    this.ear.changed();
  }
}
