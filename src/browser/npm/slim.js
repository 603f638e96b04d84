// The entry for those who bring the module: nothing here says where it is.

import { functions } from "./api.js";
import { PostgateError } from "./error.js";
import { load, ready } from "./load.js";

export { PostgateError, sentence } from "./api.js";
export { initSync } from "./load.js";

/** Loads the module from where `source` says; once one is loaded, does nothing. */
export async function init(source) {
  await load(() => {
    if (source !== undefined) return source;
    throw new PostgateError("invalid-input", "postgate/slim has no module of its own: give init one.");
  });
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
