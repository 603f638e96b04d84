// The case suite as the native door leaves it under `target/cases`: inputs, and the verdicts that all doors must give.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";

const FOLDER = new URL("../../target/cases/", import.meta.url);

function read(name) {
  return readFileSync(new URL(name, FOLDER));
}

/** Every case: name, do, options, ok, input and verdict as bytes, batches as SHA-256. */
export const cases = JSON.parse(read("index.json")).map((entry) => ({
  ...entry,
  input: read(entry.input),
  verdict: read(entry.verdict),
}));

/** In hexadecimal. */
export function sha256(bytes) {
  return createHash("sha256").update(bytes).digest("hex");
}

/** Fails when a verdict is not, to the byte, that of the native door. */
export function sameVerdict(bytes, entry) {
  if (Buffer.compare(Buffer.from(bytes), entry.verdict) !== 0) {
    assert.equal(Buffer.from(bytes).toString(), entry.verdict.toString(), entry.name);
  }
}

/** Says how many cases went through a door, for the summary; fewer than there are is a failure. */
export function report(door, count) {
  assert.equal(count, cases.length, `the door ${door} left cases out`);
  console.log(`door ${door}: ${count} cases`);
}
