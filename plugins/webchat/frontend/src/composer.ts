import { html, nothing, type TemplateResult } from "lit/html.js";
import { fill } from "../../../../web/fill.js";
import { sendIcon } from "./icons.js";
import type { Words } from "./strings.js";
import type { Speech } from "./voice.js";

/** What is being written, and what it needs of the view. */
export interface Writing {
  talk: Words;
  draft: string;
  placeholder: string;
  /** How many characters too many. */
  over: number;
  /** Nothing can be sent now. */
  blocked: boolean;
  /** A question is in front of it. */
  inert: boolean;
  /** Something new came further down. */
  below: boolean;
  /** The microphone; `undefined`: it is not loaded yet, `null`: there is none. */
  speech: Speech | null | undefined;
  jump(): void;
  submit(event: Event): void;
  input(event: Event): void;
}

/** Where one writes, or speaks. */
export function composer(w: Writing): TemplateResult {
  const { talk, speech } = w;
  return html`<div class="below" ?inert=${w.inert}>
    ${w.below ? html`<button class="jump" type="button" @click=${w.jump}>${talk.latest} ↓</button>` : nothing}
    <form @submit=${w.submit}>
      ${speech?.on
        ? speech.bar()
        : html`<textarea
              rows="1"
              dir="auto"
              enterkeyhint="send"
              autocomplete="off"
              aria-label=${talk.write}
              aria-invalid=${w.over > 0}
              placeholder=${w.placeholder}
              .value=${w.draft}
              @input=${w.input}
            ></textarea>
            ${speech ? speech.mic() : speech === undefined ? html`<span class="icon"></span>` : nothing}
            <button class="send" type="submit" aria-label=${talk.send} title=${talk.send}
              ?disabled=${!w.draft.trim() || w.over > 0 || w.blocked}>${sendIcon}</button>`}
    </form>
    ${w.over > 0 ? html`<div class="note" role="alert">${fill(talk.tooLong, w.over)}</div>` : nothing}
    ${speech?.note ? html`<div class="note" role="alert">${speech.note}</div>` : nothing}
  </div>`;
}
