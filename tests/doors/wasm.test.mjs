// The wasm door: the module as wasm-bindgen leaves it, in Node, without the package's wrapper.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";

import { cases, report, sameVerdict, sha256 } from "./suite.mjs";

const folder = process.env.POSTGATE_MODULE;
const glue = await import(join(folder, "glue.js"));
glue.initSync({ module: readFileSync(join(folder, "postgate.wasm")) });

test("every case in wasm", () => {
  let count = 0;
  for (const entry of cases) {
    sameVerdict(glue.check(entry.input, entry.options), entry);
    const batches = [];
    sameVerdict(glue.split(entry.input, entry.options, batches), entry);
    assert.deepEqual(batches.map(sha256), entry.batches, entry.name);
    count += 1;
  }
  report("wasm", count);
});
