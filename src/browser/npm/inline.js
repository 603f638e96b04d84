// The entry with the module inside, for where no second file can be served.

import { load } from "./load.js";
import packed from "./packed.js";

export * from "./api.js";

async function unpack() {
  const bytes = Uint8Array.from(atob(packed), (sign) => sign.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Response(stream).arrayBuffer();
}

/** Unpacks and loads the module; once it is loaded, does nothing. */
export function init(source) {
  return load(() => source ?? unpack());
}
