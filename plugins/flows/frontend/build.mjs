// Builds the page of flows, and the panel of the agent console, into the Python package's static/ folder.
import { buildPages } from "../../../web/build.mjs";

await buildPages({
  here: import.meta.dirname,
  served: "../src/hookline_flows/static",
  scripts: { "flows.js": ["src/flows.ts", "es"], "flow-panel.js": ["src/flow-panel.ts", "es"] },
  files: ["flows.html", "../../../web/page.css"],
  limits: { "flow-panel.js": 10_000 },
});
