// Builds the agents' console into the Python package's static/ folder.
import { buildPages } from "../../../web/build.mjs";

await buildPages({
  here: import.meta.dirname,
  served: "../src/hookline_handoff/static",
  scripts: { "console.js": ["src/main.ts", "es"] },
  files: ["console.html", "../../../web/page.css"],
});
