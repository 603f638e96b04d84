// The entry for Node, which reads the module from disk at the first call.

import { readFileSync } from "node:fs";

import { functions } from "./api.js";
import load, { initSync as loadSync } from "./glue.js";

export { PostgateError, sentence } from "./api.js";

let loaded = false;

function ready() {
  if (!loaded) initSync(readFileSync(new URL("./postgate.wasm", import.meta.url)));
}

/** Loads the module now, which the first call does otherwise; from another place where one is given. */
export async function init(source) {
  if (source === undefined) return ready();
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
} = functions(ready);
