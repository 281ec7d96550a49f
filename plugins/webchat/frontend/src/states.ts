import { html, nothing, type TemplateResult } from "lit/html.js";
import type { ChatClient } from "./client.js";
import type { Words } from "./strings.js";

/** What the view shows beside the conversation, or in its place: each one sentence and one way out. */

/** How the connection is, where that matters to the person. */
export function banner(client: ChatClient, talk: Words, retry: () => void): unknown {
  const { failure, status, loaded, thread } = client;
  if (failure && !failure.retrying) return nothing;
  if (!navigator.onLine) return html`<div class="banner" role="status">${talk.offline}</div>`;
  if (failure) {
    return html`<div class="banner" role="status">
      ${talk.unreachable} <button class="link" type="button" @click=${retry}>${talk.retry}</button>
    </div>`;
  }
  if (loaded && status !== "online") return html`<div class="banner late" role="status">${talk.reconnecting}</div>`;
  const held = thread.pending.some((p) => p.state === "sending" && p.problem);
  return held ? html`<div class="banner" role="status">${talk.waiting}</div>` : nothing;
}

/** The server will not open the chat, for the reason it gave. */
export function refusal(client: ChatClient, talk: Words, retry: () => void): TemplateResult {
  const problem = client.failure?.problem;
  return html`<div class="box" role="alert">
    <p>${talk.refused}</p>
    <p class="detail">${problem?.detail || problem?.title}</p>
    <button type="button" @click=${retry}>${talk.retry}</button>
  </div>`;
}

export function skeleton(talk: Words): TemplateResult {
  return html`<div class="skeleton"><span class="hidden">${talk.loading}</span><i></i><i></i><i></i></div>`;
}

/** Whether to begin a new conversation. */
export function question(talk: Words, yes: () => void, no: () => void): TemplateResult {
  return html`<div class="ask" role="alertdialog" aria-modal="true" aria-labelledby="ask">
    <div class="box">
      <p id="ask">${talk.newConversationAsk}</p>
      <div class="choices">
        <button class="primary" type="button" @click=${yes}>${talk.newConversation}</button>
        <button type="button" @click=${no}>${talk.cancel}</button>
      </div>
    </div>
  </div>`;
}
