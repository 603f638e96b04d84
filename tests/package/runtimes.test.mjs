// The packed package in the runtimes that people have.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import { runInNewContext } from "node:vm";

import { Project, ROOT_TOOLS, RUN_SAMPLE, SAMPLE, TOOLS, WELL } from "./installed.mjs";

const NODES = [
  ["Node 20", join(TOOLS, "node-20/bin/node")],
  ["Node 22", join(ROOT_TOOLS, "node/bin/node")],
  ["the newest Node", join(TOOLS, "node-newest/bin/node")],
];
const MODULE = `import * as postgate from "postgate";\n${RUN_SAMPLE}\nconsole.log(answer);`;
const COMMON = `import("postgate").then((postgate) => {\n${RUN_SAMPLE}\nconsole.log(answer);\n});`;
const REQUIRED = `const postgate = require("postgate");\n${RUN_SAMPLE}\nconsole.log(answer);`;
const INLINE = `import * as postgate from "postgate/inline";\nawait postgate.init();\n${RUN_SAMPLE}\nconsole.log(answer);`;
const SLIM = `
import { readFileSync } from "node:fs";
import * as postgate from "postgate/slim";
const bytes = readFileSync(new URL(import.meta.resolve("postgate/postgate.wasm")));
postgate.initSync(new WebAssembly.Module(bytes));
postgate.initSync(bytes);
await postgate.init();
${RUN_SAMPLE}
console.log(answer);`;

const project = await Project.with({
  "module.mjs": MODULE,
  "common.cjs": COMMON,
  "required.cjs": REQUIRED,
  "inline.mjs": INLINE,
  "slim.mjs": SLIM,
});

test("the sample has cases of all areas", () => {
  assert.ok(SAMPLE.length >= 40, `${SAMPLE.length}`);
  assert.ok(SAMPLE.some((entry) => entry.answer.ok) && SAMPLE.some((entry) => entry.answer.ok === false));
});

for (const [name, node] of NODES) {
  test(`${name}: modules, CommonJS, inline and slim`, async () => {
    for (const file of ["module.mjs", "common.cjs", "required.cjs", "inline.mjs", "slim.mjs"]) {
      assert.equal(await project.run(node, [file]), WELL, file);
    }
  });
}

test("a program for Node in one file, away from the package", async () => {
  const bundled = await Project.with({ "main.mjs": MODULE });
  const words = ["main.mjs", "--bundle", "--platform=node", "--format=cjs", "--outfile=out/main.cjs", "--log-level=error"];
  await bundled.run(join(ROOT_TOOLS, ".bin/esbuild"), words);
  rmSync(bundled.path("node_modules"), { recursive: true });
  assert.equal(await bundled.run(process.execPath, ["out/main.cjs"]), WELL);
});

test("Vercel's edge runtime: a module of another context, and none may be compiled", async () => {
  const { build } = await import(join(ROOT_TOOLS, "esbuild/lib/main.js"));
  const edge = await Project.with({ "main.mjs": `import * as postgate from "postgate";\n${RUN_SAMPLE}\ntold(answer);` });
  // What Next.js makes of such an import.
  const modules = {
    name: "modules",
    setup(build) {
      build.onResolve({ filter: /\.wasm\?module$/ }, ({ path }) => ({ path, namespace: "modules" }));
      build.onLoad({ filter: /./, namespace: "modules" }, () => ({ contents: "export default given;" }));
    },
  };
  const made = await build({
    absWorkingDir: edge.folder,
    entryPoints: ["main.mjs"],
    bundle: true,
    write: false,
    conditions: ["edge-light"],
    plugins: [modules],
  });
  const given = new WebAssembly.Module(readFileSync(edge.path("node_modules/postgate/postgate.wasm")));
  let answer;
  const around = { given, told: (text) => void (answer = text), TextDecoder, TextEncoder };
  runInNewContext(made.outputFiles[0].text, around, { contextCodeGeneration: { strings: false, wasm: false } });
  assert.equal(answer, WELL);
});

test("the entry with the module inside, where a blob has no stream, as in jsdom", async () => {
  const program = INLINE.replace("postgate/inline", "./node_modules/postgate/inline.js");
  const files = { "main.mjs": 'delete Blob.prototype.stream;\nawait import("./inside.mjs");', "inside.mjs": program };
  assert.equal(await (await Project.with(files)).run(process.execPath, ["main.mjs"]), WELL);
});

test("Deno, which may not read files", async () => {
  const deno = join(TOOLS, ".bin/deno");
  const words = ["run", "--no-remote", "--no-prompt", "--node-modules-dir=manual", "module.mjs"];
  assert.equal(await project.run(deno, words, { env: { DENO_NO_UPDATE_CHECK: "1" } }), WELL);
});

test("Bun", async () => {
  assert.equal(await project.run(join(TOOLS, ".bin/bun"), ["module.mjs"]), WELL);
});

test("every entry offers the same", async () => {
  const entries = ["node.js", "index.js", "slim.js", "inline.js"];
  const program = `
    const names = [];
    for (const entry of ${JSON.stringify(entries)}) {
      names.push(Object.keys(await import("./node_modules/postgate/" + entry)).sort().join());
    }
    console.log(new Set(names).size, names[0].includes("initSync"));`;
  assert.equal(await project.run(process.execPath, ["--input-type=module", "--eval", program]), "1 true");
});

test("a Worker in workerd, before and after an injected trap", async (t) => {
  const program = `
    import * as postgate from "postgate";
    export default {
      async fetch(request) {
        if (new URL(request.url).pathname === "/trap") return new Response(trapped());
        ${RUN_SAMPLE}
        return new Response(answer);
      },
    };
    // The module calls this for its rejects' sentences; an exception that is not its own leaves it in the middle.
    function trapped() {
      const checker = new postgate.Checker({ table: true });
      const parse = JSON.parse;
      try {
        JSON.parse = () => { throw new Error("injected"); };
        checker.push(new TextEncoder().encode("phone\\n+14155550100\\nnothing\\n"));
        checker.finish();
        return "nothing trapped";
      } catch (error) {
        return error.code;
      } finally {
        JSON.parse = parse;
      }
    }`;
  const settings = 'name = "worker"\nmain = "worker.mjs"\ncompatibility_date = "2026-01-01"\nsend_metrics = false\n';
  const worker = await Project.with({ "worker.mjs": program, "wrangler.toml": settings });
  const address = await dev(worker, t);
  const ask = async (path) => (await fetch(address + path)).text();
  assert.equal(await ask("/"), WELL);
  assert.equal(await ask("/trap"), "trap");
  assert.equal(await ask("/"), WELL, "the next call gets a new instance");
});

/** Runs a project's Worker as wrangler does, until the test ends; its address. */
async function dev(worker, t) {
  const words = [join(ROOT_TOOLS, "wrangler/bin/wrangler.js"), "dev", "--ip", "127.0.0.1", "--port", "0", "--show-interactive-dev-session=false"];
  const env = { ...process.env, CI: "1", WRANGLER_SEND_METRICS: "false", NO_COLOR: "1" };
  const child = spawn(process.execPath, words, { cwd: worker.folder, env, stdio: ["ignore", "pipe", "pipe"] });
  const ended = new Promise((resolve) => child.on("exit", resolve));
  t.after(async () => {
    child.kill("SIGTERM");
    await ended;
  });
  let log = "";
  return new Promise((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text) => {
        log += text;
        const ready = /Ready on (http:\/\/127\.0\.0\.1:\d+)/.exec(log);
        if (ready) resolve(ready[1]);
      });
    }
    child.on("exit", () => reject(new Error(`wrangler ended:\n${log}`)));
  });
}
