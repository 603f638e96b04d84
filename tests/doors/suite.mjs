// The case suite as the native door leaves it under `target/cases`: inputs, and the answers that all doors must give.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";

const FOLDER = new URL("../../target/cases/", import.meta.url);

function read(name) {
  return readFileSync(new URL(name, FOLDER));
}

const all = JSON.parse(read("index.json")).map((entry) => ({
  ...entry,
  input: read(entry.input),
  answer: read(entry.answer),
}));

/** The cases of requests: name, do, options, input and verdict as bytes, batches as SHA-256. */
export const cases = all.filter((entry) => entry.judges).map((entry) => ({ ...entry, verdict: entry.answer }));

/** The other cases: name, do, options, input and answer as bytes. */
export const others = all.filter((entry) => !entry.judges);

/** Those of them that summarize a request; the rest has no HTTP door. */
export const summaries = others.filter((entry) => entry.do === "summarize");

/** What the function that one of them names is called with. */
export function given({ do: action, input, variables, options }) {
  if (action === "summarize") return [input, options];
  const text = input.toString();
  if (action === "variables") return [text];
  return action === "render" ? [text, variables, options] : [text, options];
}

/** In hexadecimal. */
export function sha256(bytes) {
  return createHash("sha256").update(bytes).digest("hex");
}

/** Fails when an answer, such as a verdict, is not, to the byte, that of the native door. */
export function sameAnswer(bytes, entry) {
  if (Buffer.compare(Buffer.from(bytes), entry.answer) !== 0) {
    assert.equal(Buffer.from(bytes).toString(), entry.answer.toString(), entry.name);
  }
}

/** Says how many cases went through a door, for the summary; fewer than it must take is a failure. */
export function report(door, count, entries = all) {
  assert.equal(count, entries.length, `the door ${door} left cases out`);
  console.log(`door ${door}: ${count} cases`);
}
