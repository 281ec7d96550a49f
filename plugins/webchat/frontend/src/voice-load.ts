import { html } from "lit/html.js";
import type { PageElement } from "../../../../web/page-element.js";
import type { ChatClient } from "./client.js";
import type { Sound } from "./items.js";
import type { Speech } from "./voice.js";

/** Speaking and listening in a chat: loaded from a file beside the chat's, once it is wanted. */
export class Voice {
  /** `undefined` until it is loaded; `null` where it can't be: then one types. */
  speech: Speech | null | undefined;
  #loading = false;

  constructor(
    readonly chat: PageElement & { base: string },
    readonly client: () => ChatClient,
    /** Something is sent: the view follows it. */
    readonly sends: () => void,
  ) {}

  /** The tenant writes down what is said, so many seconds of it. */
  want(longest: number, language: string, strings: Record<string, string | Record<string, string>>): void {
    this.speech?.speak(language, strings);
    if (this.#loading) return;
    this.#loading = true;
    void this.#load(longest).then((speech) => {
      this.speech = speech;
      this.want(longest, language, strings);
      this.chat.draw();
    });
  }

  /** A player of the sound; `undefined` where there is none. */
  player({ key, seq, n }: Sound, own: boolean): unknown {
    return this.speech?.sound(key, own, () => this.client().file(seq, n));
  }

  async #load(longest: number): Promise<Speech | null> {
    const { chat } = this;
    try {
      const file = (await import(/* @vite-ignore */ `${chat.base}/webchat/voice.js`)) as typeof import("./voice.js");
      return file.speech({
        html,
        root: chat.root,
        longest,
        draw: () => {
          chat.draw();
          return chat.drawn;
        },
        client: this.client(),
        sends: this.sends,
      });
    } catch {
      return null;
    }
  }
}
