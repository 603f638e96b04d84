// The packed package in pages: bare, under a strict policy, bundled, in workers. In real Chromium.

import assert from "node:assert/strict";
import { cpSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import test, { after } from "node:test";

import * as chromium from "../chromium.mjs";
import { Project, ROOT_TOOLS, RUN_SAMPLE, TOOLS, WELL } from "./installed.mjs";

const browser = await chromium.launch();
const servers = [];
after(async () => {
  await browser.close();
  for (const server of servers) server.close();
});

/** Serves a folder until the tests end; its address. */
async function serve(folder, headers) {
  const { server, address } = await chromium.serve(folder, headers);
  servers.push(server);
  return address;
}

/** Opens a page and gives what it comes to say. Whatever the browser complains of fails the test. */
async function said(address, patience = 60_000) {
  const page = await browser.newPage();
  const complaints = [];
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
  try {
    await page.goto(address);
    await page.waitForFunction(() => document.title.startsWith("{"), undefined, { timeout: patience }).catch((error) => {
      throw new Error(`${error.message}\n${complaints.join("\n")}`);
    });
    assert.deepEqual(complaints, []);
    return await page.title();
  } finally {
    await page.close();
  }
}

const html = (source) => `<!doctype html><link rel="icon" href="data:,"><script type="module" src="${source}"></script>`;
const program = (entry) => `
import * as postgate from "${entry}";
await postgate.init();
await Promise.all([postgate.init(), postgate.init()]);
${RUN_SAMPLE}
document.title = answer;`;
/** The same, and a file in a thread of its own. */
const whole = `
import { checkFile } from "postgate/worker";
const { verdict } = await checkFile(new Blob(["{}"]));
if (verdict.ok !== false) throw new Error("a verdict on nothing");
${program("postgate")}`;

test("a bare page, under a strict policy", async () => {
  const project = await Project.with({
    "index.html": html("main.js"),
    "main.js": program("/node_modules/postgate/index.js"),
    "inline/index.html": html("main.js"),
    "inline/main.js": program("/node_modules/postgate/inline.js"),
  });
  const policy = { "content-security-policy": "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'; img-src data:" };
  const address = await serve(project.folder, policy);
  assert.equal(await said(`${address}/`), WELL);
  assert.equal(await said(`${address}/inline/`), WELL);
});

test("Vite: dev and build, without configuration", async () => {
  const project = await Project.with({ "index.html": html("/main.js"), "main.js": program("postgate") }, { tools: ["vite"] });
  const { createServer: dev, build } = await import(join(TOOLS, "vite/dist/node/index.js"));
  const server = await dev({ root: project.folder, logLevel: "error", server: { host: "127.0.0.1", port: 0 } });
  try {
    await server.listen();
    assert.equal(await said(`http://127.0.0.1:${server.httpServer.address().port}/`), WELL);
  } finally {
    await server.close();
  }
  await build({ root: project.folder, logLevel: "error" });
  assert.equal(await said(`${await serve(project.path("dist"))}/`), WELL);
});

/** Bundles the program by webpack, or what is called alike, and opens what comes of it; what the page says. */
async function packed(tool, settings) {
  const project = await Project.with({ "src/index.js": whole, "dist/index.html": html("main.js") });
  const { default: bundle } = await import(join(TOOLS, tool));
  const all = { mode: "production", context: project.folder, output: { path: project.path("dist") }, ...settings };
  const stats = await new Promise((resolve, reject) => {
    bundle(all, (error, stats) => (error ? reject(error) : resolve(stats)));
  });
  assert.equal(stats.hasErrors(), false, stats.toString());
  return said(`${await serve(project.path("dist"))}/`);
}

test("webpack, without configuration", async () => {
  assert.equal(await packed("webpack/lib/index.js"), WELL);
});

test("Rspack, without configuration", async () => {
  assert.equal(await packed("@rspack/core/dist/index.js"), WELL);
});

test("a bundler that knows no exports, as Parcel without configuration", async () => {
  const module = { rules: [{ test: /\.js$/, resolve: { fullySpecified: false } }] };
  assert.equal(await packed("webpack/lib/index.js", { mode: "none", resolve: { exportsFields: [] }, module }), WELL);
});

test("esbuild, Rollup and Bun, with the module inside", async () => {
  const pages = Object.fromEntries(["esbuild", "rollup", "bun"].map((name) => [`out/${name}.html`, html(`${name}.js`)]));
  const project = await Project.with({ "main.js": program("postgate/inline"), ...pages });
  await project.run(join(ROOT_TOOLS, ".bin/esbuild"), ["main.js", "--bundle", "--format=esm", "--minify", "--outfile=out/esbuild.js"]);
  // Rollup finds packages only by a plugin, and this one is a line.
  const { rollup } = await import(join(TOOLS, "rollup/dist/es/rollup.js"));
  const resolveId = (id) => (id === "postgate/inline" ? project.path("node_modules/postgate/inline.js") : null);
  const bundle = await rollup({ input: project.path("main.js"), plugins: [{ name: "find", resolveId }] });
  await bundle.write({ file: project.path("out/rollup.js"), format: "es" });
  await bundle.close();
  await project.run(join(TOOLS, ".bin/bun"), ["build", "main.js", "--target=browser", "--outfile=out/bun.js"]);
  const address = await serve(project.path("out"));
  for (const page of Object.keys(pages)) assert.equal(await said(`${address}/${basename(page)}`), WELL, page);
});

test("esbuild, with the files beside the bundle that it copies none of", async () => {
  const project = await Project.with({ "main.js": whole, "out/index.html": html("main.js") });
  const words = ["main.js", "worker-thread=node_modules/postgate/worker-thread.js", "--bundle", "--format=esm", "--outdir=out"];
  await project.run(join(ROOT_TOOLS, ".bin/esbuild"), [...words, "--log-level=error"]);
  cpSync(project.path("node_modules/postgate/postgate.wasm"), project.path("out/postgate.wasm"));
  assert.equal(await said(`${await serve(project.path("out"))}/`), WELL);
});

test("what is not used is not bundled", async () => {
  const files = {
    "sentence.js": 'import { sentence } from "postgate/inline"; console.log(sentence);',
    "phone.js": 'import { phone } from "postgate"; console.log(phone);',
  };
  const project = await Project.with(files);
  const bundle = (name) => project.run(join(ROOT_TOOLS, ".bin/esbuild"), [name, "--bundle", "--format=esm", "--log-level=error"]);
  const [sentence, phone] = await Promise.all(["sentence.js", "phone.js"].map(bundle));
  assert.doesNotMatch(sentence, /WebAssembly|atob/, "sentences need no module");
  assert.match(phone, /WebAssembly/);
  assert.doesNotMatch(phone, /checkStream|~standard/, "a number alone needs no checker and no schema");
});

test("a Web Worker of one's own", async () => {
  const project = await Project.with({
    "index.html": html("main.js"),
    "main.js": 'new Worker("worker.js", { type: "module" }).onmessage = ({ data }) => (document.title = data);',
    "worker.js": program("/node_modules/postgate/index.js").replace("document.title = answer", "postMessage(answer)"),
  });
  assert.equal(await said(`${await serve(project.folder)}/`), WELL);
});

/** Makes a request of many rows in the page, and watches how long the page is ever kept waiting. */
const LARGE = `
import { checkFile } from "ENTRY";
const rows = [];
for (let row = 0; row < 400000; row += 1) {
  rows.push('{"address":"+1415' + (2000000 + row) + '","channel":"PHONE","variables":{"name":"' + "x".repeat(40) + '"}}');
}
const file = new Blob(['{"to":[', rows.join(","), '],"content":{"text":"Hello"}}']);
rows.length = 0;
await new Promise((resolve) => setTimeout(resolve, 500));
let longest = 0;
let last = performance.now();
const watch = setInterval(() => {
  const now = performance.now();
  longest = Math.max(longest, now - last);
  last = now;
}, 10);
const start = performance.now();
const progress = [];
let batches = 0;
const { verdict } = await checkFile(file, {
  onProgress: (told) => progress.push(told),
  onBatch: () => void (batches += 1),
});
const took = performance.now() - start;
clearInterval(watch);
const stop = new AbortController();
const stopped = await checkFile(file, { signal: stop.signal, onProgress: () => stop.abort(new Error("enough")) }).catch(
  (error) => error.message,
);
const misuse = await checkFile(file, { limits: "none" }).catch((error) => error.name + " " + error.code);
document.title = JSON.stringify({
  ok: verdict.ok,
  rows: verdict.totals.recipients.listed,
  batches,
  told: progress.length,
  whole: progress.at(-1).bytes === file.size && progress.at(-1).pass === 2,
  stopped,
  misuse,
  longest,
  took,
});`;

async function large(address, t) {
  const { longest, took, told, ...rest } = JSON.parse(await said(address, 170_000));
  const misuse = "PostgateError invalid-option";
  assert.deepEqual(rest, { ok: true, rows: 400_000, batches: 40, whole: true, stopped: "enough", misuse });
  assert.ok(told >= 2, `progress was told ${told} times`);
  // No figure of speed: only that the page had its turns while the thread worked.
  assert.ok(longest < took / 2, `the page waited ${longest} ms of ${took}`);
  t.diagnostic(`400,000 rows in ${Math.round(took)} ms; the page waited ${Math.round(longest)} ms at most`);
}

test("checkFile: a large file in a thread of its own", async (t) => {
  const main = LARGE.replace("ENTRY", "/node_modules/postgate/worker.js");
  const project = await Project.with({ "index.html": html("main.js"), "main.js": main });
  await large(`${await serve(project.folder)}/`, t);
});

const MISUSE = `
import { checkFile } from "/node_modules/postgate/worker.js";
const frame = document.body.appendChild(document.createElement("iframe"));
const file = new Blob(["{}"]);
const told = (promise) => promise.then(() => "none", (error) => [error.name, error.code, error.message].filter(Boolean).join(" "));
window.read = (chosen) => told(checkFile(chosen));
document.title = JSON.stringify({
  text: await told(checkFile("{}")),
  options: await told(checkFile(file, null)),
  callback: await told(checkFile(file, { onBatch: 5 })),
  signal: await told(checkFile(file, { signal: 5 })),
  proxy: await told(checkFile(file, { table: new Proxy({}, {}) })),
  aborted: await told(checkFile(file, { signal: AbortSignal.abort(new Error("before")) })),
  module: await told(checkFile(file, { module: "/nowhere.wasm" })),
  frame: await told(checkFile(new frame.contentWindow.File(["{}"], "request.json"))),
});`;

test("checkFile: what it is called with, and a file that is gone", async () => {
  const page = html("main.js").replace("<script", '<input type="file"><script');
  const project = await Project.with({ "index.html": page, "main.js": MISUSE, "request.json": "{}" });
  const address = await serve(project.folder);
  const tab = await browser.newPage();
  await tab.goto(`${address}/`);
  await tab.waitForFunction(() => document.title.startsWith("{"));
  const told = JSON.parse(await tab.title());
  const { aborted, frame, ...misuses } = told;
  assert.deepEqual([aborted, frame], ["Error before", "none"]);
  const expected = {
    text: "invalid-input Expected a File or a Blob",
    options: "invalid-option Expected the options as a plain object",
    callback: "invalid-option The option onBatch must be a function",
    signal: "invalid-option The option signal must be an AbortSignal",
    proxy: "invalid-option The options cannot be handed to a worker",
    module: "not-initialized The module cannot be loaded",
  };
  assert.deepEqual(Object.keys(misuses), Object.keys(expected));
  for (const [name, said] of Object.entries(expected)) assert.ok(misuses[name].startsWith(`PostgateError ${said}`), misuses[name]);

  await tab.setInputFiles("input", project.path("request.json"));
  rmSync(project.path("request.json"));
  const gone = await tab.evaluate(() => window.read(document.querySelector("input").files[0]));
  assert.match(gone, /^PostgateError invalid-input The file cannot be read/);
  await tab.close();
});

test("checkFile: bundled by Vite", async (t) => {
  const files = { "index.html": html("/main.js"), "main.js": LARGE.replace("ENTRY", "postgate/worker") };
  const project = await Project.with(files);
  const { build } = await import(join(TOOLS, "vite/dist/node/index.js"));
  await build({ root: project.folder, logLevel: "error", worker: { format: "es" } });
  await large(`${await serve(project.path("dist"))}/`, t);
});
