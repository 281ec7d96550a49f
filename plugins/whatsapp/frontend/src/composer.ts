import { html, nothing, type TemplateResult } from "lit/html.js";
import { closeIcon, sendIcon } from "../../../../web/icons.js";
import { binIcon, clipIcon, micIcon } from "./signs.js";
import { gist, type Item } from "./thread.js";
import { fill, type Words } from "./words.js";

export type Extra = "file" | "place" | "card" | "sticker" | "oddity";

/** What is being written. */
export interface Writing {
  draft: string;
  file: File | null;
  about: { what: "reply" | "edit"; item: Item } | null;
  /** Seconds that a voice note has by now; null where none is recorded. */
  recorded: number | null;
  /** Why nothing can be recorded; "" where it can. */
  obstacle: "" | "unsupported" | "insecure" | "denied";
  attaching: boolean;
}

export interface ComposerEar {
  type(text: string): void;
  send(): void;
  drop(what: "file" | "about"): void;
  attach(open: boolean): void;
  extra(what: Extra): void;
  take(file: File): void;
  record(what: "begin" | "send" | "drop"): void;
}

const clock = (seconds: number): string => `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;

export function composerOf(writing: Writing, name: string, talk: Words, ear: ComposerEar): TemplateResult {
  if (writing.recorded !== null)
    return html`<div class="composer recording">
      <button class="icon" type="button" title=${talk.dropVoice} aria-label=${talk.dropVoice} @click=${() => ear.record("drop")}>${binIcon}</button>
      <p role="timer" aria-live="off"><span class="dot" aria-hidden="true"></span>${fill(talk.recording, clock(writing.recorded))}</p>
      <button class="icon primary" type="button" title=${talk.sendVoice} aria-label=${talk.sendVoice} @click=${() => ear.record("send")}>${sendIcon}</button>
    </div>`;
  const empty = !writing.draft.trim() && !writing.file;
  return html`${about(writing, talk, ear)}
    <form class="composer" @submit=${(event: Event) => {
      event.preventDefault();
      ear.send();
    }}>
      <div class="attach">
        <button class="icon" type="button" aria-expanded=${writing.attaching} title=${talk.attach} aria-label=${talk.attach} @click=${() => ear.attach(!writing.attaching)}>${clipIcon}</button>
        ${writing.attaching
          ? html`<div class="menu" role="group" aria-label=${talk.attach}>
              ${(["file", "place", "card", "sticker", "oddity"] as const).map((one) => html`<button type="button" @click=${() => ear.extra(one)}>${talk[one]}</button>`)}
            </div>`
          : nothing}
        <input class="hidden" type="file" tabindex="-1" aria-hidden="true" @change=${(event: Event) => {
          const input = event.target as HTMLInputElement;
          if (input.files?.[0]) ear.take(input.files[0]);
          input.value = "";
        }} />
      </div>
      <textarea rows="1" dir="auto" placeholder=${talk.write} aria-label=${fill(talk.writeAs, name)} .value=${writing.draft}
        @input=${(event: InputEvent) => ear.type((event.target as HTMLTextAreaElement).value)}
        @keydown=${(event: KeyboardEvent) => {
          if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
          event.preventDefault();
          ear.send();
        }}
        @paste=${(event: ClipboardEvent) => {
          const file = event.clipboardData?.files[0];
          if (file) {
            event.preventDefault();
            ear.take(file);
          }
        }}></textarea>
      ${empty && !writing.about
        ? html`<button class="icon" type="button" ?disabled=${!!writing.obstacle} title=${writing.obstacle ? talk[writing.obstacle] : talk.record}
            aria-label=${talk.record} aria-describedby=${writing.obstacle ? "obstacle" : nothing} @click=${() => ear.record("begin")}>${micIcon}</button>`
        : html`<button class="icon primary" type="submit" ?disabled=${empty} title=${talk.send} aria-label=${talk.send}>${sendIcon}</button>`}
    </form>
    ${writing.obstacle ? html`<p id="obstacle" class="soft pad hint" role=${writing.obstacle === "denied" ? "alert" : nothing}>${talk[writing.obstacle]}</p>` : nothing}`;
}

function about(writing: Writing, talk: Words, ear: ComposerEar): unknown {
  const chip = (label: string, said: string, what: "file" | "about") => html`<p class="about"><span><b>${label}</b> <span dir="auto">${said}</span></span>
    <button class="icon small" type="button" aria-label=${fill(talk.remove, said)} title=${talk.cancel} @click=${() => ear.drop(what)}>${closeIcon}</button></p>`;
  return html`${writing.about ? chip(writing.about.what === "edit" ? talk.editing : talk.replying, gist(writing.about.item.content, talk.kinds), "about") : nothing}
    ${writing.file ? chip(talk.attach, writing.file.name, "file") : nothing}`;
}
