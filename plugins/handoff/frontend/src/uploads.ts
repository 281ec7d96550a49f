import { html, nothing, type TemplateResult } from "lit";
import type { Api } from "./api.js";
import { closeIcon, fileIcon } from "./signs.js";
import type { Words } from "./words.js";

interface Upload {
  name: string;
  part: number;
  error: string;
  file: File;
  done: Record<string, unknown> | null;
}

/** The files of a reply: each goes up at once and waits until the reply is sent. */
export class Uploads {
  #list: Upload[] = [];

  constructor(
    readonly conversation: string,
    readonly api: Api,
    readonly redraw: () => void,
  ) {}

  get busy(): boolean {
    return this.#list.some((one) => !one.done && !one.error);
  }

  get ready(): Record<string, unknown>[] {
    return this.#list.flatMap((one) => (one.done ? [one.done] : []));
  }

  add(files: Iterable<File>): void {
    for (const file of files) {
      const upload: Upload = { name: file.name, part: 0, error: "", file, done: null };
      this.#list.push(upload);
      void this.#send(upload);
    }
  }

  /** What is up, which goes with a reply now; what failed stays. */
  take(): Record<string, unknown>[] {
    const ready = this.ready;
    this.#list = this.#list.filter((one) => !one.done);
    return ready;
  }

  render(talk: Words): TemplateResult | typeof nothing {
    if (!this.#list.length) return nothing;
    return html`<ul class="files">
      ${this.#list.map(
        (one) => html`<li class="row ${one.error ? "bad" : ""}">
          ${fileIcon}<span class="cut">${one.name}</span>
          ${one.error
            ? html`<span role="alert">${one.error}</span><button class="link" type="button" @click=${() => void this.#send(one)}>${talk.retry}</button>`
            : one.done
              ? nothing
              : html`<progress .value=${one.part} max="1" aria-label="${talk.uploading}: ${one.name}"></progress>`}
          <button class="icon" type="button" aria-label="${talk.remove}: ${one.name}" @click=${() => this.#drop(one)}>${closeIcon}</button>
        </li>`,
      )}
    </ul>`;
  }

  async #send(one: Upload): Promise<void> {
    one.error = "";
    this.redraw();
    try {
      const done = await this.api.upload(this.conversation, one.file, (part) => {
        one.part = part;
        this.redraw();
      });
      one.done = { name: one.name, ...done.attachment };
    } catch (error) {
      one.error = error instanceof Error ? error.message : String(error);
    }
    this.redraw();
  }

  #drop(one: Upload): void {
    this.#list = this.#list.filter((other) => other !== one);
    this.redraw();
  }
}
