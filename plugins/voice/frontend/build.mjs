// Builds the plugin's pages into the Python package's static/ folder: the one that listens and speaks, and the calls'.
import { buildPages } from "../../../web/build.mjs";

await buildPages({
  here: import.meta.dirname,
  served: "../src/hookline_voice/static",
  scripts: { "talk.js": ["src/talk.ts", "es"], "calls.js": ["src/calls.ts", "es"] },
  files: ["talk.html", "calls.html", "../../../web/page.css"],
});
