// Builds the pages of webchat into the Python package's static/ folder and refuses a widget that has grown too large.
import { buildPages } from "../../../web/build.mjs";

await buildPages({
  here: import.meta.dirname,
  served: "../src/hookline_webchat/static",
  scripts: { "widget.js": ["src/widget.ts", "iife"], "chat.js": ["src/chat.ts", "es"], "voice.js": ["src/voice.ts", "es"] },
  files: ["chat.html", "../../../web/page.css", "pages.css"],
  limits: { "widget.js": 25_000, "voice.js": 8_000 },
});
