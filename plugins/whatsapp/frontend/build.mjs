// Builds the simulator's page into the Python package's static/ folder.
import { buildPages } from "../../../web/build.mjs";

await buildPages({
  here: import.meta.dirname,
  served: "../src/hookline_whatsapp/static",
  scripts: { "simulator.js": ["src/simulator.ts", "es"] },
  files: ["simulator.html", "../../../web/page.css"],
});
