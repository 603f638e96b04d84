// A checker in a thread of its own, so that a page stays responsive.

import { PostgateError } from "./error.js";
import { callback, plain, tag } from "./input.js";

/** Judges what a file or blob holds, in a Web Worker of its own. */
export function checkFile(file, given) {
  return new Promise((resolve, reject) => {
    if (!["File", "Blob"].includes(tag(file))) throw new PostgateError("invalid-input", "Expected a File or a Blob.");
    const { signal, onProgress, onBatch, module, ...options } = plain(given);
    callback("onProgress", onProgress);
    callback("onBatch", onBatch);
    if (signal !== undefined && tag(signal) !== "AbortSignal") {
      throw new PostgateError("invalid-option", "The option signal must be an AbortSignal.");
    }
    signal?.throwIfAborted();
    if (typeof Worker === "undefined") {
      throw new PostgateError("not-initialized", "There are no Web Workers here; checkStream does the same without one.");
    }
    // To the letter what bundlers look for.
    const worker = new Worker(new URL("./worker-thread.js", import.meta.url), { type: "module" });
    const end = (settle, value) => {
      worker.terminate();
      signal?.removeEventListener("abort", abort);
      settle(value);
    };
    const abort = () => end(reject, signal.reason);
    signal?.addEventListener("abort", abort);
    worker.onerror = (event) => {
      event.preventDefault?.();
      end(reject, new PostgateError("trap", "The worker did not start, or stopped. It is worker-thread.js, beside what starts it.", { cause: event.message }));
    };
    worker.onmessage = async ({ data: { kind, value } }) => {
      try {
        if (kind === "progress") onProgress?.(value);
        if (kind === "batch") {
          await onBatch(value);
          worker.postMessage("taken");
        }
        if (kind === "done") end(resolve, { ...value, row: (index) => value.rowNumbers?.[index] });
        if (kind === "failed") end(reject, new PostgateError(value.code, value.message, { cause: value.cause }));
      } catch (error) {
        end(reject, error);
      }
    };
    try {
      worker.postMessage({ file, options, module, wantsBatches: onBatch !== undefined });
    } catch (cause) {
      const advice = "Expected plain values, and neither functions nor proxies.";
      end(reject, new PostgateError("invalid-option", `The options cannot be handed to a worker. ${advice}`, { cause }));
    }
  });
}
