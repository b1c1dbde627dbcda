// Writes a `.br` beside each text asset of dist/ (the server sends it as it is), prints the sizes, and fails over budget.

import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const DIST = fileURLToPath(new URL("../dist/", import.meta.url));
const TEXT = new Set([".js", ".css", ".html", ".svg", ".json"]);
const FIRST_PAGE_BYTES = 250_000;
const LAZY_BYTES = 150_000;

const files = readdirSync(DIST, { recursive: true })
  .filter((name) => TEXT.has(extname(name)))
  .map(compress);
const html = readFileSync(join(DIST, "index.html"), "utf8");
const isFirst = (file) => file.name === "index.html" || html.includes(file.name.replaceAll("\\", "/"));

for (const file of files.sort((a, b) => b.gzip - a.gzip))
  print(file.name, file, isFirst(file) ? "first page" : "");
const first = total(files.filter(isFirst));
print("first page", first, "");
print("everything", total(files), "");

const heavy = files.filter((file) => !isFirst(file) && file.gzip > LAZY_BYTES).map((file) => file.name);
if (first.gzip > FIRST_PAGE_BYTES) heavy.push("first page");
if (heavy.length > 0) {
  console.error(`over budget: ${heavy.join(", ")}`);
  process.exit(1);
}

function compress(name) {
  const bytes = readFileSync(join(DIST, name));
  const params = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length };
  const packed = brotliCompressSync(bytes, { params });
  writeFileSync(join(DIST, `${name}.br`), packed);
  return { name, plain: bytes.length, gzip: gzipSync(bytes, { level: 9 }).length, brotli: packed.length };
}

function total(list) {
  const add = (field) => list.reduce((sum, file) => sum + file[field], 0);
  return { plain: add("plain"), gzip: add("gzip"), brotli: add("brotli") };
}

function print(name, { plain, gzip, brotli }, note) {
  const kb = (bytes) => `${(bytes / 1000).toFixed(1)} KB`.padStart(11);
  console.log(`${name.padEnd(44)}${kb(plain)}  gzip${kb(gzip)}  br${kb(brotli)}  ${note}`);
}
