// Builds the pages of webchat into the Python package's static/ folder and refuses a widget that has grown too large.
import { copyFile, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "vite";

const here = dirname(fileURLToPath(import.meta.url));
const packages = join(here, "../../../node_modules");
const served = join(here, "../src/hookline_webchat/static");
const out = join(packages, `.webchat-${process.pid}`); // put in place when all of it is there: a server may be running
const WIDGET_LIMIT = 25_000; // bytes, gzipped
const TARGET = ["chrome123", "firefox121", "safari17.5"]; // light-dark() and nesting without a polyfill

/** One entry becomes one self-contained file: `format` is "iife" for the script tag, "es" for our own pages. */
async function bundle(name, format) {
  await build({
    root: here,
    configFile: false,
    logLevel: "warn",
    define: { "process.env.NODE_ENV": '"production"' },
    build: {
      outDir: out,
      emptyOutDir: false,
      target: TARGET,
      cssTarget: TARGET,
      modulePreload: false,
      minify: "terser",
      terserOptions: { ecma: 2020, compress: { passes: 3 }, format: { comments: false } },
      lib: { entry: join(here, `src/${name}.ts`), name: "Hookline", formats: [format], fileName: () => `${name}.js` },
      rolldownOptions: { output: { codeSplitting: false } },
    },
  });
  // What line breaks are left stand inside templates, between elements, where one space means the same.
  const file = join(out, `${name}.js`);
  const code = (await readFile(file, "utf8")).replace(/\n\s*/g, " ").trim();
  await writeFile(file, `/* Contains lit-html, (c) Google LLC, BSD-3-Clause: lit-license.txt beside this file. */\n${code}\n`);
}

async function size(name) {
  const body = await readFile(join(out, name));
  return { name, raw: body.length, gzip: gzipSync(body, { level: 9 }).length };
}

try {
  await mkdir(out, { recursive: true });
  await bundle("widget", "iife");
  await bundle("chat", "es");
  await copyFile(join(here, "chat.html"), join(out, "chat.html"));
  await copyFile(join(here, "../../../web/tokens.css"), join(out, "tokens.css"));
  await copyFile(join(here, "pages.css"), join(out, "pages.css"));
  await copyFile(join(packages, "lit-html/LICENSE"), join(out, "lit-license.txt"));

  const sizes = await Promise.all(["widget.js", "chat.js", "tokens.css", "pages.css"].map(size));
  for (const { name, raw, gzip } of sizes) console.log(`${name.padEnd(12)} ${raw} bytes, ${gzip} gzipped`);
  const widget = sizes[0];
  if (widget.gzip >= WIDGET_LIMIT) {
    throw new Error(`widget.js is ${widget.gzip} bytes gzipped; the limit is ${WIDGET_LIMIT}.`);
  }
  await rm(served, { recursive: true, force: true });
  await rename(out, served);
} finally {
  await rm(out, { recursive: true, force: true });
}
