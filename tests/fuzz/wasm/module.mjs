// The properties of `tests/fuzzing.rs` in wasm, and the corpora that they are tried on.

import { readFileSync, readdirSync } from 'node:fs';

import * as glue from '../../../target/fuzz/wasm/postgate_fuzz_wasm.js';

const CORPUS = new URL('../corpus/', import.meta.url);
const MODULE = new WebAssembly.Module(
  readFileSync(new URL('../../../target/fuzz/wasm/postgate_fuzz_wasm_bg.wasm', import.meta.url)),
);

glue.initSync({ module: MODULE });

export const targets = glue.targets();

/** The files of a target's corpus: names and bytes. */
export function corpus(target) {
  const folder = new URL(`${target}/`, CORPUS);
  return readdirSync(folder).map((name) => [name, new Uint8Array(readFileSync(new URL(name, folder)))]);
}

/** Throws where a property does not hold, or the module traps, which then is of no use any more. */
export function holds(target, bytes) {
  if (!glue.holds(target, bytes)) throw new Error(`there is no target ${target}`);
}
