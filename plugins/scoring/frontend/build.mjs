// Builds the lead's panel of the agent console into the Python package's static/ folder.
import { buildPages } from "../../../web/build.mjs";

await buildPages({
  here: import.meta.dirname,
  served: "../src/hookline_scoring/static",
  scripts: { "lead-panel.js": ["src/lead-panel.ts", "es"] },
  limits: { "lead-panel.js": 10_000 },
});
