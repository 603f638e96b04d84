// The wasm door: the module as wasm-bindgen leaves it, in Node; of the package's wrapper only what puts bodies together.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";

import { cases, given, others, report, sameAnswer, sha256 } from "./suite.mjs";

const folder = new URL("../../target/npm/package/", import.meta.url);
const glue = await import(new URL("glue.js", folder));
const { bodies } = await import(new URL("parts.js", folder));
const { spelled } = await import(new URL("options.js", folder));
glue.initSync({ module: readFileSync(new URL("postgate.wasm", folder)) });

test("every case in wasm", () => {
  let count = 0;
  for (const entry of cases) {
    sameAnswer(glue.check(entry.input, spelled(entry.options)), entry);
    const batches = [];
    sameAnswer(glue.split(entry.input, spelled(entry.options), batches), entry);
    assert.deepEqual(bodies(batches, entry.input).map(sha256), entry.batches, entry.name);
    count += 1;
  }
  for (const entry of others) {
    sameAnswer(glue[entry.do](...given({ ...entry, options: spelled(entry.options) })), entry);
    count += 1;
  }
  report("wasm", count);
});
