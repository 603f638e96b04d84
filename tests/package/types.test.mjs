// The types: found by every way of resolving, and true of every example of the README and of the contract itself. And
// what the README says of its examples.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";

import { checkPackage, createPackageFromTarballData } from "@arethetypeswrong/core";

import { Project, TARBALL, TOOLS } from "./installed.mjs";

test("are the types wrong? no", async () => {
  const result = await checkPackage(createPackageFromTarballData(readFileSync(TARBALL)), {
    // A module of WebAssembly, and a file that is no program.
    excludeEntrypoints: ["./package.json", "./postgate.wasm"],
  });
  assert.ok(result.types, "there are types");
  // The package is ESM only: CommonJS reaches it by dynamic import, and the old resolution knows no exports.
  const allowed = ({ kind, resolutionKind }) =>
    kind === "CJSResolvesToESM" || (kind === "NoResolution" && resolutionKind === "node10");
  assert.deepEqual(result.problems.filter((problem) => !allowed(problem)), []);
});

const STRICT = {
  compilerOptions: {
    strict: true,
    noEmit: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    module: "nodenext",
    target: "es2022",
    lib: ["es2023", "esnext.disposable", "dom", "dom.iterable", "dom.asynciterable"],
    types: ["node"],
    moduleDetection: "force",
  },
  include: ["*.ts"],
};

/** What the examples take from their surroundings. */
const AROUND = `
declare global {
  const request: Uint8Array;
  const pieces: Uint8Array[];
  const customers: { id: string; phone: string }[];
  const file: File;
  const input: HTMLInputElement;
  const bar: HTMLProgressElement;
  function send(body: Uint8Array): Promise<void>;
  function post(body: Uint8Array): Promise<void>;
  function readFile(path: string): Promise<Uint8Array>;
}
export {};`;

/** Examples that import nothing have the whole package in scope. */
function program(code) {
  const imports = /^import .* from "postgate/m.test(code);
  return imports ? code : `import * as all from "postgate";\n${names(code)}\n${code}\n`;
}

function names(code) {
  const offered = ["init", "initSync", "check", "checkBytes", "normalize", "split", "preview", "summarize", "segments",
    "render", "variables", "phone", "fromTable", "Checker", "checkStream", "schema", "sentence", "inRows", "PostgateError"];
  const used = offered.filter((name) => new RegExp(`\\b${name}\\(|new ${name}\\b|instanceof ${name}\\b|map\\(${name}`).test(code));
  const types = ["Prices", "Mapping", "Verdict"].filter((name) => code.includes(`: ${name} `));
  return `const { ${used.join(", ")} } = all;\n${types.map((name) => `type ${name} = all.${name};`).join("\n")}`;
}

/** The schema is what the standard's own types want. */
const STANDARD = `
import type { StandardSchemaV1 } from "@standard-schema/spec";
import { schema } from "postgate";

interface Send {
  to: { address: string; channel: string }[];
  content: { text: string };
}
const standard: StandardSchemaV1<Send> = schema<Send>({ defaultRegion: "US" });
const send: StandardSchemaV1.InferOutput<ReturnType<typeof schema<Send>>> = { to: [], content: { text: "" } };
const result: StandardSchemaV1.Result<Send> = schema<Send>()["~standard"].validate(send);
// @ts-expect-error: a schema of sends is none of numbers.
const wrong: StandardSchemaV1<number> = standard;
export { result, wrong };`;

test("every example compiles, strictly", async () => {
  const project = await Project.with({});
  const inside = (name) => readFileSync(project.path(`node_modules/postgate/${name}`), "utf8");
  const files = { "around.d.ts": AROUND, "tsconfig.json": JSON.stringify(STRICT) };
  let count = 0;
  for (const [, code] of inside("README.md").matchAll(/^```(?:js|ts)\n(.*?)^```/gms)) {
    files[`readme${(count += 1)}.ts`] = program(code);
  }
  assert.ok(count >= 4, `only ${count} examples in the README`);
  let inTypes = 0;
  for (const name of ["types.d.ts", "worker.d.ts"]) {
    for (const [, lines] of inside(name).matchAll(/@example\n(.*?)\*\//gs)) {
      files[`types${(inTypes += 1)}.ts`] = program(lines.replace(/^ *\* ?/gm, ""));
    }
  }
  assert.ok(inTypes >= 8, `only ${inTypes} examples in the types`);
  files["standard.ts"] = STANDARD;
  const compiled = await Project.with(files, { tools: ["@types/node", "undici-types", "@standard-schema/spec", "@tanstack/form-core"] });
  await compiled.run(join(TOOLS, ".bin/tsc"), ["--project", "tsconfig.json"]);
});

/** What a project that has few types says of the package's own. */
const LEAN = `
import { Checker, init, initSync } from "postgate";
import module from "postgate/postgate.wasm";
import { checkFile } from "postgate/worker";

await init(module);
initSync(module);
new Checker()[Symbol.dispose]();
export const check = checkFile;`;
const COMPILED = "export const same: WebAssembly.Module = module;";

test("the types ask for no types of pages, of WebAssembly or of what is new", async () => {
  const options = { strict: true, noEmit: true, skipLibCheck: false, target: "es2022", moduleDetection: "force" };
  const settings = {
    server: { module: "node16", lib: ["es2022"], types: ["node"] },
    page: { module: "esnext", moduleResolution: "bundler", lib: ["es2022", "dom"], types: [] },
    thread: { module: "nodenext", lib: ["es2022", "webworker"], types: [] },
  };
  const files = { "server.ts": LEAN, "page.ts": LEAN + COMPILED, "thread.ts": LEAN + COMPILED };
  for (const [name, own] of Object.entries(settings)) {
    files[`${name}.json`] = JSON.stringify({ compilerOptions: { ...options, ...own }, files: [`${name}.ts`] });
  }
  const project = await Project.with(files, { tools: ["@types/node", "undici-types"] });
  for (const name of Object.keys(settings)) await project.run(join(TOOLS, ".bin/tsc"), ["--project", `${name}.json`]);
});

/** What the README's examples take from their surroundings when they are run. */
const REQUEST = {
  to: [{ address: "+14155550132", channel: "PHONE" }],
  from: { address: "+15017122661", channel: "SMS" },
  content: { text: "Your table is ready." },
};

/** An example whose statements are held against what stands after or below them. */
function claims(code) {
  return code
    .replace(/^import .*$/gm, "")
    .replace(/^(\w.*);(?: |\n)\/\/ ([^…\n]+)$/gm, (whole, statement, claim) =>
      /^(const|let|for)\b/.test(statement) ? whole : `held(${statement}, ${claim});`,
    );
}

test("what the README says of its examples is what comes out", async () => {
  const readme = readFileSync((await Project.with({})).path("node_modules/postgate/README.md"), "utf8");
  const examples = [...readme.matchAll(/^```js\n(.*?)^```/gms)].map(([, code]) => code);
  const held = examples.filter((code) => /from "postgate";/.test(code) && !code.includes("document")).map(claims);
  const blocks = held.filter((code) => code.includes("held(")).map((code) => `{\n${code}}`);
  const program = `
    import assert from "node:assert/strict";
    import { check, preview, render, segments, sentence, summarize, variables } from "postgate";
    const request = ${JSON.stringify(REQUEST)};
    const console = { log() {} };
    let count = 0;
    const held = (value, claim) => { assert.deepEqual(value, claim); count += 1; };
    ${blocks.join("\n")}
    process.stdout.write(String(count));`;
  const project = await Project.with({ "readme.mjs": program });
  assert.equal(await project.run(process.execPath, ["readme.mjs"]), "6");
});
