// The entry for Cloudflare's runtime, which compiles modules before it starts and hands them out by import.

import module from "./postgate.wasm";

import { functions } from "./api.js";
import { initSync, load } from "./load.js";

export { PostgateError, sentence } from "./api.js";
export { initSync } from "./load.js";

/** Loads the module now, which the first call does otherwise; another one where one is given. */
export function init(source) {
  return load(() => source ?? module);
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
} = functions(() => initSync(module));
