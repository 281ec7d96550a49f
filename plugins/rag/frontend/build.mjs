// Builds the page where documents are managed into the Python package's static/ folder.
import { copyFile, mkdir, readFile, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "vite";

const here = dirname(fileURLToPath(import.meta.url));
const packages = join(here, "../../../node_modules");
const served = join(here, "../src/hookline_rag/static");
const out = join(packages, `.rag-${process.pid}`); // put in place when all of it is there: a server may be running
const TARGET = ["chrome123", "firefox121", "safari17.5"]; // light-dark() and nesting without a polyfill

try {
  await mkdir(out, { recursive: true });
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
      lib: { entry: join(here, "src/main.ts"), formats: ["es"], fileName: () => "knowledge.js" },
      rolldownOptions: { output: { codeSplitting: false } },
    },
  });
  await copyFile(join(here, "knowledge.html"), join(out, "knowledge.html"));
  await copyFile(join(here, "page.css"), join(out, "page.css"));
  await copyFile(join(here, "../../../web/tokens.css"), join(out, "tokens.css"));
  await copyFile(join(packages, "lit-html/LICENSE"), join(out, "lit-license.txt"));
  const code = await readFile(join(out, "knowledge.js"));
  console.log(`knowledge.js ${code.length} bytes, ${gzipSync(code, { level: 9 }).length} gzipped`);
  await rm(served, { recursive: true, force: true });
  await rename(out, served);
} finally {
  await rm(out, { recursive: true, force: true });
}
