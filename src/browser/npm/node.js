// The entry for Node, Deno and Bun, which reads the module from disk at the first call.

import { readFileSync } from "node:fs";

import { functions } from "./api.js";
import { PostgateError } from "./error.js";
import { initSync, isLoaded, load } from "./load.js";

export { PostgateError, sentence } from "./api.js";
export { initSync } from "./load.js";

function read() {
  try {
    return readFileSync(new URL("./postgate.wasm", import.meta.url));
  } catch (cause) {
    const advice = "Was the package bundled? Leave it external, or use postgate/inline.";
    throw new PostgateError("not-initialized", `There is no postgate.wasm beside the package's files. ${advice}`, { cause });
  }
}

/** Loads the module now, which the first call does otherwise; from another place where one is given. */
export function init(source) {
  return load(() => source ?? read());
}

export const {
  check,
  checkBytes,
  normalize,
  split,
  summarize,
  preview,
  segments,
  render,
  variables,
  phone,
  fromTable,
  Checker,
  checkStream,
} = functions(() => isLoaded() || initSync(read()));
