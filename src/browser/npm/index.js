// The entry for browsers, and for whatever else fetches files by address.

import { load } from "./load.js";

export * from "./api.js";

/** Loads the module, by default `postgate.wasm` beside this file; once it is loaded, does nothing. */
export function init(source) {
  // To the letter what bundlers look for.
  return load(() => source ?? new URL("./postgate.wasm", import.meta.url));
}
