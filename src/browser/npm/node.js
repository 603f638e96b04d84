// The entry for Node, Deno and Bun, which reads the module from disk at the first call.

import { readFileSync } from "node:fs";

import { PostgateError } from "./error.js";
import { load, provide } from "./load.js";

export * from "./api.js";

function read() {
  try {
    return readFileSync(new URL("./postgate.wasm", import.meta.url));
  } catch (cause) {
    const advice = "Was the package bundled? Leave it external, or use postgate/inline.";
    throw new PostgateError("not-initialized", `There is no postgate.wasm beside the package's files. ${advice}`, { cause });
  }
}

provide(read);

/** Loads the module now, which the first call does otherwise; from another place where one is given. */
export function init(source) {
  return load(() => source ?? read());
}
