// The entry for Node, Deno and Bun, with the module inside: bundlers of servers give no file's true address, and what
// runs without the permission to read files runs all the same.

import { Buffer } from "node:buffer";
import { gunzipSync } from "node:zlib";

import { load, provide } from "./load.js";
import packed from "./packed.js";

export * from "./api.js";

// In one piece of half a mebibyte, which is faster than many small ones.
const unpack = () => gunzipSync(Buffer.from(packed, "base64"), { chunkSize: 1 << 19 });

provide(unpack);

/** Loads the module now, which the first call does otherwise; from another place where one is given. */
export function init(source) {
  return load(() => source ?? unpack());
}
