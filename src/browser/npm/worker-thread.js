// The thread of a checker: takes one file, tells how far it is, and answers once.

import { checkStream, init, PostgateError } from "./index.js";

/** Milliseconds between two messages of progress. */
const PAUSE = 100;

function post(kind, value, moved = []) {
  self.postMessage({ kind, value }, moved);
}

/** Hands a batch over and waits until it was taken, so that they do not pile up. */
function hand(body) {
  post("batch", body, [body.buffer]);
  return new Promise((resolve) => {
    self.onmessage = resolve;
  });
}

/** The file's stream; what was read of it, this time and before, is told now and then. */
function counted(file, progress) {
  progress.pass += 1;
  let last = 0;
  let bytes = 0;
  const counter = new TransformStream({
    transform(piece, controller) {
      bytes += piece.length;
      const now = performance.now();
      if (now - last >= PAUSE || bytes === file.size) {
        last = now;
        post("progress", { pass: progress.pass, bytes, total: file.size });
      }
      controller.enqueue(piece);
    },
  });
  return file.stream().pipeThrough(counter);
}

self.onmessage = async ({ data: { file, options, module, wantsBatches } }) => {
  try {
    await init(module);
    const progress = { pass: 0 };
    const open = () => counted(file, progress);
    // What is left out is a function, which cannot be posted.
    const { row: _, ...value } = await checkStream(open, { ...options, onBatch: wantsBatches ? hand : undefined });
    post("done", value);
  } catch (error) {
    // All else is thrown by the file's stream, and says little: "network error", for one.
    const gone = "The file cannot be read; it may have been changed, moved or removed since it was chosen.";
    const { code, message, cause } =
      error instanceof PostgateError ? error : { code: "invalid-input", message: gone, cause: error };
    post("failed", { code, message, cause: cause === undefined ? undefined : String(cause) });
  }
};
