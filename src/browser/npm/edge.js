// The entry for Cloudflare's runtime and Vercel's edge runtime, which compile modules before they start and hand them out
// by import. What builds for them knows a module by the `?module`.

import module from "./postgate.wasm?module";

import { load, provide } from "./load.js";

export * from "./api.js";

provide(() => module);

/** Loads the module now, which the first call does otherwise; another one where one is given. */
export function init(source) {
  return load(() => source ?? module);
}
