/** The compiled module, as Cloudflare's runtime and others import it; bundlers may give its address instead. */
declare const module: WebAssembly.Module;
export default module;
