// Builds the identity panel of the agent console into the Python package's static/ folder.
import { buildPages } from "../../../web/build.mjs";

await buildPages({
  here: import.meta.dirname,
  served: "../src/hookline_identity/static",
  scripts: { "identity-panel.js": ["src/identity-panel.ts", "es"] },
  limits: { "identity-panel.js": 10_000 },
});
