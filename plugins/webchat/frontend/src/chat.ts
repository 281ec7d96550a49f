import { ChatView } from "./chat-view.js";
import { wear } from "../../../../web/colour.js";
import { DocumentView } from "../../../../web/document-view.js";
import { shelfIcon } from "./icons.js";
import { LibraryView } from "./library-view.js";
import { pageWords } from "./page-strings.js";
import { baseOf, type Citation } from "./protocol.js";
import { direction } from "./strings.js";
import { html, render } from "lit/html.js";

const base = baseOf(import.meta.url);
const wide = matchMedia("(min-width: 901px)");

const chat = new ChatView();
chat.base = base;
chat.role = "main";
const library = new LibraryView();
library.base = base;
library.role = "complementary";
library.hidden = true;

const shelf = document.createElement("button");
shelf.slot = "actions";
shelf.type = "button";
shelf.setAttribute("aria-expanded", "false");
chat.append(shelf);
document.body.append(chat);

let entered = false;

function showLibrary(on: boolean): void {
  if (on && !library.isConnected) document.body.append(library);
  library.hidden = !on;
  shelf.setAttribute("aria-expanded", String(on));
  chat.inert = on && !wide.matches;
}

/** What the session says about the page around the chat. */
function dress(): void {
  const { tongue: language, session } = chat;
  const talk = pageWords(language);
  document.documentElement.lang = library.language = language;
  document.documentElement.dir = direction(language);
  shelf.ariaLabel = library.ariaLabel = shelf.title = talk.documents;
  render(shelfIcon, shelf);
  if (!session) return;
  document.title = session.config.title;
  library.accent = session.config.accent ?? "";
  wear(document.documentElement, library.accent);
  library.free = session.config.admin;
  if (entered) return;
  entered = true;
  showLibrary(library.free && wide.matches);
}

/** A dialog around `content` that goes away when it is closed and gives the focus back. */
function open(content: HTMLElement, name: string): void {
  const dialog = document.createElement("dialog");
  dialog.className = name;
  dialog.append(content);
  content.addEventListener("hookline-close", () => dialog.close());
  dialog.addEventListener("close", () => dialog.remove());
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close();
  });
  document.body.append(dialog);
  dialog.showModal();
}

function showKeys(): void {
  const talk = pageWords(chat.tongue);
  const keys: [string, string][] = [
    ["Enter", talk.keySend],
    ["Shift + Enter", talk.keyLine],
    ["/", talk.keyWrite],
    ["Esc", talk.keyEscape],
    ["?", talk.keyHelp],
  ];
  const box = document.createElement("div");
  render(
    html`<h2>${talk.keys}</h2>
      <dl>${keys.map(([key, what]) => html`<dt><kbd>${key}</kbd></dt><dd>${what}</dd>`)}</dl>
      <button type="button" @click=${() => box.dispatchEvent(new CustomEvent("hookline-close"))}>${talk.close}</button>`,
    box,
  );
  open(box, "keys");
}

chat.addEventListener("hookline-change", dress);
shelf.addEventListener("click", () => showLibrary(!!library.hidden));
library.addEventListener("hookline-close", () => {
  showLibrary(false);
  shelf.focus();
});
chat.addEventListener("hookline-citation", (event) => {
  const citation = (event as CustomEvent<Citation>).detail;
  const url = citation.url ? new URL(citation.url, `${base}/`) : null;
  // Only our own document pages answer with JSON; anything else opens in its own tab.
  if (url?.origin !== location.origin || !url.pathname.includes("/rag/documents/")) return;
  event.preventDefault();
  const view = new DocumentView();
  view.url = url.href;
  view.span = [citation.start, citation.end];
  view.language = chat.tongue;
  view.talk = pageWords(chat.tongue);
  open(view, "document");
});
document.addEventListener("keydown", (event) => {
  const inside = event.composedPath()[0];
  const writing = inside instanceof HTMLInputElement || inside instanceof HTMLTextAreaElement || inside instanceof HTMLSelectElement;
  if (event.key === "Escape" && !library.hidden && !wide.matches) {
    showLibrary(false);
    shelf.focus();
  }
  if (writing || event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
  if (event.key === "?") showKeys();
  else if (event.key === "/") {
    event.preventDefault();
    chat.focus();
  }
});
dress();
