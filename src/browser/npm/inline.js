// The entry with the module inside, for pages where no second file can be served. Servers have it as the main entry.

import { load } from "./load.js";
import packed from "./packed.js";

export * from "./api.js";

async function unpack() {
  const bytes = Uint8Array.from(atob(packed), (sign) => sign.charCodeAt(0));
  return new Response(new Response(bytes).body.pipeThrough(new DecompressionStream("gzip"))).arrayBuffer();
}

/** Unpacks and loads the module; once it is loaded, does nothing. */
export function init(source) {
  return load(() => source ?? unpack());
}
