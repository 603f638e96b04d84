// The entry for those who bring the module: nothing here says where it is.

import { PostgateError } from "./error.js";
import { load } from "./load.js";

export * from "./api.js";

/** Loads the module from where `source` says; once one is loaded, does nothing. */
export async function init(source) {
  await load(() => {
    if (source !== undefined) return source;
    throw new PostgateError("invalid-input", "postgate/slim has no module of its own: give init one.");
  });
}
