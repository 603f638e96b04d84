// What `postgate/worker` offers.

import type { Checked, CheckerOptions, CompiledModule, MaybePromise } from "./types.js";

/** How a file is judged in the background. */
export interface CheckFileOptions extends Omit<CheckerOptions, "batches" | "reason"> {
  /** Stops it: the promise is rejected with the signal's reason. */
  signal?: AbortSignal;
  /** Called about ten times a second. A file is read once or twice; `pass` counts from 1. */
  onProgress?: (progress: { pass: number; bytes: number; total: number }) => void;
  /** Takes the batches, one after the other, once the verdict is ok. */
  onBatch?: (body: Uint8Array<ArrayBuffer>) => MaybePromise<void>;
  /** The module or its address, where it is not `postgate.wasm` beside this package's files. */
  module?: CompiledModule | string;
}

/**
 * Judges what a file or blob holds, in a Web Worker of its own, so that the page stays responsive.
 *
 * @throws {PostgateError} As a promise that is rejected; `invalid-input` also where the file cannot be read. What
 *   `onBatch` throws comes through as it is.
 *
 * @example
 * import { checkFile } from "postgate/worker";
 *
 * const { verdict } = await checkFile(input.files![0]!, { onProgress: ({ bytes, total }) => (bar.value = bytes / total) });
 */
export function checkFile(file: Blob, options?: CheckFileOptions): Promise<Checked>;
