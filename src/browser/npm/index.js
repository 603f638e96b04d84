// The entry for browsers, and for whatever else fetches files by address.

import { functions } from "./api.js";
import { PostgateError } from "./error.js";
import load, { initSync as loadSync } from "./glue.js";

export { PostgateError, sentence } from "./api.js";

let loaded = false;

/** Loads the module, by default `postgate.wasm` beside this file; once it is loaded, does nothing. */
export async function init(source) {
  await load({ module_or_path: await source });
  loaded = true;
}

/** Takes a compiled module or its bytes; once one is loaded, does nothing. */
export function initSync(module) {
  loadSync({ module });
  loaded = true;
}

export const {
  check,
  checkBytes,
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
} = functions(() => {
  if (!loaded) throw new PostgateError("not-initialized", "Await init() before the first call.");
});
