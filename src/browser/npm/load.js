// Loading the module: once, wherever it comes from.

import { PostgateError } from "./error.js";
import start, { initSync as startSync } from "./glue.js";
import { tag } from "./input.js";

let loaded = false;
let loading;
let provided;

/** Has the first call load what `find` gives at once, so that nobody has to await `init`. */
export function provide(find) {
  provided = find;
}

/** Called before every call: throws where there is no module. */
export function ready() {
  if (loaded) return;
  if (provided === undefined) throw new PostgateError("not-initialized", "Await init() before the first call.");
  initSync(provided());
}

/** Loads what `find` gives; where a module is loaded or on its way, waits for that. One that failed may be tried again. */
export async function load(find) {
  if (loaded) return;
  loading ??= Promise.resolve(find())
    .then((source) => (loaded ? undefined : start({ module_or_path: source })))
    .catch(refused)
    .then(() => void (loaded = true))
    .finally(() => void (loading = undefined));
  await loading;
}

function refused(cause) {
  if (cause instanceof PostgateError) throw cause;
  const expected = "Expected postgate.wasm: its address, a response with it, its bytes, or the compiled module.";
  const advice = "A bundler that copies no files needs postgate/inline.";
  throw new PostgateError("not-initialized", `The module cannot be loaded. ${expected} ${advice} The cause tells more.`, { cause });
}

/** Takes a compiled module or its bytes; once one is loaded, does nothing. */
export function initSync(module) {
  if (loaded) return;
  try {
    startSync({ module: compiled(module) });
  } catch (cause) {
    throw new PostgateError("invalid-input", "Expected postgate.wasm as a compiled module, or its bytes.", { cause });
  }
  loaded = true;
}

/** The glue knows a module by its class alone: one of another frame or context gets that of this one. */
function compiled(module) {
  const foreign = tag(module) === "WebAssembly.Module" && !(module instanceof WebAssembly.Module);
  return foreign ? Object.setPrototypeOf(module, WebAssembly.Module.prototype) : module;
}
