import type { Panel } from "./protocol.js";

/** Names that a custom element may have. */
const NAME = /^[a-z][a-z0-9]*(-[a-z0-9]+)+$/;
const scripts = new Map<string, Promise<unknown>>();

interface Shown extends HTMLElement {
  data?: unknown;
  language?: string;
  /** What it is called in its language; without it the panel's own title stands. */
  heading?: string;
}

const given = new WeakMap<object, unknown>();

/** Say what it shows, once for each answer of the server: what it has changed itself since stands until the next one. */
export function give(element: Pick<Shown, "data">, data: unknown): void {
  if (given.get(element) === data) return;
  given.set(element, data);
  element.data = data;
}

/** Show the panels of other plugins in `place`: their custom elements, with `.data` set; what is there already is kept. */
export function mount(place: HTMLElement, panels: readonly Panel[], base: string): void {
  const wanted = panels.filter((one) => NAME.test(one.element));
  const here = new Map([...place.querySelectorAll<HTMLElement>(":scope > section")].map((one) => [one.dataset["panel"] ?? "", one]));
  for (const [i, panel] of wanted.entries()) {
    const key = `${panel.element}:${panel.title}`;
    let section = here.get(key);
    here.delete(key);
    if (!section) {
      section = document.createElement("section");
      section.dataset["panel"] = key;
      const title = document.createElement("h3");
      title.textContent = panel.title;
      section.append(title, document.createElement(panel.element));
    }
    if (place.children[i] !== section) place.insertBefore(section, place.children[i] ?? null);
    const element = section.lastElementChild as Shown;
    element.language = document.documentElement.lang;
    give(element, panel.data);
    if (panel.script) load(panel.script, base, section);
  }
  for (const gone of here.values()) gone.remove();
}

/** Load a panel's script once; one of another origin is never loaded, one that fails takes only its panel away. */
function load(script: string, base: string, section: HTMLElement): void {
  const url = new URL(script, new URL(`${base}/`, location.href));
  let loading = scripts.get(url.href);
  if (!loading) {
    loading = url.origin === location.origin ? import(/* @vite-ignore */ url.href) : Promise.reject(new Error(`${url.href} is not of this server`));
    scripts.set(url.href, loading);
  }
  loading.then(
    () => {
      section.hidden = false;
      const title = section.firstElementChild;
      const heading = (section.lastElementChild as Shown).heading;
      if (title && heading) title.textContent = heading;
    },
    (error: unknown) => {
      section.hidden = true;
      console.error(`panel: ${error instanceof Error ? error.message : String(error)}`);
    },
  );
}
