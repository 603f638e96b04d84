// What all entries offer; each adds its own `init`. This list is the only one.

export * from "./functions.js";
export { Checker, checkStream } from "./checker.js";
export { PostgateError } from "./error.js";
export { initSync } from "./load.js";
export { schema } from "./schema.js";
export { inRows, sentence } from "./sentence.js";
