import { DocumentView } from "./document-view.js";
import { choose, direction } from "./strings.js";

const language = choose(navigator.languages, []);
document.documentElement.lang = language;
document.documentElement.dir = direction(language);

const view = new DocumentView();
view.url = location.pathname + location.search;
view.language = language;
view.addEventListener("hookline-title", (event) => {
  document.title = (event as CustomEvent<string>).detail;
});
document.body.append(view);
