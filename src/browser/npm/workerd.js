// The entry for Cloudflare's runtime, which compiles modules before it starts and hands them out by import.

import module from "./postgate.wasm";

import { load, provide } from "./load.js";

export * from "./api.js";

provide(() => module);

/** Loads the module now, which the first call does otherwise; another one where one is given. */
export function init(source) {
  return load(() => source ?? module);
}
