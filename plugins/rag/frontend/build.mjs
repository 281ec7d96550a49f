// Builds the page where documents are managed into the Python package's static/ folder.
import { buildPages } from "../../../web/build.mjs";

await buildPages({
  here: import.meta.dirname,
  served: "../src/hookline_rag/static",
  scripts: { "knowledge.js": ["src/main.ts", "es"] },
  files: ["knowledge.html", "../../../web/page.css"],
});
