import { DocumentView } from "../../../../web/document-view.js";
import type { Citation } from "./protocol.js";
import type { Words } from "./words.js";

/** A dialog with the document that is cited, at the marked span. */
export function showDocument(place: HTMLElement | DocumentFragment, url: string, { start, end }: Citation, talk: Words, language: string): void {
  const view = new DocumentView();
  Object.assign(view, { url, span: [start, end], language, talk });
  const dialog = document.createElement("dialog");
  dialog.className = "document";
  dialog.append(view);
  view.addEventListener("hookline-close", () => dialog.close());
  dialog.addEventListener("close", () => dialog.remove());
  dialog.addEventListener("click", (click) => click.target === dialog && dialog.close());
  place.append(dialog);
  dialog.showModal();
}
