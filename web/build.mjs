// Builds a frontend's pages into its Python package's static/ folder.
import { copyFile, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "vite";

const web = dirname(fileURLToPath(import.meta.url));
const packages = join(web, "../node_modules");
const TARGET = ["chrome123", "firefox121", "safari17.5"]; // light-dark() and nesting without a polyfill
const LICENSE = "/* Contains lit-html, (c) Google LLC, BSD-3-Clause: lit-license.txt beside this file. */\n";

/** One entry becomes one self-contained file: `format` is "iife" for a script tag, "es" for our own pages. */
async function bundle(root, out, name, entry, format) {
  await build({
    root,
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
      lib: { entry: join(root, entry), name: "Hookline", formats: [format], fileName: () => name },
      rolldownOptions: { output: { codeSplitting: false } },
    },
  });
  // What line breaks are left stand inside templates, between elements, where one space means the same.
  const file = join(out, name);
  const code = (await readFile(file, "utf8")).replace(/\n\s*/g, " ").trim();
  await writeFile(file, `${LICENSE}${code}\n`);
}

/**
 * `here`: the frontend's folder; `served`: the folder to fill, below it or beside it; `scripts`: file name to
 * [entry, format]; `files`: what is copied besides the tokens and the licence; `limits`: bytes, gzipped, per file.
 */
export async function buildPages({ here, served, scripts, files = [], limits = {} }) {
  const target = join(here, served);
  // Put in place when all of it is there: a server may be running.
  const out = join(packages, `.pages-${basename(dirname(here))}-${process.pid}`);
  try {
    await mkdir(out, { recursive: true });
    for (const [name, [entry, format]] of Object.entries(scripts)) await bundle(here, out, name, entry, format);
    for (const file of files) await copyFile(join(here, file), join(out, basename(file)));
    await copyFile(join(web, "tokens.css"), join(out, "tokens.css"));
    await copyFile(join(packages, "lit-html/LICENSE"), join(out, "lit-license.txt"));
    for (const name of Object.keys(scripts)) {
      const body = await readFile(join(out, name));
      const gzip = gzipSync(body, { level: 9 }).length;
      console.log(`${name.padEnd(12)} ${body.length} bytes, ${gzip} gzipped`);
      if (gzip >= (limits[name] ?? Infinity)) throw new Error(`${name} is ${gzip} bytes gzipped; the limit is ${limits[name]}.`);
    }
    await rm(target, { recursive: true, force: true });
    await rename(out, target);
  } finally {
    await rm(out, { recursive: true, force: true });
  }
}
