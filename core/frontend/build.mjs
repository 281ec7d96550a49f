// Builds the core's pages into its static/ folder: one for accounts, keys and the audit log, one for records.
import { buildPages } from "../../web/build.mjs";

await buildPages({
  here: import.meta.dirname,
  served: "../src/hookline/static",
  scripts: { "admin.js": ["src/main.ts", "es"], "records.js": ["src/records.ts", "es"] },
  files: ["admin.html", "records.html", "../../web/page.css"],
});
