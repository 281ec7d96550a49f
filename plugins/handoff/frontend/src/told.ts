import { html, nothing, type TemplateResult } from "lit";
import type { Desk } from "./desk.js";
import { fill, type Words } from "./words.js";

/** That there is no network just now, and how much waits for it. */
export function banner(desk: Desk, talk: Words): TemplateResult | typeof nothing {
  const held = desk.outbox.list.filter((one) => one.state === "sending").length;
  if (desk.status === "online" || (desk.status === "connecting" && desk.inbox.state === "none")) return nothing;
  const waiting = held ? ` ${fill(talk.heldBack, held)}` : "";
  return html`<div class="banner" role="status">${desk.status === "offline" ? talk.offlineBanner : talk.reconnecting}${waiting}</div>`;
}

/** What was done, or what the server said against it, with a way back where there is one. */
export function toast(desk: Desk, talk: Words): TemplateResult | typeof nothing {
  const told = desk.notified;
  if (!told) return nothing;
  const undo = () => {
    desk.forget();
    told.undo?.();
  };
  return html`<div class="toast row ${told.bad ? "bad" : ""}" role=${told.bad ? "alert" : "status"}><span class="grow">${told.text}</span>
    ${told.undo ? html`<button class="link" type="button" @click=${undo}>${talk.undo}</button>` : nothing}
    <button class="link" type="button" @click=${() => desk.forget()}>${talk.close}</button></div>`;
}
