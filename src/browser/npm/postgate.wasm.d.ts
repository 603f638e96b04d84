import type { CompiledModule } from "./types.js";

/** The compiled module, as Cloudflare's runtime and others import it; bundlers may give its address instead. */
declare const module: CompiledModule;
export default module;
