// The entry for browsers, and for whatever else fetches files by address.

import { functions } from "./api.js";
import { load, ready } from "./load.js";

export { PostgateError, sentence } from "./api.js";
export { initSync } from "./load.js";

/** Loads the module, by default `postgate.wasm` beside this file; once it is loaded, does nothing. */
export function init(source) {
  // To the letter what bundlers look for.
  return load(() => source ?? new URL("./postgate.wasm", import.meta.url));
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
} = functions(ready);
